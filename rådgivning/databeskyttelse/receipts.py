"""Receipts of erasure: that somebody was erased, why, how much, and when the last backup forgets. Knows no Flask."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast

from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.beboere.models import Beboer
from rådgivning.dansk import lang_dato, tal
from rådgivning.database import now, today
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.overblik.moving import antal_om
from rådgivning.settings import Kopidage
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

ANMODNING, INDSIGELSE, SLETTEFRIST, KOMMANDO = "anmodning", "indsigelse", "slettefrist", "kommando"
ÅRSAGER: Final = {
    ANMODNING: "Beboeren har bedt om det (databeskyttelsesforordningen art. 17)",
    INDSIGELSE: "Beboeren har gjort indsigelse (databeskyttelsesforordningen art. 17, stk. 1, litra c, og art. 21)",
    SLETTEFRIST: "Slettefristen er udløbet",
    KOMMANDO: "Slettet af den, der driver systemet, efter beslutning",
    "oprettet ved en fejl": "Beboeren var oprettet ved en fejl",
    "findes to gange": "Beboeren fandtes to gange",
    "beboeren ønsker ikke at stå her": "Beboeren ønsker ikke at stå her",
}
"""Why somebody was erased, in words; a reason by hand is the key that stands in the trail."""

ORD: Final = {
    "beboer": ("beboers stamdata", "beboeres stamdata"),
    "kontakt": ("kontakt med noter", "kontakter med noter"),
    "kontakt_version": ("tidligere udgave af en kontakt", "tidligere udgaver af kontakter"),
    "opgave": ("opgave", "opgaver"),
    "samtykke": ("samtykke", "samtykker"),
    "henvisning": ("henvisning", "henvisninger"),
    "henvisning_behandling": ("svar på en henvisning", "svar på henvisninger"),
    "restancesag": ("restancesag", "restancesager"),
    "kladde": ("kladde", "kladder"),
    "bemærkning": ("egen bemærkning", "egne bemærkninger"),
    "nødadgang": ("begrundelse for en kollegas adgang", "begrundelser for en kollegas adgang"),
    "anmodning": ("anmodning (det, der er skrevet i den)", "anmodninger (det, der er skrevet i dem)"),
    "aftale": ("aftale i kalenderen", "aftaler i kalenderen"),
    "fastholdelse": ("begrundelse for at gemme længere", "begrundelser for at gemme længere"),
}
"""What is counted, in words."""


@dataclass(frozen=True)
class Glemsel:
    """The last days on which a backup from before an erasure today is there: of the key store, and of the data."""

    nøgler: date
    data: date


def glemsel(session: Session) -> Glemsel:
    """By the settings: a copy made this very day goes with the first nightly backup after its days."""
    dage, i_dag = cast("Kopidage", session.info["kopidage"]), today()
    return Glemsel(i_dag + timedelta(days=dage.nøgler + 1), i_dag + timedelta(days=dage.data + 1))


def kopier(row: Kvittering) -> str:
    """What a letter says of the backups: when nobody can read what was sealed, and when nothing is left in them."""
    if row.glemt < today():
        keys = f"Den sidste sikkerhedskopi af nøglen var der til og med {lang_dato(row.glemt)}."
    else:
        keys = (
            f"Til og med {lang_dato(row.glemt)} kan der ligge en sikkerhedskopi af nøglen. Så længe kan oplysningerne"
            " hentes frem af den, der både har den og en ældre sikkerhedskopi af databasen."
            " Derefter kan ingen læse dem."
        )
    return f"{keys} {_left_in_data(row.data_glemt)}".strip()


def _left_in_data(last: date | None) -> str:
    if last is None:
        return ""
    if last < today():
        return f"Den sidste ældre sikkerhedskopi af databasen var der til og med {lang_dato(last)}."
    return (
        f"Databasens egne sikkerhedskopier slettes senest {lang_dato(last)}. Indtil da står der i dem et tilfældigt"
        " nummer uden navn: hvilke dage der var kontakt og, for den, der også har programmets nøgler, hvilke tal der"
        " hører til nummeret, og hvem det boede sammen med. Derefter er også det væk."
    )


def kvittér(session: Session, beboer_id: uuid.UUID, årsag: str, *, af: uuid.UUID | None) -> uuid.UUID:
    """Write the receipt of an erasure, in its transaction and before it: rows are counted while they are there.

    The same resident twice is the same receipt. `årsag` is a key of ÅRSAGER; `af` None when the program did it by its
    deadlines. Raises IkkeFundet for somebody who is no resident and has no receipt.
    """
    hold(session)
    found = kvittering_for(session, beboer_id)
    if found is not None:
        return found.id
    beboer = session.get(Beboer, beboer_id)
    plan_id = aktør(session).helhedsplan_id
    if beboer is None or beboer.helhedsplan_id != plan_id:
        raise IkkeFundet("beboer", beboer_id)
    last = glemsel(session)
    row = Kvittering(
        helhedsplan_id=beboer.helhedsplan_id,
        nummer=_number(session, beboer_id),
        årsag=årsag if årsag in ÅRSAGER else KOMMANDO,
        af=af,
        tidspunkt=now(),
        glemt=last.nøgler,
        data_glemt=last.data,
        antal={"beboer": 1, **{table: count for table, count in antal_om(session, beboer_id).items() if count}},
    )
    session.add(row)
    skriv(session, Handling.OPRETTET, "kvittering", [row.id], anledning=row.årsag)
    session.flush()
    return row.id


def i_ord(antal: Mapping[str, int]) -> list[str]:
    """Each count in words."""
    return [f"{tal(n)} {ORD.get(table, (table, table))[n != 1]}" for table, n in sorted(antal.items())]


def kvittering_for(session: Session, beboer_id: uuid.UUID) -> Kvittering | None:
    """The receipt of somebody whose id is known."""
    return session.exec(select(Kvittering).where(Kvittering.nummer == _number(session, beboer_id))).one_or_none()


def _number(session: Session, beboer_id: uuid.UUID) -> str:
    key = cast("bytes", session.info["audit_key"])
    code = base64.b32encode(hmac.digest(key, b"kvittering" + beboer_id.bytes, hashlib.sha256)).decode()
    return f"SL-{code[:5]}-{code[5:10]}-{code[10:15]}"
