"""Pages of the room: find, register, correct. A resident's own page is in overblik."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.beboere import household_views
from rådgivning.beboere.colleagues import kolleger
from rådgivning.beboere.duplicates import antal_dubletter, dubletter, ikke_den_samme, måske_den_samme
from rådgivning.beboere.forms import BeboerFormular, LignerFormular, ParFormular, forskelle
from rådgivning.beboere.households import beboerens_svar, med_husstandens_svar
from rådgivning.beboere.likeness import MULIG
from rådgivning.beboere.residents import (
    BeboerÆndret,
    Træf,
    alle_beboere,
    hent_beboer,
    mulige_dubletter,
    opret_beboer,
    ret_beboer,
    seneste_beboere,
    søg_beboere,
)
from rådgivning.dansk import ligner_cpr
from rådgivning.database import current_session
from rådgivning.felter.messages import CPR_BESKED
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.nøgler.search import SHORTEST_QUERY
from rådgivning.plan.lister import valg

FLEST_FORSLAG = 8
FLEST_TRÆF = 30
LÆNGSTE_SØGNING = 200


def make_blueprint() -> Blueprint:
    """`/beboere`: list and search, suggestions while typing, new, correct, possible duplicates."""
    bp = Blueprint("beboere", __name__, url_prefix="/beboere")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("", view_func=søg, methods=["POST"])
    bp.add_url_rule("/forslag", view_func=forslag, methods=["POST"])
    bp.add_url_rule("/ligner", view_func=ligner, methods=["POST"])
    bp.add_url_rule("/dubletter", view_func=dubletliste)
    bp.add_url_rule("/dubletter/ikke-samme", view_func=ikke_samme, methods=["POST"])
    bp.add_url_rule("/dubletter/måske-samme", view_func=måske_samme, methods=["POST"])
    bp.add_url_rule("/ny", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/ret", view_func=ret, methods=["GET", "POST"])
    household_views.add_pages(bp)
    return bp


@kræver(Ret.BEBOERE)
def liste() -> ResponseReturnValue:
    """My residents, the latest first, or with `vis=alle` everybody from A to Å."""
    alle = request.args.get("vis") == "alle"
    side = sidetal()
    antal = antal_dubletter(current_session())
    træf, sider = (alle_beboere if alle else seneste_beboere)(current_session(), side)
    return _list_page(træf, alle=alle, side=side, sider=sider, antal=antal)


@kræver(Ret.BEBOERE)
def søg() -> ResponseReturnValue:
    """Search by POST, so that no name lands in a URL, a log or the browser's history."""
    tekst = _typed()
    if ligner_cpr(tekst):
        return _list_page([], fejl=CPR_BESKED), 422
    if len(tekst) < SHORTEST_QUERY:
        return _list_page([], fejl="Skriv mindst to bogstaver eller tre cifre."), 422
    if len(tekst) > LÆNGSTE_SØGNING:
        return _list_page([], fejl="Søgningen er for lang. Skriv et navn, en adresse eller et telefonnummer."), 422
    return _list_page(søg_beboere(current_session(), tekst, FLEST_TRÆF), søgt=tekst)


@kræver(Ret.BEBOERE)
def forslag() -> ResponseReturnValue:
    """The matches of what is typed so far, as the fragment that a combobox shows."""
    tekst = _typed()
    found = (
        []
        if len(tekst) > LÆNGSTE_SØGNING or ligner_cpr(tekst)
        else søg_beboere(current_session(), tekst, FLEST_FORSLAG)
    )
    return render_template("beboere/forslag.html", træffere=found)


@kræver(Ret.BEBOERE)
def ligner() -> ResponseReturnValue:
    """Those who look like the resident that is being typed, as the fragment shown beside the fields. By POST."""
    form = LignerFormular()
    data = form.beboerdata()
    found = mulige_dubletter(current_session(), data, undtagen=form.formular_id.data, mindst=MULIG) if data else []
    return render_template("beboere/dubletter_ligner.html", træffere=found, vælg=bool(form.vælg.data))


@kræver(Ret.BEBOERE)
def dubletliste() -> ResponseReturnValue:
    """All likely pairs, or with `vis=to` those that are said to be two."""
    return _pairs_page()


@kræver(Ret.BEBOERE)
def ikke_samme() -> ResponseReturnValue:
    """Two residents are two: the pair does not come again."""
    return _answer_pair(ikke_den_samme, "Parret er taget af listen.", "")


@kræver(Ret.BEBOERE)
def måske_samme() -> ResponseReturnValue:
    """Take that back."""
    return _answer_pair(måske_den_samme, "Parret står på listen igen.", "?vis=to")


def _answer_pair(act: Callable[[Session, uuid.UUID, uuid.UUID], None], besked: str, query: str) -> ResponseReturnValue:
    form = ParFormular()
    if not form.validate_on_submit() or form.par is None:
        return _pairs_page("Vælg to beboere på listen."), 422
    session = current_session()
    act(session, *form.par)
    session.commit()
    flash(besked)
    return redirect(f"/beboere/dubletter{query}", 303)


def _pairs_page(fejl: str = "") -> str:
    to = request.args.get("vis") == "to"
    side = sidetal()
    par, sider = dubletter(current_session(), side, afviste=to)
    return render_template("beboere/dubletter.html", par=par, side=side, sider=sider, to=to, fejl=fejl)


@kræver(Ret.BEBOERE)
def ny() -> ResponseReturnValue:
    """Register a resident; possible duplicates are pointed out once and block nothing."""
    session = current_session()
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = BeboerFormular(kladde) if kladde else BeboerFormular()
    form.tilbyd(session, current_helhedsplan_id())
    if not form.validate_on_submit():
        return _answer("beboere/ny.html", form, kladde=kladde)
    data = form.beboerdata()
    alike = mulige_dubletter(session, data, undtagen=form.formular_id.data, mindst=MULIG)
    if {str(t.id) for t in alike} - set(form.set_dubletter.data.split()):
        form.set_dubletter.data = " ".join(str(t.id) for t in alike)
        return _answer("beboere/ny.html", form, dubletter=alike)
    beboer = opret_beboer(session, data, form.formular_id.data)
    slet_kladde(session, request.path)
    session.commit()
    flash("Beboeren er oprettet.")
    return redirect(f"/beboere/{beboer.id}", 303)


@kræver(Ret.BEBOERE)
def ret(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct stamdata; when somebody else was faster both versions are shown and nothing is lost."""
    session = current_session()
    beboer, nu = hent_beboer(session, id, "ret beboer")
    kræv_hel(session, beboer)
    nu = med_husstandens_svar(session, id, nu)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = BeboerFormular(kladde) if kladde else BeboerFormular(data={**nu.model_dump(), "version": beboer.version})
    form.tilbyd(session, current_helhedsplan_id(), nu)
    if not form.validate_on_submit():
        return _answer("beboere/ret.html", form, kladde=kladde, id=id)
    try:
        ret_beboer(session, id, form.beboerdata(), form.shown_version)
    except BeboerÆndret as ændret:
        form.version.data = str(ændret.version)
        andre = forskelle(session, current_helhedsplan_id(), form, ændret.gældende)
        return _answer("beboere/ret.html", form, id=id, andre=andre, status=409)
    if form.børn_i_husstanden.answered:
        beboerens_svar(session, id, form.børn_i_husstanden.data)
    slet_kladde(session, request.path)
    session.commit()
    flash("Oplysningerne er gemt.")
    return redirect(f"/beboere/{id}", 303)


def _typed() -> str:
    return request.form.get("q", "").strip()


def _answer(template: str, form: BeboerFormular, *, status: int = 422, **context: object) -> ResponseReturnValue:
    """The page with the form: 200 when it is shown, `status` when what was sent could not be saved as it is."""
    return render_template(template, form=form, **context), 200 if request.method == "GET" else status


def _list_page(
    træf: list[Træf],
    *,
    alle: bool = False,
    side: int = 1,
    sider: int = 1,
    søgt: str = "",
    fejl: str = "",
    antal: int = 0,
) -> str:
    afdelinger = dict(valg(current_session(), current_helhedsplan_id(), "afdeling", også=[t.afdeling for t in træf]))
    return render_template(
        "beboere/liste.html",
        træf=træf,
        alle=alle,
        side=side,
        sider=sider,
        søgt=søgt,
        fejl=fejl,
        afdelinger=afdelinger,
        afkortet=bool(søgt) and len(træf) == FLEST_TRÆF,
        antal_dubletter=antal,
        vælges=bool(træf) and not (alle or søgt) and bool(kolleger(current_session())),
    )
