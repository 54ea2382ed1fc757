"""Pages of the room: the week, booking a visit, one booking and what either side may do with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import Felter, kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, current_user, current_user_id, kræver
from rådgivning.dansk import er_helligdag
from rådgivning.database import current_session, today
from rådgivning.kalender import agenda, answer_views, bookings, feed_views
from rådgivning.kalender.forms import STANDARD, BookFormular, StedFelter, med_rådgivere
from rådgivning.kalender.models import Aftale, AftaleData
from rådgivning.kalender.states import ARTER, Side
from rådgivning.plan.lister import afdelinger, etiket, valg

_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


def make_blueprint() -> Blueprint:
    """`/kalender`: the week, bookings, answers, the feed."""
    bp = Blueprint("kalender", __name__, url_prefix="/kalender")
    bp.add_url_rule("", view_func=uge)
    bp.add_url_rule("/ny", view_func=ny, methods=["GET", "POST"])
    answer_views.add_pages(bp)
    feed_views.add_pages(bp)
    return bp


def labels() -> Callable[[str, str], str]:
    """The label of a list's key, for templates."""
    session, plan_id = current_session(), current_helhedsplan_id()
    return lambda liste, nøgle: etiket(session, plan_id, liste, nøgle)


@kræver(Ret.KALENDER)
def uge() -> ResponseReturnValue:
    """The visits of one ISO week by day; this week unless `uge=2026-W47` says another."""
    session = current_session()
    dag = _chosen_week()
    dage = agenda.ugen(session, dag)
    venter = agenda.venter(session, "venter på svar")
    rådgivere = bookings.rådgivere(session)
    people = [i for d in dage for _tid, i in d.optaget] + [b.data.rådgiver_id for d in dage for b in d.besøg if b.data]
    return render_template(
        "kalender/uge.html",
        dage=dage,
        venter=venter,
        idag=today(),
        denne=agenda.mandag(dag) == agenda.mandag(today()),
        forrige=_week(dag - agenda.UGE),
        næste=_week(dag + agenda.UGE),
        navne=agenda.navne(session, people) if len(rådgivere) > 1 else {},
        egen=bookings.egen_side(session),
        etiket=labels(),
    )


def _week(dag: date) -> str:
    year, week, _day = dag.isocalendar()
    return f"{year}-W{week:02d}"


def _chosen_week() -> date:
    """A day of the week asked for; today when there is no such week, or none on either side to go to."""
    found = _WEEK.fullmatch(request.args.get("uge", ""))
    try:
        dag = date.fromisocalendar(int(found.group(1)), int(found.group(2)), 1) if found else today()
    except ValueError:
        return today()
    return dag if date.min.year < dag.year < date.max.year else today()


@kræver(Ret.KALENDER)
def ny() -> ResponseReturnValue:
    """Book a visit: the other side is asked. What speaks against the time is said first, and may be overridden."""
    session = current_session()
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Aftale)
    form = BookFormular(formdata=kladde) if kladde else BookFormular(data=_start())
    _choices(form)
    if not form.validate_on_submit():
        return _new_page(form, kladde=kladde, status=422 if form.is_submitted() else 200)
    dato, start, varighed = form.når
    imod = agenda.advarsler(session, dato, start, varighed, form.rådgiver_id, form.formular_id.data)
    if imod and request.form.get("alligevel") != form.tegn:
        return _new_page(form, imod=imod, status=422)
    data = AftaleData(start=start, varighed=varighed, rådgiver_id=form.rådgiver_id, **plain(form))
    aftale = bookings.book(session, data, dato=dato, note=form.note.data, id=form.formular_id.data)
    slet_kladde(session, request.path)
    session.commit()
    other = "beboerrådgiveren" if bookings.egen_side(session) is Side.DRIFT else "ejendomsdriften"
    flash(f"Besøget er foreslået. Det venter på svar fra {other}.")
    return redirect(url_for("kalender.vis", id=aftale.id), 303)


def plain(form: StedFelter) -> dict[str, Any]:
    """The form's texts as they go into the envelope."""
    return {name: form[name].data for name in ("art", "afdeling", "adresse", "lejemål", "deltagere")}


def _start() -> dict[str, Any]:
    """The day that was tapped in the week, else the next working day."""
    asked = request.args.get("dag", "")
    dag = date.fromisoformat(asked) if re.fullmatch(r"\d{4}-\d\d-\d\d", asked, re.ASCII) and _exists(asked) else None
    if dag is None:
        dag = today() + timedelta(days=1)
        while dag.weekday() > 4 or er_helligdag(dag):
            dag += timedelta(days=1)
    return {"dato": dag, "varighed": STANDARD}


def _exists(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _choices(form: StedFelter) -> None:
    """The plan's lists; ejendomsdrift books in the afdelinger of its own boligorganisation alone."""
    session, plan_id, own = current_session(), current_helhedsplan_id(), current_user().boligorganisation
    mine = afdelinger(session, plan_id, boligorganisation=own)
    form.afdeling.choices = [choice for choice in valg(session, plan_id, "afdeling") if choice[0] in mine]
    if len(mine) == 1 and not form.is_submitted():
        form.afdeling.process_data(next(iter(mine)))
    form.art.choices = [choice for choice in valg(session, plan_id, "art") if choice[0] in ARTER]
    med_rådgivere(form, [(b.id, b.navn) for b in bookings.rådgivere(session)], current_user_id())


def _new_page(
    form: BookFormular, *, kladde: Felter | None = None, imod: list[str] | None = None, status: int
) -> ResponseReturnValue:
    drift = bookings.egen_side(current_session()) is Side.DRIFT
    return render_template("kalender/ny.html", form=form, kladde=kladde, imod=imod, drift=drift), status
