"""What each right is used on, and when each user last used it: from the trail and the permission table itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import RETTIGHEDER, ÅBNER, Ret, Rolle
from rådgivning.database import now
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Adgang

UBRUGT = timedelta(days=90)
GJORT = (
    Handling.ÅBNET,
    Handling.OPRETTET,
    Handling.ÆNDRET,
    Handling.SLETTET,
    Handling.EKSPORTERET,
    Handling.IMPORTERET,
)
# What the trail calls what a right is used on. A right that only shows what nobody is in leaves no entry.
BRUGES_PÅ: Mapping[Ret, frozenset[str]] = {
    Ret.BEBOERE: frozenset(
        {"beboer", "lejemål", "sammenlægning", "ikke_samme", "fastholdelse", "bemærkning", "overdragelse"}
    ),
    Ret.KONTAKTER: frozenset({"kontakt", "kontakt_version"}),
    Ret.SAMTYKKER: frozenset({"samtykke"}),
    Ret.OPGAVER: frozenset({"opgave"}),
    Ret.KALENDER: frozenset({"aftale", "aftale_note", "optaget", "kalenderfeed"}),
    Ret.HENVIS: frozenset({"henvisning"}),
    Ret.HENVISNINGER: frozenset({"henvisning", "henvisning_behandling"}),
    Ret.INDBERET_RESTANCE: frozenset({"restancesag", "restanceliste"}),
    Ret.RESTANCER: frozenset({"restancesag", "restanceliste", "listesag"}),
    Ret.SUNDHEDSTJEK: frozenset({"sundhedstjek"}),
    Ret.MÅLINGER: frozenset({"måling"}),
    Ret.PLAN: frozenset({"helhedsplan", "plankladde"}),
    Ret.INDKALDELSESTEKSTER: frozenset({"indkaldelsesrettelse"}),
    Ret.STATISTIK: frozenset({"udgivelse", "egen_tabel", "rapport", "rapportskabelon", "statistikmetode"}),
    Ret.REGISTREREDE: frozenset({"anmodning", "kvittering", "udlevering", "bemærkning"}),
    Ret.BRUGERE: frozenset({"bruger", "brugersession", "bruger_faktor", "bruger_identitet", "identitet_invitation"}),
    Ret.SPOR: frozenset({"spor"}),
    Ret.NØDADGANG: frozenset({"nødadgang", "vikar"}),
    Ret.RETTIGHEDER: frozenset({"rettighedsgennemgang", "vikar", "overdragelse"}),
}
ALLES = frozenset.intersection(*RETTIGHEDER.values()) | {Ret.KLADDE}
UDEN_SPOR = frozenset({Ret.DELMÅL, Ret.IMPORT})
RÆKKER = {
    "alle": "alle i helhedsplanen",
    "organisation": "boligorganisationens",
    "egne": "kun egne",
    "person": "den, anmodningen gælder",
}


@dataclass(frozen=True)
class Brug:
    """A right and when it was last used; `målt` is False where the trail cannot tell."""

    ret: Ret
    sidst: datetime | None
    målt: bool = True

    @property
    def status(self) -> str:
        """In a word: brugt, ubrugt in 90 days, aldrig, or "" where it cannot be told."""
        if not self.målt:
            return ""
        if self.sidst is None:
            return "aldrig"
        return "brugt" if now() - self.sidst < UBRUGT else "ubrugt"


@dataclass(frozen=True)
class Tabellinje:
    """One line of the permission table in words: what a role opens of a table."""

    tabel: str
    rækker: str
    dele: str
    skjult: str


def sidste_brug(session: Session, helhedsplan_id: uuid.UUID) -> dict[tuple[uuid.UUID, str], datetime]:
    """When each user last did anything with each kind of thing."""
    query = (
        select(Spor.aktør, Spor.genstand, func.max(col(Spor.tidspunkt)))
        .where(Spor.kæde == str(helhedsplan_id), col(Spor.handling).in_(GJORT), col(Spor.aktør).is_not(None))
        .group_by(col(Spor.aktør), col(Spor.genstand))
    )
    return {(who, what): when for who, what, when in session.exec(query).all() if who is not None}


def brug(rolle: Rolle, bruger_id: uuid.UUID, sidst: Mapping[tuple[uuid.UUID, str], datetime]) -> list[Brug]:
    """The rights of a role that tell what she does (not the own page, help, drafts), and when she last used each."""
    return [_use(ret, bruger_id, sidst) for ret in Ret if ret in RETTIGHEDER[rolle] - ALLES]


def _use(ret: Ret, bruger_id: uuid.UUID, sidst: Mapping[tuple[uuid.UUID, str], datetime]) -> Brug:
    if ret in UDEN_SPOR:
        return Brug(ret, None, målt=False)
    times = [when for what in BRUGES_PÅ[ret] if (when := sidst.get((bruger_id, what))) is not None]
    return Brug(ret, max(times, default=None))


def tabellen() -> dict[Rolle, list[Tabellinje]]:
    """Roles, tables and parts: the permission table as it is enforced, in words."""
    return {rolle: [_line(tabel, adgang) for tabel, adgang in sorted(ÅBNER[rolle].items())] for rolle in Rolle}


def _line(tabel: str, adgang: Adgang) -> Tabellinje:
    dele = "alt" if adgang.ser is None else ", ".join(sorted(adgang.ser))
    return Tabellinje(tabel.replace("_", " "), RÆKKER[adgang.omfang], dele, ", ".join(_words(adgang.kun_ejer)))


def _words(dele: frozenset[str]) -> Iterator[str]:
    return (" i ".join(reversed(part.split("."))) for part in sorted(dele))
