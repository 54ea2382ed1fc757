"""Inviting residents to a talk: who is chosen, what each letter and text message says, and that it is written down.

Knows no Flask, and no files: letters.py makes those.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from babel import Locale
from babel.dates import format_date
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import hent
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, hent_beboere
from rådgivning.dansk import klokkeslæt, lang_dato, vis_telefon
from rådgivning.database import today
from rådgivning.nøgler.errors import Begrænset
from rådgivning.nøgler.opening import open_many
from rådgivning.nøgler.restriction import KAN_IKKE_LÆSES, restricted
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.plan.invitation_texts import Sprogtekst
from rådgivning.plan.invitations import DANSK, udfyld
from rådgivning.restancer.attempts import gyldige, tilføj_forsøg
from rådgivning.restancer.letter_content import Brev, Hoved, Side
from rådgivning.restancer.models import Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

FLEST: Final = 100
BREV, SMS = "indkaldelse", "sms"
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True)
class Valgt:
    """A case whose household is to be invited; `sprog` is the language of the latest invitation, "" for none yet."""

    id: uuid.UUID
    beboer_id: uuid.UUID | None
    boligorganisation: str
    navn: str
    adresse: str
    telefon: str
    lejemål: str
    sprog: str


@dataclass(frozen=True)
class Udvalg:
    """The chosen cases that can be invited, and how many are left out because they are erased, closed or restricted."""

    sager: tuple[Valgt, ...]
    slettede: int = 0
    lukkede: int = 0
    begrænsede: int = 0


@dataclass(frozen=True)
class Møde:
    """When and where the talk is; without a day the resident is asked to call."""

    dag: date | None
    klokken: time | None
    sted: str
    telefon: str


def udvælg(session: Session, ids: Sequence[uuid.UUID]) -> Udvalg:
    """Open the chosen cases as one read, in the order chosen. Raises IkkeFundet for one of another helhedsplan, and
    Begrænset where there is none but a restricted resident's."""
    helhedsplan_id, _bruger = acting(session)
    wanted = list(dict.fromkeys(ids))
    query = select(Restancesag).where(col(Restancesag.id).in_(wanted), Restancesag.helhedsplan_id == helhedsplan_id)
    found = {sag.id: sag for sag in session.exec(query).all()}
    rows = [found[sag_id] if sag_id in found else hent(session, Restancesag, sag_id) for sag_id in wanted]
    open_rows = [sag for sag in rows if sag.lukket is None]
    data = open_many(session, open_rows, RestancesagData, "indkaldelse")
    known = hent_beboere(session, [sag.beboer_id for sag in open_rows if sag.id in data], "indkaldelse")
    chosen = [
        _chosen(sag, data[sag.id], known.get(sag.beboer_id) if sag.beboer_id else None)
        for sag in open_rows
        if sag.id in data
    ]
    missing = [sag for sag in open_rows if sag.id not in data]
    hers = restricted(session, {sag.beboer_id for sag in missing if sag.beboer_id})
    closed = sum(sag.beboer_id in hers for sag in missing)
    if closed and closed == len(rows):
        raise Begrænset(KAN_IKKE_LÆSES, missing[0].beboer_id)
    return Udvalg(tuple(chosen), len(missing) - closed, len(rows) - len(open_rows), closed)


def _chosen(sag: Restancesag, data: RestancesagData, beboer: BeboerData | None) -> Valgt:
    """What the resident has told goes before what the landlord wrote."""
    earlier = (f.sprog for f in gyldige(data) if f.sprog)
    own = beboer or BeboerData()
    return Valgt(
        sag.id,
        sag.beboer_id,
        sag.boligorganisation,
        own.navn or data.navn,
        own.adresse or data.adresse,
        own.telefon or data.telefon,
        data.lejemål,
        next(earlier, ""),
    )


def tider(første: time, minutter: int, antal: int) -> list[time]:
    """`antal` times from the first one, so many minutes apart. Raises ValueError when they run past midnight."""
    begin = datetime.combine(date.min, første)
    found = [begin + timedelta(minutes=minutter * n) for n in range(antal)]
    if found and found[-1].date() != begin.date():
        raise ValueError("Samtalerne når ikke at blive holdt på én dag. Vælg færre sager eller kortere tid.")
    return [at.time() for at in found]


def skriv_brev(
    sag: Valgt, møde: Møde, tekster: Mapping[str, Sprogtekst], sprog: str, hoved: Hoved, rådgiver: str
) -> Brev:
    """The letter in a language, with the Danish text after any other."""
    sider = [tekster[key] for key in dict.fromkeys((sprog, DANSK))]
    return Brev(
        hoved=hoved,
        dato=format_date(today(), "long", locale="da"),
        modtager=sag.navn or "Beboeren",
        adresse=sag.adresse,
        rådgiver=rådgiver,
        sider=tuple(_side(tekst, sag.navn, møde, hoved.afsender, rådgiver) for tekst in sider),
    )


def _side(tekst: Sprogtekst, navn: str, møde: Møde, afsender: str, rådgiver: str) -> Side:
    words = tekst.tekst
    places = _places(tekst.sprog, møde, afsender, rådgiver)
    if tekst.retning == "rtl":
        places = {name: f"{_ISOLATE}{value}{_END}" for name, value in places.items()}
        navn = f"{_ISOLATE}{navn}{_END}" if navn else ""
    body = udfyld(words.brev, places).split("\n\n")
    meeting = udfyld(words.med_tid if møde.dag else words.uden_tid, places)
    lines = [
        (words.ord_tid, _when(tekst.sprog, møde)),
        (words.ord_sted, møde.sted),
        (words.ord_telefon, places["telefon"]),
    ]
    return Side(
        sprog=tekst.sprog,
        retning=tekst.retning,
        gennemlæst=tekst.gennemlæst,
        emne=words.emne,
        hilsen=udfyld(words.hilsen, {"navn": navn}) if navn else "",
        afsnit=tuple(" ".join(text.split()) for text in (*body, meeting) if text.strip()),
        linjer=tuple((name, value) for name, value in lines if value),
        slut=words.slut,
    )


def _places(sprog: str, møde: Møde, afsender: str, rådgiver: str) -> dict[str, str]:
    return {
        "afsender": afsender,
        "rådgiver": rådgiver,
        "telefon": vis_telefon(møde.telefon).replace(" ", "\N{NO-BREAK SPACE}"),
        "sted": møde.sted,
        "dag": _day(sprog, møde.dag),
        "klokken": _clock(sprog, møde.klokken),
    }


def _day(sprog: str, dag: date | None) -> str:
    """The day in full, as that language writes it."""
    if dag is None:
        return ""
    locale = Locale.parse("en_GB" if sprog == "en" else sprog)
    return lang_dato(dag) if sprog == DANSK else format_date(dag, "full", locale=locale)


def _clock(sprog: str, at: time | None) -> str:
    return "" if at is None else klokkeslæt(at) if sprog == DANSK else f"{at:%H:%M}"


def _when(sprog: str, møde: Møde) -> str:
    if møde.dag is None:
        return ""
    between = " kl. " if sprog == DANSK else "، " if sprog in {"ar", "ur"} else ", "
    return between.join(filter(None, (_day(sprog, møde.dag), _clock(sprog, møde.klokken))))


def skriv_sms(møde: Møde, tekst: Sprogtekst, afsender: str, rådgiver: str) -> str:
    """The text message: no name, nothing about rent; the phone number in one piece, so that it can be called."""
    words = tekst.tekst.sms if møde.dag else tekst.tekst.sms_uden_tid
    places = _places(tekst.sprog, møde, afsender, rådgiver)
    return " ".join(udfyld(words, {**places, "telefon": vis_telefon(møde.telefon).replace(" ", "")}).split())


def registrér(
    session: Session,
    indkaldte: Sequence[tuple[Valgt, str, Møde]],
    *,
    måde: str,
    form: str,
    formular_id: uuid.UUID,
    med_opgave: bool = False,
) -> None:
    """Write each invitation (case, language, meeting) down as an attempt, and in the trail that it left.

    The same form again makes no second attempt and no second task; the trail tells every file.
    """
    for sag, sprog, møde in indkaldte:
        attempt = uuid.uuid5(formular_id, f"{måde} {sag.id}")
        tilføj_forsøg(session, sag.id, Kontaktforsøg(id=attempt, måde=måde, dato=today(), sprog=sprog))
        if med_opgave and møde.dag is not None:
            opret_opgave(
                session,
                titel=f"Samtale{f' kl. {klokkeslæt(møde.klokken)}' if møde.klokken else ''} efter indkaldelse",
                frist=møde.dag,
                beboer_id=sag.beboer_id,
                id=uuid.uuid5(formular_id, f"opgave {sag.id}"),
            )
    skriv(
        session,
        Handling.EKSPORTERET,
        "restancesag",
        [sag.id for sag, _sprog, _møde in indkaldte],
        beboere=[sag.beboer_id for sag, _sprog, _møde in indkaldte if sag.beboer_id],
        anledning="indkaldelse",
        detaljer={"antal": len(indkaldte), "form": form},
    )
