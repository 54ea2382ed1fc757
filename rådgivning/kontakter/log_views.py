"""Pages of the room: the log as a list, one contact with its history, deleting and taking back."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, current_user_id, kræver
from rådgivning.beboere.residents import hent_beboer
from rådgivning.database import current_session, today
from rådgivning.kontakter.browse import Udsnit, kontaktliste
from rådgivning.kontakter.forms import SletForm
from rådgivning.kontakter.log import (
    Slettegrund,
    fortryd_kontakt,
    hent_kontakt,
    kan_fortrydes,
    slet_kontakt,
    versioner,
)
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.kontakter.presentation import Forskel, beskriv, forskelle
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.plan import lister

PERIODER = {"7": "Sidste 7 dage", "30": "Sidste 30 dage", "90": "Sidste 90 dage", "365": "Sidste år", "alle": "Alle"}


def add_routes(pages: Blueprint) -> None:
    """`/kontakter`, `/kontakter/<id>` and what is done there."""
    pages.add_url_rule("", "liste", liste)
    pages.add_url_rule("/", "liste", liste)
    pages.add_url_rule("/<uuid:id>", "vis", vis)
    pages.add_url_rule("/<uuid:id>/slet", "slet", slet, methods=["GET", "POST"])
    pages.add_url_rule("/<uuid:id>/fortryd", "fortryd", fortryd, methods=["POST"])


@kræver(Ret.KONTAKTER)
def liste() -> ResponseReturnValue:
    """The log, newest first."""
    session, plan_id = current_session(), current_helhedsplan_id()
    periode = request.args.get("periode", "30")
    periode = periode if periode in PERIODER else "30"
    arter = lister.valg(session, plan_id, "art")
    art = request.args.get("art", "")
    art = art if art in dict(arter) else ""
    mine = request.args.get("hvem") == "mine"
    beboer = _resident(session)
    side = sidetal()
    fra = None if periode == "alle" or beboer else today() - timedelta(days=int(periode))
    linjer, sider = kontaktliste(session, Udsnit(fra, art, mine, beboer[0] if beboer else None), side)
    args = {"periode": periode, "art": art, "hvem": "mine" if mine else ""}
    args |= {"beboer": str(beboer[0])} if beboer else {}
    return render_template(
        "kontakter/liste.html",
        linjer=linjer,
        side=side,
        sider=sider,
        args=args,
        arter=arter,
        perioder=PERIODER,
        beboer=beboer,
        etiket=lambda liste, key: lister.etiket(session, plan_id, liste, key),
    )


@kræver(Ret.KONTAKTER)
def vis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One contact and what it said before."""
    session = current_session()
    kontakt, data = hent_kontakt(session, id)
    beboer = None
    if kontakt.beboer_id is not None:
        beboer = hent_beboer(session, kontakt.beboer_id, "vis kontakt")[1]
    return render_template(
        "kontakter/vis.html",
        kontakt=kontakt,
        data=data,
        linjer=beskriv(session, kontakt.helhedsplan_id, data, kontakt.dato),
        art=lister.etiket(session, kontakt.helhedsplan_id, "art", data.art),
        beboer=beboer,
        navne=_users(session, [kontakt.ejer_id, kontakt.skrevet_af or kontakt.ejer_id]),
        historik=_history(session, kontakt, data),
        kan_fortrydes=kan_fortrydes(kontakt, current_user_id()),
    )


@kræver(Ret.KONTAKTER)
def slet(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Ask why, then delete."""
    session = current_session()
    kontakt, _data = hent_kontakt(session, id, "slet kontakt")
    kræv_hel(session, kontakt)
    form = SletForm()
    if form.validate_on_submit():
        slet_kontakt(session, id, Slettegrund(form.grund.data))
        session.commit()
        flash("Kontakten er slettet og tæller ikke længere med.")
        return redirect(url_for("kontakter.liste"), 303)
    page = render_template("kontakter/slet.html", form=form, kontakt=kontakt)
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.KONTAKTER)
def fortryd(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Take back what was logged a moment ago."""
    session = current_session()
    fortryd_kontakt(session, id)
    session.commit()
    flash("Kontakten er fortrudt og tæller ikke med.")
    return redirect(url_for("kontakter.liste"), 303)


def _resident(session: Session) -> tuple[uuid.UUID, str] | None:
    """The resident whose contacts are asked for, and her name; raises IkkeFundet."""
    text = request.args.get("beboer", "")
    if not text:
        return None
    try:
        beboer, data = hent_beboer(session, uuid.UUID(text), "liste over kontakter")
    except (ValueError, Shredded):
        raise IkkeFundet("beboer") from None
    return beboer.id, data.navn


def _users(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = session.exec(select(Bruger).where(col(Bruger.id).in_(ids))).all()
    return {row.id: row.navn for row in rows}


def _history(
    session: Session, kontakt: Kontakt, data: KontaktData
) -> list[tuple[int, datetime, str, bool, list[Forskel]]]:
    """Each correction, latest first: number, when, by whom, whether it was anonymous before, and what it changed."""
    rows = versioner(session, kontakt)
    plan_id = kontakt.helhedsplan_id
    texts = [beskriv(session, plan_id, earlier, earlier.dato) for _row, earlier in rows]
    texts.append(beskriv(session, plan_id, data, kontakt.dato))
    users = _users(session, [row.ændret_af for row, _earlier in rows])
    found = [
        (row.nr, row.ændret, users.get(row.ændret_af, ""), earlier.anonym, forskelle(texts[i], texts[i + 1]))
        for i, (row, earlier) in enumerate(rows)
    ]
    return found[::-1]
