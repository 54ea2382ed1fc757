"""Pages about reading: who was read by whom and how often, what of it is unusual, and what was said of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, hent, kræver, systemet
from rådgivning.adgang.stepup import frisk
from rådgivning.database import current_session, today
from rådgivning.databeskyttelse.forms import BopælFormular, GennemsetFormular, LæsningFilter
from rådgivning.databeskyttelse.own_home import gem_bopæl
from rådgivning.databeskyttelse.reading_summary import Efter, Orden, med_tid, saml, side, tæl
from rådgivning.databeskyttelse.readings import Udsnit, læsninger
from rådgivning.databeskyttelse.trail_models import Bopæl
from rådgivning.databeskyttelse.trail_search import midnat
from rådgivning.databeskyttelse.unusual import REGLER, TITLER, Fund
from rådgivning.databeskyttelse.unusual_review import gennemgå, navne, set_på, usædvanligt
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

PERIODER = (7, 30, 90)
FLEST = 100


@kræver(Ret.SPOR)
def læst() -> ResponseReturnValue:
    """Reading gathered by resident, user, day or kind. Looking is itself an entry."""
    session, plan_id = current_session(), current_helhedsplan_id()
    names = navne(session, plan_id)
    form = LæsningFilter(request.args, fra=today() - timedelta(days=30), til=today())
    form.bruger.choices = list(names.items())
    if request.args and not form.validate():
        return render_template("spor/læst.html", form=form, navne=names, rækker=None), 422
    fra, til = form.fra.data or today() - timedelta(days=30), form.til.data or today()
    user = uuid.UUID(form.bruger.data) if form.bruger.data else None
    udsnit = Udsnit(str(plan_id), midnat(fra), midnat(til + timedelta(days=1)), user, form.id.data or "")
    efter = Efter(form.samlet.data or Efter.BEBOER)
    counted = efter in (Efter.BEBOER, Efter.BRUGER)
    found = tæl(session, udsnit, efter) if counted else saml(læsninger(session, udsnit), efter)
    rows, næste = side(found, Orden(form.orden.data or Orden.FLEST), request.args.get("efter", ""))
    med_tid(session, udsnit.kæde, rows)
    skriv(session, Handling.ÅBNET, "spor", anledning=f"læsninger efter {efter}", detaljer={"antal": len(rows)})
    args = {name: value for name, value in request.args.items() if value and name in form}
    return render_template(
        "spor/læst.html", form=form, navne=names, rækker=rows, efter=efter, næste=næste, args=args, fra=fra, til=til
    )


@kræver(Ret.SPOR)
def usædvanlig() -> ResponseReturnValue:
    """Unusual reading of the last days: what nobody has looked at, and what somebody has."""
    dage = _period()
    found = _found(dage)
    session = current_session()
    skriv(session, Handling.ÅBNET, "spor", anledning="usædvanlig læsning", detaljer={"fund": len(found)})
    return _page(found, dage)


@kræver(Ret.SPOR)
def gennemset() -> ResponseReturnValue:
    """Say what came out of looking at a finding."""
    dage = _period()
    found = _found(dage)
    chosen = next((fund for fund in found if fund.nøgle == request.form.get("fund")), None)
    if chosen is None:
        flash("Det punkt står ikke på listen længere.", "info")
        return redirect(url_for(".usædvanlig", dage=dage), 303)
    form = GennemsetFormular(prefix=chosen.nøgle + "-")
    if not form.validate():
        return _page(found, dage, form, chosen.nøgle), 422
    session = current_session()
    set_på(session, chosen, form.forklaring.data)
    session.commit()
    flash("Det er noteret, at du har set på det.")
    return redirect(url_for(".usædvanlig", dage=dage), 303)


def _period() -> int:
    asked = request.args.get("dage", 30, int)
    return asked if asked in PERIODER else 30


def _found(dage: int) -> list[Fund]:
    """Found by the program itself, in a Session of its own: databeskyttelse opens no resident by looking here."""
    plan_id = current_helhedsplan_id()
    current_session().rollback()  # one writer at a time on SQLite
    with current_app.extensions["nøgler"].session(systemet(plan_id)) as system:
        return usædvanligt(system, plan_id, dage)


def _page(found: list[Fund], dage: int, typed: GennemsetFormular | None = None, om: str = "") -> str:
    session = current_session()
    new, looked = gennemgå(session, found)
    forms = {
        linje.fund.nøgle: typed
        if typed and linje.fund.nøgle == om
        else GennemsetFormular(None, prefix=linje.fund.nøgle + "-")
        for linje in new[:FLEST]
    }
    return render_template(
        "spor/usædvanligt.html",
        nye=new[:FLEST],
        flere=max(0, len(new) - FLEST),
        sete=looked,
        formularer=forms,
        navne=navne(session, current_helhedsplan_id()),
        dage=dage,
        perioder=PERIODER,
        regler=[(TITLER[key], text) for key, text in REGLER.items()],
        fejl=typed,
    )


@kræver(Ret.BRUGERE)
@frisk
def bopæl(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """A user's own address, kept as a mark alone: so that reading at home can be found."""
    session = current_session()
    found, form = hent(session, Bruger, id), BopælFormular()
    if not form.validate_on_submit():
        page = render_template("spor/bopæl.html", form=form, den=found, kendt=session.get(Bopæl, id))
        return page, 422 if form.is_submitted() else 200
    gem_bopæl(session, id, form.adresse.data)
    session.commit()
    flash("Adressen er gemt som et mærke." if form.adresse.data else "Mærket er slettet.")
    return redirect(url_for("databeskyttelse.bruger", id=id), 303)
