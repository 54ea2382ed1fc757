"""Pages of one booking: what it says, and what either side may do with it as it stands."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import Felter, kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Ret, kræver
from rådgivning.dansk import dato as vis_dato
from rådgivning.database import current_session, today
from rådgivning.kalender import agenda, bookings
from rådgivning.kalender.forms import (
    BeskedFormular,
    RetFormular,
    TidspunktFormular,
    VersionFormular,
    med_rådgivere,
    varigheder,
)
from rådgivning.kalender.models import Aftale, AftaleData
from rådgivning.kalender.states import ARTER, STÅR, Side, Status, må
from rådgivning.plan.lister import afdelinger, etiket, valg

GJORT = {
    Status.BEKRÆFTET: "Besøget er bekræftet.",
    Status.AFVIST: "Besøget er afvist.",
    Status.AFLYST: "Besøget er aflyst.",
    Status.GENNEMFØRT: "Besøget er markeret som gennemført.",
}


def add_pages(bp: Blueprint) -> None:
    """`/kalender/<id>` and its answers."""
    both = ["GET", "POST"]
    bp.add_url_rule("/<uuid:id>", view_func=vis)
    bp.add_url_rule("/<uuid:id>/bekræft", view_func=bekræft, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/gennemført", view_func=gennemført, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/ikke-gennemført", view_func=ikke_gennemført, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/afvis", view_func=afvis, methods=both)
    bp.add_url_rule("/<uuid:id>/aflys", view_func=aflys, methods=both)
    bp.add_url_rule("/<uuid:id>/tidspunkt", view_func=tidspunkt, methods=both)
    bp.add_url_rule("/<uuid:id>/ret", view_func=ret, methods=both)


@kræver(Ret.KALENDER)
def vis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One booking."""
    return _page(id)


def _page(id: uuid.UUID, konflikt: str = "", status: int = 200, skrevet: str = "") -> ResponseReturnValue:  # noqa: A002
    """A booking's page; `skrevet` is what was typed for an answer that came too late."""
    session = current_session()
    aftale, data = bookings.hent_aftale(session, id)
    egen = bookings.egen_side(session)
    names = agenda.navne(session, [aftale.ejer_id, data.rådgiver_id])
    page = render_template(
        "kalender/aftale.html",
        aftale=aftale,
        data=data,
        note=bookings.hent_note(session, aftale) if egen is Side.RÅDGIVER else "",
        egen=egen,
        muligt=_possible(aftale, data, egen),
        imod=_against(aftale, data) if aftale.status == Status.FORESLÅET else [],
        tid=agenda.tidsrum(data.start, data.varighed),
        navne=names,
        idag=today(),
        konflikt=konflikt,
        skrevet=skrevet,
        etiket=_labels(aftale),
    )
    return page, status


def _closed(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Back to the booking, which says where it stands: there is nothing to fill in. What was sent is refused there."""
    if request.method == "POST":
        return _page(id, bookings.KAN_IKKE, 409)
    flash(bookings.KAN_IKKE, "advarsel")
    return redirect(url_for("kalender.vis", id=id), 303)


def _labels(aftale: Aftale) -> Any:
    session = current_session()
    return lambda liste, nøgle: etiket(session, aftale.helhedsplan_id, liste, nøgle)


def _possible(aftale: Aftale, data: AftaleData, egen: Side) -> set[str]:
    """The statuses this side may take the booking to today; "ret" while it stands."""
    args: dict[str, Any] = {"egen": egen, "afventer": data.afventer, "dato": aftale.dato, "idag": today()}
    found = {str(ny) for ny in Status if må(Status(aftale.status), ny, **args)}
    return found | ({"ret"} if aftale.status in STÅR else set())


def _against(aftale: Aftale, data: AftaleData) -> list[str]:
    return agenda.advarsler(current_session(), aftale.dato, data.start, data.varighed, data.rådgiver_id, aftale.id)


@kræver(Ret.KALENDER)
def bekræft(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One tap: yes."""
    return _answer(id, Status.BEKRÆFTET, VersionFormular())


@kræver(Ret.KALENDER)
def gennemført(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One tap: the visit took place; with `log` the way leads on to logging it."""
    answer = _answer(id, Status.GENNEMFØRT, VersionFormular())
    if "log" not in request.form or isinstance(answer, tuple):
        return answer
    return redirect(f"/kontakter/ny?aftale={id}", 303)


@kræver(Ret.KALENDER)
def ikke_gennemført(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """It did not take place after all: a tap on the wrong button is taken back."""
    session = current_session()
    try:
        bookings.ikke_gennemført(session, id, version=VersionFormular().shown_version)
    except bookings.AftaleÆndret as fejl:
        return _page(id, str(fejl), 409)
    session.commit()
    flash("Besøget er ikke længere markeret som gennemført.")
    return redirect(url_for("kalender.vis", id=id), 303)


@kræver(Ret.KALENDER)
def afvis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Say no, and why."""
    return _with_reason(id, Status.AFVIST, "kalender/afvis.html")


@kræver(Ret.KALENDER)
def aflys(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Cancel, and say why."""
    return _with_reason(id, Status.AFLYST, "kalender/aflys.html")


def _with_reason(id: uuid.UUID, ny: Status, template: str) -> ResponseReturnValue:  # noqa: A002
    session = current_session()
    aftale, data = bookings.hent_aftale(session, id)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = BeskedFormular(kladde) if kladde else BeskedFormular(data={"version": aftale.version})
    if not form.is_submitted() and ny not in _possible(aftale, data, bookings.egen_side(session)):
        return _closed(id)
    if not form.validate_on_submit():
        shown = {"aftale": aftale, "data": data, "tid": agenda.tidsrum(data.start, data.varighed), "kladde": kladde}
        page = render_template(template, form=form, etiket=_labels(aftale), **shown)
        return page, 422 if form.is_submitted() else 200
    return _answer(id, ny, form, form.besked.data)


def _answer(id: uuid.UUID, ny: Status, form: VersionFormular, besked: str = "") -> ResponseReturnValue:  # noqa: A002
    session = current_session()
    try:
        bookings.svar(session, id, ny, version=form.shown_version, besked=besked)
    except bookings.AftaleÆndret as fejl:
        return _page(id, str(fejl), 409, besked)
    slet_kladde(session, request.path)
    session.commit()
    flash(GJORT[ny])
    return redirect(url_for("kalender.vis", id=id), 303)


@kræver(Ret.KALENDER)
def tidspunkt(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Propose another time; the other side then answers."""
    session = current_session()
    aftale, data = bookings.hent_aftale(session, id, "nyt tidspunkt")
    start = {"dato": aftale.dato, "start": data.start, "varighed": data.varighed, "version": aftale.version}
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = TidspunktFormular(kladde) if kladde else TidspunktFormular(data=start)
    form.varighed.choices = varigheder(data.varighed)
    if not form.is_submitted() and Status.FORESLÅET not in _possible(aftale, data, bookings.egen_side(session)):
        return _closed(id)
    if not form.validate_on_submit():
        return _time_page(aftale, data, form, [], 422 if form.is_submitted() else 200, kladde)
    dag, klokken, minutter = form.når
    imod = agenda.advarsler(session, dag, klokken, minutter, data.rådgiver_id, id)
    if imod and request.form.get("alligevel") != form.tegn:
        return _time_page(aftale, data, form, imod, 422)
    try:
        bookings.foreslå(
            session,
            id,
            version=form.shown_version,
            dato=dag,
            start=klokken,
            varighed=minutter,
            besked=form.besked.data,
        )
    except bookings.AftaleÆndret as fejl:
        return _page(id, str(fejl), 409, f"{vis_dato(dag)} kl. {agenda.tidsrum(klokken, minutter)} {form.besked.data}")
    slet_kladde(session, request.path)
    session.commit()
    flash("Det nye tidspunkt er foreslået.")
    return redirect(url_for("kalender.vis", id=id), 303)


def _time_page(
    aftale: Aftale,
    data: AftaleData,
    form: TidspunktFormular,
    imod: list[str],
    status: int,
    kladde: Felter | None = None,
) -> ResponseReturnValue:
    tid = agenda.tidsrum(data.start, data.varighed)
    page = render_template("kalender/tidspunkt.html", form=form, aftale=aftale, tid=tid, imod=imod, kladde=kladde)
    return page, status


@kræver(Ret.KALENDER)
def ret(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct what, where and who; the beboerrådgiver also her note."""
    session = current_session()
    aftale, data = bookings.hent_aftale(session, id, "ret aftale")
    if aftale.status not in STÅR:
        return _closed(id)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = _correction(aftale, data, kladde)
    if not form.validate_on_submit():
        page = render_template("kalender/ret.html", form=form, aftale=aftale, kladde=kladde)
        return page, 422 if form.is_submitted() else 200
    changes = {name: form[name].data for name in ("art", "afdeling", "adresse", "lejemål", "deltagere")}
    changes["rådgiver_id"] = form.rådgiver_id or data.rådgiver_id
    note = form.note.data if "note" in form else None
    try:
        bookings.ret(session, id, changes, version=form.shown_version, note=note)
    except bookings.AftaleÆndret as fejl:
        form.version.data = str(bookings.hent_aftale(session, id, "ret aftale")[0].version)
        return _changed_meanwhile(id, form, str(fejl))
    slet_kladde(session, request.path)
    session.commit()
    flash("Aftalen er rettet.")
    return redirect(url_for("kalender.vis", id=id), 303)


def _correction(aftale: Aftale, data: AftaleData, kladde: Felter | None) -> RetFormular:
    """The form with the booking's values; its afdeling stays within the boligorganisation, which walls the row."""
    session = current_session()
    drift = bookings.egen_side(session) is Side.DRIFT
    shown = data.model_dump(include={"art", "afdeling", "adresse", "lejemål", "deltagere"})
    note = "" if drift else bookings.hent_note(session, aftale)
    shown |= {"version": aftale.version, "note": note, "rådgiver": data.rådgiver_id}
    form = RetFormular(kladde) if kladde else RetFormular(data=shown)
    plan_id = aftale.helhedsplan_id
    mine = {*afdelinger(session, plan_id, boligorganisation=aftale.boligorganisation), data.afdeling}
    form.afdeling.choices = [c for c in valg(session, plan_id, "afdeling", også=[data.afdeling]) if c[0] in mine]
    form.art.choices = [c for c in valg(session, plan_id, "art", også=[data.art]) if c[0] in ARTER]
    people = {b.id: b.navn for b in bookings.rådgivere(session)} | agenda.navne(session, [data.rådgiver_id])
    med_rådgivere(form, list(people.items()), data.rådgiver_id or aftale.ejer_id)
    if drift:
        del form.note
    return form


def _changed_meanwhile(id: uuid.UUID, form: RetFormular, besked: str) -> ResponseReturnValue:  # noqa: A002
    """What stands now, above what was typed; saving again is then a choice."""
    session = current_session()
    aftale, data = bookings.hent_aftale(session, id, "ret aftale")
    nu = {"data": data, "tid": agenda.tidsrum(data.start, data.varighed), "besked": besked}
    page = render_template("kalender/ret.html", form=form, aftale=aftale, nu=nu, etiket=_labels(aftale))
    return page, 409
