"""Pages of requests: the list, a new one, a request's own page, and the decisions that need no more than a form."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Konflikt, Ret, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.statements import skriv_bemærkning
from rådgivning.dansk import dato
from rådgivning.database import current_session, today
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.answers import kan_skrives
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering, Slags, Status
from rådgivning.databeskyttelse.nothing_held import hindring, svar_intet
from rådgivning.databeskyttelse.reopening import er_åben, sidste_dag
from rådgivning.databeskyttelse.request_words import AFSLAG, IDENTITET, RETTIGHEDER
from rådgivning.databeskyttelse.restricting import alene, holder
from rådgivning.databeskyttelse.subject_forms import (
    AfvisFormular,
    AnmodningFormular,
    ForlængFormular,
    HenvendelseFormular,
    IdentitetFormular,
)
from rådgivning.felter import Formular
from rådgivning.kontakter.models import Kontakt

_ONE = "/databeskyttelse/anmodninger/<uuid:anmodning_id>"


def add_pages(bp: Blueprint) -> None:
    """`/databeskyttelse/anmodninger`, and `/beboere/<id>/anmodning` for the beboerrådgiver."""
    bp.add_url_rule("/databeskyttelse/anmodninger", view_func=anmodninger)
    bp.add_url_rule("/databeskyttelse/anmodninger/ny", view_func=ny_anmodning, methods=["GET", "POST"])
    bp.add_url_rule("/beboere/<uuid:beboer_id>/anmodning", view_func=beboers_anmodning, methods=["GET", "POST"])
    bp.add_url_rule(_ONE, view_func=anmodning)
    bp.add_url_rule(f"{_ONE}/identitet", view_func=identitet, methods=["POST"])
    bp.add_url_rule(f"{_ONE}/forlæng", view_func=forlæng, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/intet", view_func=intet, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/afvis", view_func=afvis, methods=["GET", "POST"])
    bp.add_app_template_global(lambda: RETTIGHEDER, "rettigheder")


@kræver(Ret.REGISTREREDE)
def anmodninger() -> ResponseReturnValue:
    """Those to be answered, soonest first; with `vis=besvarede` the others."""
    åbne = request.args.get("vis") != "besvarede"
    side = sidetal()
    rows, sider = requests.anmodninger(current_session(), åbne=åbne, side=side)
    return render_template(
        "databeskyttelse/anmodninger.html", rækker=rows, åbne=åbne, side=side, sider=sider, idag=today()
    )


@kræver(Ret.REGISTREREDE)
def ny_anmodning() -> ResponseReturnValue:
    """Somebody has written to us: is she a resident? The program compares, nobody can be looked up."""
    form = HenvendelseFormular(data={"modtaget": today()})
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/ny_anmodning.html", form=form, beboer_id=None)
        return page, 422 if form.is_submitted() else 200
    session = current_session()
    row = requests.registrér_henvendelse(
        session,
        Slags(form.slags.data),
        modtaget=form.modtaget.data or today(),
        søgt=form.søgt(),
        ønske=form.ønske.data,
        id=form.formular_id.data,
    )
    session.commit()
    flash("Anmodningen er registreret.")
    return redirect(url_for(".anmodning", anmodning_id=row.id), 303)


@kræver(Ret.BEBOERE)
def beboers_anmodning(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """A resident has asked her beboerrådgiver: written down, and handed to databeskyttelse."""
    session = current_session()
    hent(session, Beboer, beboer_id)
    form = AnmodningFormular(data={"modtaget": today()})
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/ny_anmodning.html", form=form, beboer_id=beboer_id)
        return page, 422 if form.is_submitted() else 200
    requests.registrér(
        session,
        Slags(form.slags.data),
        modtaget=form.modtaget.data or today(),
        ønske=form.ønske.data,
        beboer_id=beboer_id,
        id=form.formular_id.data,
    )
    session.commit()
    flash("Anmodningen er givet videre til databeskyttelse, som svarer beboeren inden for en måned.")
    return redirect(f"/beboere/{beboer_id}", 303)


@kræver(Ret.REGISTREREDE)
def anmodning(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """What is asked, how far it is, and what can be done next."""
    return _page(hent(current_session(), Anmodning, anmodning_id), IdentitetFormular(formdata=None))


def _page(row: Anmodning, form: IdentitetFormular) -> str:
    session = current_session()
    beboer = session.get(Beboer, row.beboer_id) if row.beboer_id else None
    by = session.get(Bruger, row.ejer_id)
    return render_template(
        "databeskyttelse/anmodning.html",
        row=row,
        tekst=requests.tekst(session, row) or AnmodningData(),
        form=form,
        beboer=beboer,
        registreret_af=by.navn if by else "",
        identiteter=IDENTITET,
        afslag=AFSLAG[Slags(row.slags)],
        kvittering=session.get(Kvittering, row.kvittering_id) if row.kvittering_id else None,
        om=RETTIGHEDER[Slags(row.slags)],
        åben=row.status == Status.MODTAGET,
        begrænser=holder(row),
        brev=kan_skrives(row),
        tilgængelig=er_åben(session, row),
        genåbnes_til=sidste_dag(row),
        idag=today(),
    )


@kræver(Ret.REGISTREREDE)
@frisk
def identitet(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Say how it was made sure of that it is she who asks."""
    session, form = current_session(), IdentitetFormular()
    row = hent(session, Anmodning, anmodning_id)
    if not form.validate_on_submit():
        return _page(row, form), 422
    requests.identificér(session, anmodning_id, form.identitet.data)
    return _done(anmodning_id, "Det er noteret, hvordan identiteten er fastslået.")


@kræver(Ret.REGISTREREDE)
@frisk
def forlæng(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Two months more, with a reason."""
    session, form = current_session(), ForlængFormular()
    row = hent(session, Anmodning, anmodning_id)
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/forlæng.html", form=form, row=row)
        return page, 422 if form.is_submitted() else 200
    requests.forlæng(session, anmodning_id, form.begrundelse.data)
    return _done(anmodning_id, "Fristen er forlænget. Husk at sende beboeren brevet om det.")


@kræver(Ret.REGISTREREDE)
@frisk
def afvis(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse, with a reason and words the resident gets."""
    session = current_session()
    row = hent(session, Anmodning, anmodning_id)
    form = AfvisFormular(row.slags, _contacts(session, row), ophæver=alene(session, row))
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/afvis.html", form=form, row=row, om=RETTIGHEDER[Slags(row.slags)])
        return page, 422 if form.is_submitted() else 200
    requests.afvis(session, anmodning_id, form.grund.data, form.forklaring.data, _told(form))
    if row.beboer_id is not None and "bemærkning" in form and form.bemærkning.data:
        about = uuid.UUID(form.vedrører.data) if form.vedrører.data else None
        skriv_bemærkning(session, row.beboer_id, form.bemærkning.data, about)
    return _done(anmodning_id, "Anmodningen er afvist. Send beboeren brevet med begrundelse og klagevejledning.")


@kræver(Ret.REGISTREREDE)
@frisk
def intet(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Answer that nothing is held on her, after another look."""
    session, form = current_session(), Formular()
    row = hent(session, Anmodning, anmodning_id)
    if row.status != Status.MODTAGET:
        raise Konflikt(requests.AFGJORT)
    if not form.validate_on_submit():
        said = requests.tekst(session, row) or AnmodningData()
        page = render_template(
            "databeskyttelse/intet.html", form=form, row=row, tekst=said, hindring=hindring(session, row)
        )
        return page, 422 if form.is_submitted() else 200
    svar_intet(session, anmodning_id)
    return _done(anmodning_id, "Anmodningen er besvaret. Send brevet om, at der ingen oplysninger er.")


def _told(form: AfvisFormular) -> date | None:
    return form.underrettet.data if "underrettet" in form else None


def _contacts(session: Session, row: Anmodning) -> list[tuple[str, str]]:
    """Her contacts by their day, which is no part of what is sealed."""
    if row.beboer_id is None or row.slags != Slags.RETTELSE:
        return []
    query = select(col(Kontakt.id), col(Kontakt.dato)).where(Kontakt.beboer_id == row.beboer_id)
    rows = session.exec(query.order_by(col(Kontakt.dato).desc(), col(Kontakt.id)).limit(200)).all()
    return [(str(id_), f"kontakten {dato(day)}") for id_, day in rows]


def _done(anmodning_id: uuid.UUID, besked: str) -> ResponseReturnValue:
    current_session().commit()
    flash(besked)
    return redirect(url_for(".anmodning", anmodning_id=anmodning_id), 303)
