"""Pages of rettelse (art. 16 and 19), begrænsning (art. 18) and indsigelse (art. 21): what was done, who was told, and
lifting a restriction again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, delete, func, select
from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Konflikt, Ret, current_user, har_ret, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.restriction import kræv_ubegrænset
from rådgivning.beboere.statements import bemærkninger
from rådgivning.dansk import dato
from rådgivning.database import current_session, today
from rådgivning.databeskyttelse import requests, restricting
from rådgivning.databeskyttelse.answers import skriv_svar
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Slags, Status
from rådgivning.databeskyttelse.request_words import BEGRÆNSNINGSGRUNDE, INDSIGELSE_UDFALD
from rådgivning.databeskyttelse.stepping import når_klar
from rådgivning.databeskyttelse.subject_forms import FØRST_BESKED, OPHÆVES_DA
from rådgivning.felter import DatoFelt, FlervalgFelt, Formular, NotatFelt, ValgFelt, ikke_i_fremtiden, påkrævet
from rådgivning.kontakter.models import KontaktVersion
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

_ONE = "/databeskyttelse/anmodninger/<uuid:anmodning_id>"


class RettelseFormular(Formular):
    """What was corrected and who was told. `udgaver`: contacts whose earlier versions, which are wrong, go."""

    rettet = NotatFelt("Hvad er rettet?", [påkrævet("Skriv, hvad der er rettet, og hvor.")], max_længde=4000)
    modtagere = NotatFelt(
        "Hvem har fået besked om rettelsen?",
        [påkrævet("Skriv, hvem der har fået besked, eller at ingen havde fået oplysningen.")],
        max_længde=2000,
    )
    udgaver = FlervalgFelt("Slet de tidligere udgaver af")


class BegrænsFormular(Formular):
    """Why a resident is restricted."""

    grund = ValgFelt(
        "Hvorfor begrænses behandlingen?",
        [påkrævet("Vælg en grund.")],
        choices=list(BEGRÆNSNINGSGRUNDE.items()),
        widget=ListWidget(prefix_label=False),
    )


class IndsigelseFormular(Formular):
    """How an objection is upheld: what stops, and who was told."""

    udfald = ValgFelt(
        "Hvad fører indsigelsen til?",
        [påkrævet("Vælg, hvad indsigelsen fører til.")],
        choices=list(INDSIGELSE_UDFALD.items()),
        widget=ListWidget(prefix_label=False),
    )
    rettet = NotatFelt(
        "Hvad stopper? Beboeren får teksten i brevet", [påkrævet("Skriv, hvad der stopper.")], max_længde=4000
    )
    modtagere = NotatFelt("Hvem uden for helhedsplanen har fået besked?", max_længde=2000)
    underrettet = DatoFelt(OPHÆVES_DA, [ikke_i_fremtiden])

    def validate_underrettet(self, field: DatoFelt) -> None:
        """She is told before what was restricted meanwhile is lifted (art. 18(3))."""
        if field.data is None and self.udfald.data == "stopper":
            raise ValidationError(FØRST_BESKED)


class OphævFormular(Formular):
    """Why it is lifted, and when the resident was told, which must be before."""

    begrundelse = NotatFelt("Hvorfor ophæves begrænsningen?", [påkrævet("Skriv en begrundelse.")], max_længde=2000)
    underrettet = DatoFelt(
        "Hvornår har beboeren fået besked?",
        [påkrævet(FØRST_BESKED), ikke_i_fremtiden],
    )


def add_pages(bp: Blueprint) -> None:
    """Under `/databeskyttelse/anmodninger/<id>`, and `/beboere/anmodninger/<id>/rettelse` for the beboerrådgiver."""
    bp.add_url_rule("/beboere/anmodninger/<uuid:anmodning_id>/rettelse", view_func=rettelse, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/begræns", view_func=begræns, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/indsigelse", view_func=indsigelse, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/ophæv", view_func=ophæv, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/brev", view_func=brev)
    bp.add_app_template_global(_open_requests, "åbne_anmodninger")
    bp.add_app_template_global(_statements, "beboers_bemærkninger")


def _open_requests(beboer_id: uuid.UUID) -> list[Anmodning]:
    """A resident's requests that wait for an answer, for her page."""
    waiting = (Anmodning.beboer_id == beboer_id, Anmodning.status == Status.MODTAGET)
    return list(current_session().exec(select(Anmodning).where(*waiting).order_by(col(Anmodning.frist))).all())


def _statements(beboer_id: uuid.UUID, vedrører: uuid.UUID | None = None) -> list[Any]:
    """What she says herself, for her page and a contact's."""
    return list(bemærkninger(current_session(), beboer_id, vedrører))


def _ready(session: Session, anmodning_id: uuid.UUID, *slags: Slags) -> tuple[Anmodning, uuid.UUID]:
    """The request and whom it is about. Raises IkkeFundet, and Konflikt for another right or an unknown person."""
    row = hent(session, Anmodning, anmodning_id)
    if row.slags not in slags or row.beboer_id is None:
        raise Konflikt("Anmodningen gælder noget andet, eller beboeren er ikke fundet.")
    if har_ret(Ret.REGISTREREDE) and not row.identitet:
        raise Konflikt("Identiteten skal være fastslået først.")
    return row, row.beboer_id


@kræver(Ret.REGISTREREDE, Ret.BEBOERE)
@frisk
@når_klar
def rettelse(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Something was wrong and has been corrected on its own page: written down here, with who was told. Her own words
    stand on it, so it is her beboerrådgiver's, and of who wrote the request down."""
    session = current_session()
    row, beboer_id = _ready(session, anmodning_id, Slags.RETTELSE)
    kræv_hel(session, row)
    if row.status != Status.MODTAGET:
        raise Konflikt(requests.AFGJORT)
    form = RettelseFormular()
    form.udgaver.choices = _with_versions(session, beboer_id)
    data = requests.tekst(session, row, "rettelse") or AnmodningData()
    back = f"/beboere/{beboer_id}" if har_ret(Ret.BEBOERE) else url_for(".anmodning", anmodning_id=anmodning_id)
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/rettelse.html", form=form, tekst=data, tilbage=back)
        return page, 422 if form.is_submitted() else 200
    row = requests.lås(session, anmodning_id)
    _forget_versions(session, beboer_id, [uuid.UUID(key) for key in form.udgaver.data])
    corrected = {"rettet": form.rettet.data, "modtagere": form.modtagere.data}
    requests.imødekom(session, row, data.model_copy(update=corrected))
    session.commit()
    flash("Rettelsen er skrevet ned. Beboeren kan få et brev om den fra databeskyttelse.")
    return redirect(back, 303)


def _with_versions(session: Session, beboer_id: uuid.UUID) -> list[tuple[str, str]]:
    """Her contacts that were corrected, by the day they were."""
    count = func.count()
    query = (
        select(KontaktVersion.kontakt_id, func.max(KontaktVersion.ændret), count)
        .where(KontaktVersion.beboer_id == beboer_id)
        .group_by(col(KontaktVersion.kontakt_id))
        .order_by(func.max(KontaktVersion.ændret).desc())
    )
    rows: Any = session.exec(query).all()
    return [(str(id_), f"kontakten, der blev rettet {dato(when.date())} ({n})") for id_, when, n in rows]


def _forget_versions(session: Session, beboer_id: uuid.UUID, kontakter: list[uuid.UUID]) -> None:
    """What was wrong does not stay as history. Raises Dækket for an adviser who does not see all of it."""
    if not kontakter:
        return
    kræv_ubegrænset(session, beboer_id)
    hers = (col(KontaktVersion.kontakt_id).in_(kontakter), col(KontaktVersion.beboer_id) == beboer_id)
    if not har_ret(Ret.REGISTREREDE):
        for version in session.exec(select(KontaktVersion).where(*hers)).all():
            kræv_hel(session, version)
    session.exec(delete(KontaktVersion).where(*hers))
    skriv(session, Handling.SLETTET, "kontakt_version", kontakter, beboere=[beboer_id], anledning="rettelse")


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def begræns(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Freeze what there is about her: because she asked for it, or while her objection is weighed."""
    session = current_session()
    row, _beboer_id = _ready(session, anmodning_id, Slags.BEGRÆNSNING, Slags.INDSIGELSE)
    weighed = row.slags == Slags.INDSIGELSE
    form = BegrænsFormular(data={"grund": "indsigelse"} if weighed else {})
    if weighed:
        form.grund.choices = [("indsigelse", BEGRÆNSNINGSGRUNDE["indsigelse"])]
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/begræns.html", form=form, row=row)
        return page, 422 if form.is_submitted() else 200
    row = requests.lås(session, anmodning_id)
    data = requests.tekst(session, row, "begrænsning") or AnmodningData()
    data = restricting.begræns(session, row, data)
    data = data.model_copy(update={"begrundelse": BEGRÆNSNINGSGRUNDE[form.grund.data]})
    if weighed:
        requests.gem(session, row, "begrænset imens", data)
    else:
        requests.imødekom(session, row, data)
    return _done(anmodning_id, "Behandlingen er begrænset. Ingen kan ændre, slette eller bruge oplysningerne.")


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def ophæv(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Lift it, once the resident was told (art. 18(3))."""
    session = current_session()
    row, _beboer_id = _ready(session, anmodning_id, Slags.BEGRÆNSNING, Slags.INDSIGELSE)
    if not restricting.holder(row):
        raise Konflikt("Behandlingen er ikke begrænset på grund af denne anmodning.")
    form = OphævFormular()
    if not form.validate_on_submit():
        others = len(restricting.andre(session, row))
        page = render_template("databeskyttelse/ophæv.html", form=form, row=row, andre=others)
        return page, 422 if form.is_submitted() else 200
    told = restricting.besked(form.underrettet.data or today())
    requests.ophæv(session, anmodning_id, f"{form.begrundelse.data}\n{told}")
    return _done(anmodning_id, "Begrænsningen er ophævet. Der kan arbejdes med oplysningerne igen.")


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def indsigelse(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Uphold an objection: something stops, or everything. Erasure has its own page, refusal too."""
    session, form = current_session(), IndsigelseFormular()
    row, beboer_id = _ready(session, anmodning_id, Slags.INDSIGELSE)
    if row.status != Status.MODTAGET:
        raise Konflikt(requests.AFGJORT)
    if not restricting.alene(session, row):
        del form.underrettet
    if not form.validate_on_submit():
        beboer = hent(session, Beboer, beboer_id)
        page = render_template("databeskyttelse/indsigelse.html", form=form, row=row, beboer=beboer)
        return page, 422 if form.is_submitted() else 200
    row = requests.lås(session, anmodning_id)
    data = requests.tekst(session, row, "indsigelse") or AnmodningData()
    if form.udfald.data == "begrænses":
        data = restricting.begræns(session, row, data)
    else:
        told = form.underrettet.data if "underrettet" in form else None
        data = restricting.slip(session, row, data, restricting.afgjort(told))
    decided = {
        "begrundelse": INDSIGELSE_UDFALD[form.udfald.data],
        "rettet": form.rettet.data,
        "modtagere": form.modtagere.data,
    }
    requests.imødekom(session, row, data.model_copy(update=decided))
    return _done(anmodning_id, "Beboeren har fået medhold i indsigelsen. Send beboeren brevet om det.")


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def brev(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """The letter that answers, to print or to put into Digital Post. Made in memory, and in the trail as read."""
    session = current_session()
    row = hent(session, Anmodning, anmodning_id)
    response = Response(skriv_svar(session, row, current_user().navn), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename="svar.pdf")
    skriv(session, Handling.EKSPORTERET, "anmodning", [row.id], anledning="brev til beboeren")
    session.commit()
    return response


def _done(anmodning_id: uuid.UUID, besked: str) -> ResponseReturnValue:
    current_session().commit()
    flash(besked)
    return redirect(url_for(".anmodning", anmodning_id=anmodning_id), 303)
