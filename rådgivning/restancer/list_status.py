"""Pages of lists that are imported: how far one is, what became of it, taking it back, and what it left to answer.

Opkrævning sees her own lists, their counts and their bad rows. Proposals and residents are the beboerrådgiver's alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import (
    IkkeFundet,
    Konflikt,
    Ret,
    current_helhedsplan_id,
    current_user,
    current_user_id,
    har_ret,
    hent,
    kræver,
)
from rådgivning.database import current_session
from rådgivning.felter import Formular
from rådgivning.henvisninger.handling import labels
from rådgivning.nøgler.opening import destroy_key, open_many
from rådgivning.nøgler.restriction import BEGRÆNSET, restricted
from rådgivning.restancer import list_job, list_proposals, list_residents, list_undo
from rådgivning.restancer.cases import SagFejl
from rådgivning.restancer.list_forms import beboer_form
from rådgivning.restancer.list_people import INGEN, NY
from rådgivning.restancer.models import ListeData, Restanceliste, Restancesag, RestancesagData

FLEST_LISTER = 50
FLEST_FORSLAG = 100


def add_pages(bp: Blueprint) -> None:
    """The earlier lists, one list, and the proposals."""
    post = ["POST"]
    bp.add_url_rule("/lister", view_func=lister)
    bp.add_url_rule("/lister/<uuid:liste_id>", view_func=liste_status)
    bp.add_url_rule("/lister/<uuid:liste_id>/fortsæt", view_func=liste_fortsæt, methods=post)
    bp.add_url_rule("/lister/<uuid:liste_id>/fortryd", view_func=liste_fortryd, methods=post)
    bp.add_url_rule("/lister/<uuid:liste_id>/beboere", view_func=liste_beboere, methods=["GET", "POST"])
    bp.add_url_rule("/lister/<uuid:liste_id>/beboere/nye", view_func=liste_beboere_nye, methods=post)
    bp.add_url_rule("/lister/forslag/<uuid:forslag_id>/luk", view_func=forslag_luk, methods=post)
    bp.add_url_rule("/lister/forslag/<uuid:forslag_id>/afvis", view_func=forslag_afvis, methods=post)


def work(liste_id: uuid.UUID) -> None:
    """Let a thread of this worker do what is left of a list, as this user."""
    list_job.sæt_i_gang(current_app.extensions["nøgler"], current_user().som_aktør(), liste_id)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def lister() -> ResponseReturnValue:
    """Earlier lists, newest first: all for the beboerrådgiver, her own for opkrævning; and what waits for an answer."""
    session = current_session()
    query = select(Restanceliste).where(Restanceliste.helhedsplan_id == current_helhedsplan_id())
    if not har_ret(Ret.RESTANCER):
        query = query.where(Restanceliste.ejer_id == current_user_id())
        query = query.where(Restanceliste.boligorganisation == current_user().boligorganisation)
    rows = session.exec(query.order_by(col(Restanceliste.oprettet).desc()).limit(FLEST_LISTER)).all()
    forslag = list_proposals.åbne_forslag(session)[:FLEST_FORSLAG] if har_ret(Ret.RESTANCER) else []
    return render_template(
        "restancer/liste_oversigt.html",
        lister=rows,
        navne=_names(session, {row.ejer_id for row in rows}),
        forslag=forslag,
        sager=_opened(session, {f.sag_id for f in forslag}, "forslag: betalt"),
        uden_beboer=_without_resident(session, rows),
        etiket=labels(),
    )


def _without_resident(session: Session, rows: Sequence[Restanceliste]) -> dict[uuid.UUID, int]:
    if not har_ret(Ret.RESTANCER):
        return {}
    return {row.id: list_residents.antal_uden_beboer(session, row) for row in rows if row.tilstand == "færdig"}


def _names(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    users = session.exec(select(Bruger).where(col(Bruger.id).in_(ids))).all() if ids else []
    return {user.id: user.navn for user in users}


def _opened(session: Session, ids: set[uuid.UUID], anledning: str) -> dict[uuid.UUID, RestancesagData]:
    """What these cases say; a restricted resident's says that alone."""
    rows = session.exec(select(Restancesag).where(col(Restancesag.id).in_(ids))).all() if ids else []
    found = open_many(session, rows, RestancesagData, anledning)
    hers = restricted(session, {row.beboer_id for row in rows if row.beboer_id and row.id not in found})
    return found | {row.id: RestancesagData(navn=BEGRÆNSET) for row in rows if row.beboer_id in hers}


def _allowed(session: Session, liste_id: uuid.UUID) -> Restanceliste:
    """Any list for the beboerrådgiver, else only an own one of the boligorganisation she works for now; raises
    IkkeFundet."""
    if har_ret(Ret.RESTANCER):
        return hent(session, Restanceliste, liste_id)
    liste = hent(session, Restanceliste, liste_id, egen=True)
    if liste.boligorganisation != current_user().boligorganisation:
        raise IkkeFundet("restanceliste", liste_id, fremmed=True)
    return liste


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_status(liste_id: uuid.UUID) -> ResponseReturnValue:
    """One list: how far it is, or what became of it."""
    session = current_session()
    liste = _allowed(session, liste_id)
    adviser = har_ret(Ret.RESTANCER)
    data = open_many(session, [liste], ListeData, "vis restanceliste").get(liste_id, ListeData())
    forslag = [f for f in list_proposals.åbne_forslag(session) if f.liste_id == liste_id] if adviser else []
    ids = {f.sag_id for f in forslag[:FLEST_FORSLAG]} | (set(data.beholdt) if adviser else set())
    return render_template(
        "restancer/liste_status.html",
        liste=liste,
        data=data,
        navn=_names(session, {liste.ejer_id}).get(liste.ejer_id, ""),
        stille=list_job.står_stille(liste),
        senere=list_undo.SENERE if list_undo.senere_bygger_på(session, liste) else "",
        kan_fortsætte=liste.tilstand == "fortrydes" or liste.ejer_id == current_user_id(),
        forslag=forslag[:FLEST_FORSLAG],
        sager=_opened(session, ids, "vis restanceliste"),
        uden_beboer=_without_resident(session, [liste]).get(liste_id, 0),
        etiket=labels(),
    )


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_fortsæt(liste_id: uuid.UUID) -> ResponseReturnValue:
    """Go on with a list whose worker stopped. Its rows become its sender's cases, so only she goes on with them; an
    undoing is gone on with by whoever may begin it."""
    liste = _allowed(current_session(), liste_id)
    if liste.tilstand == "kører":
        hent(current_session(), Restanceliste, liste_id, egen=True)
    current_session().commit()
    work(liste_id)
    return _to_list(liste_id)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_fortryd(liste_id: uuid.UUID) -> ResponseReturnValue:
    """Take a whole list back."""
    _allowed(current_session(), liste_id)
    list_undo.begynd_fortryd(current_session(), liste_id)
    current_session().commit()
    work(liste_id)
    return _to_list(liste_id)


def _to_list(liste_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("restancer.liste_status", liste_id=liste_id), 303)


@kræver(Ret.RESTANCER)
def liste_beboere(liste_id: uuid.UUID) -> ResponseReturnValue:
    """Whom the list's new cases are about: what is sure is chosen, the rest is asked."""
    session = current_session()
    liste = hent(session, Restanceliste, liste_id)
    i_alt = list_residents.antal_uden_beboer(session, liste)
    sider = max(1, -(-i_alt // list_residents.SIDELÆNGDE))
    side = min(sidetal(), sider)
    mangler = list_residents.uden_beboer(session, liste, side)
    form = beboer_form(mangler)
    if form.validate_on_submit():
        antal = _link(session, form)
        flash("1 sag er knyttet til sin beboer." if antal == 1 else f"{antal} sager er knyttet til deres beboer.")
        return redirect(url_for("restancer.liste_beboere", liste_id=liste_id, side=side), 303)
    shown = {"liste": liste, "mangler": mangler, "i_alt": i_alt, "side": side, "sider": sider}
    page = render_template("restancer/liste_beboere.html", form=form, **shown)
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.RESTANCER)
def liste_beboere_nye(liste_id: uuid.UUID) -> ResponseReturnValue:
    """Make residents of all the list's new cases that fit nobody who is known."""
    session = current_session()
    antal = list_residents.opret_alle(session, hent(session, Restanceliste, liste_id))
    tilbage = list_residents.antal_uden_beboer(session, hent(session, Restanceliste, liste_id))
    oprettet = "1 ny beboer er oprettet." if antal == 1 else f"{antal} nye beboere er oprettet."
    flash(f"{oprettet} {tilbage} mangler." if tilbage else oprettet)
    return redirect(url_for("restancer.liste_beboere", liste_id=liste_id), 303)


def _link(session: Session, form: Formular) -> int:
    """Link what was chosen; afterwards the cases' own keys are not needed any more."""
    chosen = {uuid.UUID(f.name[5:]): f.data for f in form if f.name.startswith("hvem_") and f.data not in ("", INGEN)}
    linked = [
        sag_id
        for sag_id, svar in chosen.items()
        if list_residents.knyt(session, sag_id, None if svar == NY else uuid.UUID(svar))
    ]
    session.commit()
    for sag_id in linked:
        destroy_key(session, sag_id)
    session.commit()
    return len(linked)


@kræver(Ret.RESTANCER)
def forslag_luk(forslag_id: uuid.UUID) -> ResponseReturnValue:
    """Close a case that is no longer on its list as betalt."""
    session = current_session()
    try:
        sag_id = list_proposals.godtag(session, forslag_id)
        session.commit()
    except (SagFejl, Konflikt):
        session.rollback()
        flash("Der er sket noget i sagen siden listen. Se på den, og luk den selv.", "advarsel")
        return redirect(url_for("restancer.lister"), 303)
    flash("Sagen er lukket som betalt.")
    return redirect(url_for("restancer.vis", id=sag_id), 303)


@kræver(Ret.RESTANCER)
def forslag_afvis(forslag_id: uuid.UUID) -> ResponseReturnValue:
    """Leave a case open that is no longer on its list."""
    session = current_session()
    sag_id = list_proposals.afvis(session, forslag_id)
    session.commit()
    flash("Sagen forbliver åben.")
    return redirect(url_for("restancer.vis", id=sag_id), 303)
