"""The ties between accounts and users on both databases: each account one user's, each code and state good once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.identities import (
    IdentitetFejl,
    brug_en_gang,
    brug_kode,
    brugers_identitet,
    fjern,
    knyt,
    ny_kode,
    passer_kode,
)
from rådgivning.adgang.models import Bruger, BrugerIdentitet, OidcBrugt
from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale

T = TypeVar("T")
TJENESTE = "https://login.example.dk"


def på_en_gang(kontekst: Nøglekontekst, settings: Settings, gør: Callable[[Session, int], T]) -> list[T]:
    """Two at once, each in a transaction of its own."""
    barrier = Barrier(2, timeout=60)

    def en(nr: int) -> T:
        with kontekst.session(Aktør()) as session:
            session.info["settings"] = settings
            barrier.wait()
            result = gør(session, nr)
            session.commit()
            return result

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(en, range(2)))


def test_of_two_at_once_one_uses_the_state_and_one_the_code(
    kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    leder = personale.brugere[Rolle.LEDER]
    with kontekst.session(Aktør()) as session:
        mark = passer_kode(session, leder.id, ny_kode(session, session.get_one(Bruger, leder.id)))
        session.commit()
    assert mark
    assert sorted(på_en_gang(kontekst, settings, lambda s, _: brug_en_gang(s, "state", "x"))) == [False, True]
    assert sorted(på_en_gang(kontekst, settings, lambda s, _: brug_kode(s, leder.id, mark))) == [False, True]


def test_of_two_users_at_once_one_gets_the_account(
    kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    ids = [personale.brugere[rolle].id for rolle in (Rolle.LEDER, Rolle.INKASSO)]

    def tie(session: Session, nr: int) -> str:
        try:
            knyt(session, session.get_one(Bruger, ids[nr]), TJENESTE, "sub-1")
        except IdentitetFejl as fejl:
            return str(fejl)
        return ""

    said = på_en_gang(kontekst, settings, tie)
    assert sorted(said) == ["", "Kontoen er allerede knyttet til en anden bruger."]
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(BrugerIdentitet.bruger_id)).one() == ids[said.index("")]


def test_a_new_account_takes_the_old_ones_place_and_a_code_is_its_users_for_a_week(
    kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    start = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with kontekst.session(Aktør()) as session:
        session.info["settings"] = settings
        leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
        knyt(session, leder, TJENESTE, "sub-1")
        knyt(session, leder, TJENESTE, "sub-1")
        knyt(session, leder, TJENESTE, "sub-2")
        known = brugers_identitet(session, leder.id, TJENESTE)
        assert known is not None
        assert known.subjekt == "sub-2"
        first, second = ny_kode(session, leder), ny_kode(session, leder)
        assert not passer_kode(session, leder.id, first)
        assert passer_kode(session, leder.id, second.upper().replace("-", " "))
        assert not passer_kode(session, personale.brugere[Rolle.INKASSO].id, second)
        mark = passer_kode(session, leder.id, second)
        database.clock.read = lambda: start + timedelta(days=7)
        assert not passer_kode(session, leder.id, second)
        assert not brug_kode(session, leder.id, mark)
        assert fjern(session, leder, TJENESTE)
        assert not fjern(session, leder, TJENESTE)
        for wrong in ("", "to ord", "æble", "x" * 256):
            with pytest.raises(IdentitetFejl):
                knyt(session, leder, TJENESTE, wrong)


def test_a_used_state_is_forgotten_when_it_is_too_old_to_matter(kontekst: Nøglekontekst, personale: Personale) -> None:
    start = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with kontekst.session(Aktør()) as session:
        assert brug_en_gang(session, "state", "x")
        assert brug_en_gang(session, "afmelding", "x")
        assert not brug_en_gang(session, "state", "x")
        database.clock.read = lambda: start + timedelta(hours=2)
        assert brug_en_gang(session, "state", "y")
        assert len(session.exec(select(OidcBrugt)).all()) == 1
