"""Pages on which residents are handed over to a colleague for good, everything of one who has left, and given back."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select
from wtforms.widgets import ListWidget

from rådgivning.adgang.drafts import side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Forbudt, Konflikt, Ret, Rolle, current_role, current_user_id, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.adgang.typed import typed_again
from rådgivning.beboere.colleagues import kolleger, rådgivere
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import KUN_EJEREN, hent_beboere
from rådgivning.dansk import lang_dato
from rådgivning.database import current_session
from rådgivning.felter import FlervalgFelt, Formular, ValgFelt, påkrævet
from rådgivning.felter.text import UUID_TEXT
from rådgivning.overblik import handing, handovers
from rådgivning.overblik.handing_visits import kommende
from rådgivning.overblik.models import Overdragelse

LISTE = "/overdragelser"


class OverdragFormular(Formular):
    """Which residents, to whom, and why."""

    beboere = FlervalgFelt("Beboere, der overdrages", [påkrævet("Vælg mindst én beboer.")])
    aftaler = FlervalgFelt("Aftaler i kalenderen, der følger med (kan udelades)")
    til = ValgFelt("Hvem overtager?", [påkrævet("Vælg, hvem der overtager.")])
    grund = ValgFelt(
        "Hvorfor?",
        [påkrævet("Vælg hvorfor.")],
        choices=list(handovers.GRUNDE.items()),
        widget=ListWidget(prefix_label=False),
    )


class OverdragAltFormular(Formular):
    """Everything of whom, to whom, and why."""

    fra = ValgFelt("Alle sager fra", [påkrævet("Vælg, hvis sager det er.")])
    til = ValgFelt("Til", [påkrævet("Vælg, hvem der overtager.")])
    grund = ValgFelt(
        "Hvorfor?",
        [påkrævet("Vælg hvorfor.")],
        choices=list(handovers.GRUNDE_ALT.items()),
        widget=ListWidget(prefix_label=False),
    )


def add_pages(bp: Blueprint) -> None:
    """`/overdragelser`."""
    bp.add_url_rule(LISTE, view_func=overdragelser)
    bp.add_url_rule(f"{LISTE}/ny", view_func=ny_overdragelse, methods=["GET", "POST"])
    bp.add_url_rule(f"{LISTE}/alle", view_func=overdrag_alt, methods=["GET", "POST"])
    bp.add_url_rule(f"{LISTE}/<uuid:overdragelse_id>", view_func=overdragelse)
    bp.add_url_rule(f"{LISTE}/<uuid:overdragelse_id>/tilbage", view_func=giv_tilbage, methods=["POST"])


@kræver(Ret.BEBOERE, Ret.RETTIGHEDER)
def overdragelser() -> ResponseReturnValue:
    """Who has handed how many residents over to whom: everything for databeskyttelse, her own for everybody else."""
    session = current_session()
    tilsyn = current_role() == Rolle.DATABESKYTTELSE
    return render_template("overblik/overdragelser.html", linjer=handovers.overdragelser(session), tilsyn=tilsyn)


@kræver(Ret.BEBOERE)
@frisk
def ny_overdragelse() -> ResponseReturnValue:
    """Some of one's own residents to a colleague, after what it means has been read."""
    session = current_session()
    kladde = None if "beboere" in request.args else side_kladde(session, Overdragelse)
    sent = kladde or request.values
    asked = _asked([*sent.getlist("vist"), *sent.getlist("beboere")])
    form = OverdragFormular(kladde) if kladde else OverdragFormular(data={"beboere": asked})
    if _done_before(session, form):
        return redirect(f"{LISTE}/{form.formular_id.data}", 303)
    others = kolleger(session)
    form.til.choices = [(str(b.id), b.navn) for b in others]
    form.beboere.choices = _names(session, asked, kun_egne=kladde is not None)
    form.aftaler.choices = [
        (str(row.id), f"{lang_dato(row.dato)} kl. {data.start:%H.%M}, {data.adresse}")
        for row, data in kommende(session, current_user_id())
    ]
    if not form.beboere.choices:
        flash("Vælg først de beboere på din liste, som du vil overdrage.", "info")
        return redirect("/beboere", 303)
    if not form.validate_on_submit():
        page = render_template("overblik/overdrag.html", form=form, kolleger=others)
        return page, 422 if form.is_submitted() else 200
    valgte, aftaler = ([uuid.UUID(i) for i in felt.data] for felt in (form.beboere, form.aftaler))
    made = handing.overdrag(
        session, valgte, uuid.UUID(form.til.data), form.grund.data, form.formular_id.data, aftaler=aftaler
    )
    slet_kladde(session, request.path)
    session.commit()
    flash(f"Overdraget: {handovers.hvad(made)}. Kollegaen har fået besked.")
    return redirect(f"{LISTE}/{form.formular_id.data}", 303)


@kræver(Ret.RETTIGHEDER)
@frisk
def overdrag_alt() -> ResponseReturnValue:
    """Everything of a beboerrådgiver who has left to another. Counts alone are shown."""
    session = current_session()
    form = OverdragAltFormular(**(typed_again() or {"data": {"fra": request.args.get("fra", "")}}))
    if _done_before(session, form):
        return redirect(f"{LISTE}/{form.formular_id.data}", 303)
    omfang = handing.kan_overdrages_helt(session)
    form.fra.choices = [(str(o.bruger.id), f"{o.bruger.navn}: {handovers.i_ord(o.antal)}") for o in omfang]
    others = rådgivere(session)
    form.til.choices = [(str(b.id), b.navn) for b in others]
    if not form.validate_on_submit():
        page = render_template("overblik/overdrag_alt.html", form=form, omfang=omfang, kolleger=others)
        return page, 422 if form.is_submitted() else 200
    made = handing.overdrag_alt(
        session, uuid.UUID(form.fra.data), uuid.UUID(form.til.data), form.grund.data, form.formular_id.data
    )
    session.commit()
    if any(made.rækker.values()):
        flash(f"Overdraget: {handovers.hvad(made)}. Modtageren har fået besked.")
    else:
        flash("Alt handlede om andre kollegers beboere. De har overtaget det og fået besked.")
    return redirect(f"{LISTE}/{form.formular_id.data}", 303)


@kræver(Ret.BEBOERE, Ret.RETTIGHEDER)
def overdragelse(overdragelse_id: uuid.UUID) -> ResponseReturnValue:
    """One handover: who it was about, for the two it concerns, and the way back."""
    session = current_session()
    row = handovers.hent_overdragelse(session, overdragelse_id)
    tilsyn = current_role() == Rolle.DATABESKYTTELSE
    ids = [] if tilsyn else [uuid.UUID(i) for i in row.rækker.get("beboer", ())]
    return render_template(
        "overblik/overdragelse.html",
        linje=handovers.med_navne(session, [row])[0],
        beboere=hent_beboere(session, ids[: handing.FLEST], "vis overdragelse"),
        flere=max(0, len(ids) - handing.FLEST),
        kan=handovers.kan_gives_tilbage(session, row),
        giver=row.fra_id == current_user_id(),
        tilsyn=tilsyn,
    )


@kræver(Ret.BEBOERE, Ret.RETTIGHEDER)
@frisk
def giv_tilbage(overdragelse_id: uuid.UUID) -> ResponseReturnValue:
    """Undo a handover."""
    session = current_session()
    try:
        handing.giv_tilbage(session, overdragelse_id)
    except Konflikt as konflikt:
        session.rollback()
        flash(str(konflikt), "fejl")
    else:
        session.commit()
        flash("Overdragelsen er gjort om, og den anden har fået besked.")
    return redirect(f"{LISTE}/{overdragelse_id}", 303)


def _asked(values: list[str]) -> list[uuid.UUID]:
    return [uuid.UUID(text) for text in dict.fromkeys(values) if UUID_TEXT.fullmatch(text)][: handing.FLEST]


def _done_before(session: Session, form: Formular) -> bool:
    """Whether the same form was sent and answered already: by now they are not the giver's any more."""
    if not form.is_submitted() or session.get(Overdragelse, form.formular_id.data) is None:
        return False
    hent(session, Overdragelse, form.formular_id.data)
    return True


def _names(session: Session, ids: list[uuid.UUID], *, kun_egne: bool) -> list[tuple[str, str]]:
    """These residents by name. One who is not the actor's is left out with `kun_egne`, where she may have been when the
    draft was kept; otherwise raises Forbudt for a colleague's, IkkeFundet for nobody's."""
    if kun_egne:
        mine = select(Beboer.id).where(col(Beboer.id).in_(ids), Beboer.ejer_id == current_user_id())
        ids = list(session.exec(mine).all())
    for beboer_id in ids:
        if hent(session, Beboer, beboer_id).ejer_id != current_user_id():
            raise Forbudt("beboer", KUN_EJEREN)
    found = hent_beboere(session, ids, "overdrag")
    return [(str(i), found[i].navn or "Uden navn" if i in found else "Slettet") for i in ids]
