"""A backup while four writers write holds everything that was answered before it began, and no row by halves."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.instance import open_instance
from rådgivning.drift.restoring import restore
from rådgivning.settings import Settings
from tests.conftest import DATABASER, LANG, Personale
from tests.drift.copies import KOPI, kopi
from tests.facit import HEMMELIGT, Facit, læs_alt
from tests.killing import klartekst
from tests.limit import vent_på


@pytest.fixture(params=DATABASER)
def databasetype(request: pytest.FixtureRequest) -> str:
    """Copies are made in another way of each database."""
    return str(request.param)


@pytest.mark.lang
def test_a_backup_while_four_write_has_all_that_was_answered_and_every_row_is_whole(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path, db: Session
) -> None:
    db.rollback()
    kontekst = open_instance(settings)
    stop = threading.Event()
    wrote = [Facit() for _ in range(4)]
    answered: dict[uuid.UUID, float] = {}
    who = personale.aktør(Rolle.BEBOERRÅDGIVER)

    def write_on(mine: Facit) -> None:
        """A resident now and then, a contact with her, one with nobody; remembers what was answered when."""
        beboer_id = None
        for number in itertools.count():
            if stop.is_set():
                return
            try:
                with kontekst.session(who) as session:
                    if beboer_id is None or number % 5 == 0:
                        beboer_id = mine.beboer(session)
                    made = mine.kontakt(session, None if number % 3 else beboer_id)
                    session.commit()
            except OperationalError:  # refused as busy, so nothing was answered: a user tries again
                beboer_id = None
                continue
            answered[made] = time.monotonic()

    writers = [threading.Thread(target=write_on, args=(mine,)) for mine in wrote]

    def until(enough: Callable[[], bool]) -> None:
        """Let them write on until it is enough."""
        end = time.monotonic() + 600
        while not enough():
            assert any(writer.is_alive() for writer in writers), "every writer has died"
            assert time.monotonic() < end, f"only {len(answered)} were answered in ten minutes"
            time.sleep(0.01)

    for writer in writers:
        writer.start()
    try:
        until(lambda: len(answered) >= (1000 if LANG else 20))
        began = time.monotonic()
        data, keys = kopi(settings, tmp_path)
        ended = time.monotonic()
        until(lambda: any(at > ended for at in dict(answered).values()))
    finally:
        stop.set()
        vent_på(writers)
    kontekst.close()
    restore(tomt, [KOPI], data, keys)
    restored = læs_alt(tomt, who)
    notater = {id_: notat for mine in wrote for id_, notat in mine.notater.items()}
    navne = {id_: navn for mine in wrote for id_, navn in mine.navne.items()}
    before = {id_ for id_, at in answered.items() if at < began}
    assert before <= set(restored.notater) < set(notater)
    assert restored.notater.items() <= notater.items()
    assert restored.navne.items() <= navne.items()
    assert restored.talt == len(restored.notater), "no fact without its contact"
    assert klartekst([tmp_path], HEMMELIGT) == []
