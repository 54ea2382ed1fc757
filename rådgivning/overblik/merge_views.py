"""Pages on which two residents are compared and merged, and a merge is undone."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Ret, hent, kræver
from rådgivning.beboere.duplicates import ligner
from rådgivning.beboere.forms import BeboerFormular
from rådgivning.beboere.residents import Træf, hent_beboer, hent_beboere, søg_beboere
from rådgivning.dansk import ligner_cpr
from rådgivning.database import current_session
from rådgivning.felter import Formular
from rådgivning.felter.messages import CPR_BESKED
from rådgivning.nøgler.opening import SealedRow
from rådgivning.nøgler.search import SHORTEST_QUERY
from rådgivning.overblik import merging
from rådgivning.overblik.comparing import Sammenligning, sammenlign
from rådgivning.overblik.forms import SammenlægFormular
from rådgivning.overblik.models import Sammenlægning

LÆNGSTE_SØGNING = 200
FLEST = 20
STEDER = {"kontakt": "/kontakter/{}", "opgave": "/opgaver/{}/ret", "henvisning": "/henvisninger/{}"}
STEDER |= {"restancesag": "/restancer/{}"}


def add_pages(bp: Blueprint) -> None:
    """Find the other one, compare and merge, undo."""
    bp.add_url_rule("/beboere/<uuid:id>/sammenlæg", view_func=find_anden, methods=["GET", "POST"])
    bp.add_url_rule("/beboere/<uuid:id>/sammenlæg/<uuid:anden_id>", view_func=sammenlæg, methods=["GET", "POST"])
    fortryd = "/sammenlægninger/<uuid:merge_id>/fortryd"
    bp.add_url_rule(fortryd, view_func=fortryd_sammenlægning, methods=["GET", "POST"])


@kræver(Ret.BEBOERE)
def find_anden(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Who is she the same as? Those who look like her, and a search by POST."""
    session = current_session()
    _beboer, data = hent_beboer(session, id, "find dublet")
    tekst = request.form.get("q", "").strip()
    fejl = _unfit(tekst) if "q" in request.form else ""
    found: list[Træf] = søg_beboere(session, tekst, FLEST) if tekst and not fejl else []
    alike = ligner(session, id)[:FLEST]
    known = hent_beboere(session, [i for i, _grund in alike], "mulige dubletter")
    page = render_template(
        "overblik/sammenlæg_find.html",
        id=id,
        navn=data.navn,
        ens=[(i, known[i], grund) for i, grund in alike if i in known],
        søgt=tekst,
        fejl=fejl,
        træf=[t for t in found if t.id != id],
    )
    return page, 422 if fejl else 200


def _unfit(tekst: str) -> str:
    """Why nothing is searched for, in words; "" when it can be."""
    if ligner_cpr(tekst):
        return CPR_BESKED
    if not SHORTEST_QUERY <= len(tekst) <= LÆNGSTE_SØGNING:
        return "Skriv et navn, en adresse eller et telefonnummer, mindst to bogstaver eller tre cifre."
    return ""


@kræver(Ret.BEBOERE)
def sammenlæg(id: uuid.UUID, anden_id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Compare the two, choose what stays, and merge the second into the first."""
    session = current_session()
    kladde = side_kladde(session)
    form = SammenlægFormular(kladde) if kladde else SammenlægFormular()
    if form.is_submitted() and session.get(Sammenlægning, form.formular_id.data) is not None:
        return redirect(f"/beboere/{hent(session, Sammenlægning, form.formular_id.data).beholdt_id}", 303)
    side = sammenlign(session, id, anden_id)
    form.tilbyd(side)
    versions = (side.beholdt.beboer.version, side.udgået.beboer.version)
    if not form.validate_on_submit():
        form.versioner.data = form.som_versioner(versions)
        return _compare_page(form, side, 200 if request.method == "GET" else 422)
    if form.versioner.data != form.som_versioner(versions):
        form.versioner.data = form.som_versioner(versions)
        return _compare_page(form, side, 409)
    made = merging.slå_sammen(
        session,
        form.formular_id.data,
        beholdt_id=id,
        udgået_id=anden_id,
        valg=form.valgte(),
        versioner=versions,
    )
    slet_kladde(session, request.path)
    session.commit()
    flash(f"De to beboere er lagt sammen. Det kan fortrydes til og med {merging.sidste_dag(made):%d.%m.%Y}.")
    return redirect(f"/beboere/{id}", 303)


def _compare_page(form: SammenlægFormular, side: Sammenligning, status: int) -> ResponseReturnValue:
    return render_template("overblik/sammenlæg.html", form=form, side=side, ændret=status == 409), status


@kræver(Ret.BEBOERE)
def fortryd_sammenlægning(merge_id: uuid.UUID) -> ResponseReturnValue:
    """Undo a merge, after telling what stays with the kept one."""
    session, form = current_session(), Formular()
    row = hent(session, Sammenlægning, merge_id)
    if row.fortrudt is not None:
        return redirect(f"/beboere/{row.beholdt_id}", 303)
    if form.validate_on_submit():
        merging.fortryd(session, merge_id)
        session.commit()
        flash("Sammenlægningen er fortrudt. Der er to beboere igen.")
        return redirect(f"/beboere/{row.beholdt_id}", 303)
    brings = merging.hent_fortrydelse(session, merge_id)
    new = [
        (navn.capitalize(), _day(r), STEDER.get(navn, "").format(r.id))
        for navn, rows in brings.kommet_til.items()
        for r in rows
    ]
    rettet = [str(getattr(BeboerFormular, navn).args[0]) for navn in brings.rettet_siden]
    page = render_template("overblik/sammenlæg_fortryd.html", form=form, brings=brings, nye=new, rettet=rettet)
    return page, 200 if request.method == "GET" else 422


def _day(row: SealedRow) -> date | None:
    """The day that stands on a row in clear."""
    return next((getattr(row, name) for name in ("dato", "frist", "oprettet") if hasattr(row, name)), None)
