"""Sealed drafts: what a user has typed but not saved, bound to her and to one form. Never in the browser."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from rådgivning.adgang.models import Bruger, Kladde
from rådgivning.adgang.typed import UDELADES
from rådgivning.dansk import ligner_cpr
from rådgivning.database import new_id, now, today
from rådgivning.felter.text import UUID_TEXT
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import destroy_key, open_sealed, seal
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

LEVETID = timedelta(days=14)
FIL_LEVETID = timedelta(days=1)
MAX_TEGN = 100_000
MAX_FELTER = 500
_HER_PATH = re.compile(rf"/beboere/({UUID_TEXT.pattern}).*|/.+/ny/({UUID_TEXT.pattern})", re.IGNORECASE)


class KladdeData(BaseModel):
    """A form's fields as they were sent: name to list of values."""

    model_config = ConfigDict(hide_input_in_errors=True)

    felter: dict[str, list[str]] = {}


def gem_kladde(session: Session, formular: str, felter: Mapping[str, list[str]]) -> bool:
    """Keep a form's fields; False (nothing kept) when they are too large. What looks like a CPR number is left out."""
    rene = {
        # An id is no CPR number, though a run of its digits may look like one.
        navn: [v for v in værdier if not ligner_cpr(UUID_TEXT.sub(" ", v))]
        for navn, værdier in felter.items()
        if not UDELADES.fullmatch(navn)
    }
    size = sum(len(navn) + sum(map(len, værdier)) for navn, værdier in rene.items())
    if size > MAX_TEGN or len(rene) > MAX_FELTER:
        return False
    kladde = _find(session, formular) or _ny(session, formular)
    kladde.gemt, kladde.udløber, kladde.beboer_id = now(), today() + LEVETID, _about(formular, rene)
    seal(session, kladde, KladdeData(felter=rene))
    session.add(kladde)
    return True


def _about(formular: str, felter: Mapping[str, list[str]]) -> uuid.UUID | None:
    """The resident chosen in the form, else the one whose form it is."""
    answers = [text for name in ("beboer_id", "hvem") for text in felter.get(name, [])]
    chosen = [text for text in answers if UUID_TEXT.fullmatch(text)]
    path = _HER_PATH.fullmatch(formular)
    about = chosen or (list(filter(None, path.groups())) if path else [])
    return uuid.UUID(about[0]) if about else None


def _ny(session: Session, formular: str) -> Kladde:
    """An empty draft; of two first savings at once, the later gets the earlier one's row."""
    hold(session)
    who = aktør(session)
    ny = new_id()
    row = {
        "id": ny,
        "helhedsplan_id": who.helhedsplan_id,
        "ejer_id": who.bruger_id,
        "formular": formular,
        "sealed": b"",
        "gemt": now(),
        "udløber": today() + LEVETID,
    }
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(Kladde).values(row).on_conflict_do_nothing())
    skriv(session, Handling.OPRETTET, "kladde", [ny])
    return session.exec(_query(session, formular)).one()


def hent_kladde(session: Session, formular: str) -> dict[str, list[str]] | None:
    """The draft of this user and form, or None; a role that may open no envelope has none."""
    kladde = _find(session, formular) if "kladde" in aktør(session).åbner else None
    if kladde is None or kladde.udløber < today():
        return None
    try:
        return open_sealed(session, kladde, KladdeData, "fortsæt kladde").felter
    except Shredded:
        return None


def gem_fil(session: Session, formular: str, navn: str, data: bytes, **felter: str) -> None:
    """Keep an uploaded file sealed until tomorrow, in the place of the one this user kept there before."""
    slet_kladde(session, formular)
    session.flush()
    kladde = _ny(session, formular)
    kladde.gemt, kladde.udløber = now(), today() + FIL_LEVETID
    kept = {"navn": [navn], "fil": [base64.b64encode(data).decode()], **{key: [text] for key, text in felter.items()}}
    seal(session, kladde, KladdeData(felter=kept))
    session.add(kladde)


@dataclass(frozen=True)
class GemtFil:
    """A kept file: its draft, its name, its content and what was answered about it."""

    kladde_id: uuid.UUID
    navn: str
    data: bytes
    felter: dict[str, str]


def hent_fil(session: Session, formular: str) -> GemtFil | None:
    """The file this user keeps there, or None."""
    felter = hent_kladde(session, formular)
    kladde = _find(session, formular)
    if felter is None or kladde is None:
        return None
    answered = {key: values[0] for key, values in felter.items() if key not in ("navn", "fil")}
    return GemtFil(kladde.id, felter["navn"][0], base64.b64decode(felter["fil"][0]), answered)


def tag_fil(session: Session, formular: str, kladde_id: uuid.UUID) -> bool:
    """Take the kept file out: False when it is another one by now, or another request was first."""
    hold(session)
    still = _query(session, formular).where(Kladde.id == kladde_id).with_for_update()
    kladde = session.exec(still.execution_options(populate_existing=True)).one_or_none()
    if kladde is None:
        return False
    _remove(session, [kladde])
    return True


def slet_kladde(session: Session, formular: str) -> None:
    """Forget the draft: the form was saved, or the user does not want it."""
    hold(session)
    kladde = _find(session, formular)
    if kladde is not None:
        _remove(session, [kladde])


def slet_kladder_om(session: Session, om: Collection[uuid.UUID]) -> None:
    """Forget every user's drafts about residents who are being erased, and those at the pages of their cases: for good,
    also after a restore."""
    hold(session)
    hers = {str(i) for i in om}
    every = session.exec(select(Kladde).where(Kladde.helhedsplan_id == aktør(session).helhedsplan_id)).all()
    paths = {kladde.id: set(UUID_TEXT.findall(kladde.formular.lower())) for kladde in every}
    about = [kladde for kladde in every if kladde.beboer_id in om or paths[kladde.id] & hers]
    _remove(session, about, varig=True)


def slet_alle_kladder(session: Session, bruger_id: uuid.UUID) -> None:
    """Forget every draft of a user."""
    hold(session)
    _remove(session, session.exec(select(Kladde).where(Kladde.ejer_id == bruger_id)).all())


def ryd_kladder(session: Session) -> None:
    """Forget the helhedsplan's drafts that have ended, an import's kept file among them, and any that a user who is
    blocked was just saving."""
    hold(session)
    mine = Kladde.helhedsplan_id == aktør(session).helhedsplan_id
    blocked = col(Kladde.ejer_id).in_(select(Bruger.id).where(col(Bruger.spærret).is_not(None)))
    _remove(session, session.exec(select(Kladde).where(mine, or_(col(Kladde.udløber) < today(), blocked))).all())


def slet_kladder_fra_før(session: Session, før: datetime, højst: int) -> int:
    """Forget the helhedsplan's drafts that nobody has written in since, at most so many; how many."""
    hold(session)
    mine = (Kladde.helhedsplan_id == aktør(session).helhedsplan_id, Kladde.gemt < før)
    rows = session.exec(select(Kladde).where(*mine).order_by(col(Kladde.id)).limit(højst)).all()
    _remove(session, rows)
    return len(rows)


def _remove(session: Session, kladder: Sequence[Kladde], *, varig: bool = False) -> None:
    """The rows and their keys, of which no trace need stay once they are gone, unless an erasure took them."""
    for kladde in kladder:
        session.delete(kladde)
        destroy_key(session, kladde.id, varig=varig)


def _find(session: Session, formular: str) -> Kladde | None:
    return session.exec(_query(session, formular)).one_or_none()


def _query(session: Session, formular: str) -> SelectOfScalar[Kladde]:
    return select(Kladde).where(Kladde.ejer_id == aktør(session).bruger_id, Kladde.formular == formular)
