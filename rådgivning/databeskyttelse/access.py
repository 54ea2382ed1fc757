"""The doors by which databeskyttelse, whose role opens no envelope, comes to what a right demands and to nothing else.

Every opening stands in the trail with her as the one who opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlmodel import Session

from rådgivning.nøgler.opening import SealedRow
from rådgivning.spor.trail import Adgang, aktør

_MATCHED = (
    "beboer",
    "lejemål",
    "restancesag",
    "henvisning",
    "aftale",
    "aftale_note",
    "restanceliste",
    "gennemset",
    "anmodning",
)


@contextlib.contextmanager
def programmet(session: Session, *, selv: bool = False) -> Iterator[None]:
    """Let the program compare rows with one another: what it opens is counted, and shown to nobody. With `selv` it acts
    by itself, so that whoever is signed in is told as well."""
    who = aktør(session)
    åbner = {**who.åbner, **dict.fromkeys(_MATCHED, Adgang("alle"))}
    bruger_id = None if selv else who.bruger_id
    session.info["aktør"] = replace(who, bruger_id=bruger_id, åbner=åbner)
    try:
        yield
    finally:
        session.info["aktør"] = who


@contextlib.contextmanager
def om(session: Session, rækker: Iterable[SealedRow]) -> Iterator[None]:
    """Let these rows be opened, each named in the trail, and none of anybody else's."""
    rows = list(rækker)
    who = aktør(session)
    session.info["aktør"] = replace(
        who,
        åbner=dict.fromkeys((str(row.__tablename__) for row in rows), Adgang("person")),
        personer=frozenset({row.person_id for row in rows}),
    )
    try:
        yield
    finally:
        session.info["aktør"] = who
