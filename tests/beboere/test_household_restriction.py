"""A restriction reaches the household too, which is sealed under no key of the resident's own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.beboere.restriction import begræns, ophæv
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Begrænset
from rådgivning.overblik.removal import slet
from rådgivning.restancer import tenancies
from rådgivning.restancer.belonging import hold_i_trit
from rådgivning.restancer.cases import knyt_beboer
from tests.conftest import Klient, Personale, opret_testbruger
from tests.restancer.factories import sag

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
HJEM = {"nummer": "55-0107-2", "adresse": "Opdigtet Allé 7", "afdeling": "aab55", "boligorganisation": "aab"}


@pytest.fixture
def hjem(db: Session) -> tuple[UUID, UUID, UUID]:
    """A tenancy, one who lives there and one who is restricted."""
    fri, hun = (opret_beboer(db, BeboerData(navn=n, afdeling="aab55")).id for n in ("Testa Fri", "Zxq Bundet"))
    lejemål = households.opret_lejemål(db, LejemålData.model_validate({**HJEM, "medlemmer": [fri, hun]})).id
    begræns(db, hun)
    db.commit()
    return lejemål, fri, hun


def stand(db: Session, lejemål: UUID) -> LejemålData:
    """What the tenancy says; no transaction is left open."""
    db.expire_all()
    data = households.hent_lejemål(db, lejemål)[1]
    db.commit()
    return data


def test_nothing_of_her_household_is_changed_by_any_way(db: Session, hjem: tuple[UUID, UUID, UUID]) -> None:
    lejemål, fri, hun = hjem
    before = stand(db, lejemål)
    egen, ny = (sag(db, lejemål="") for _ in range(2))
    ophæv(db, hun)
    knyt_beboer(db, egen.id, beboer_id=hun)
    begræns(db, hun)
    andet = households.opret_lejemål(db, LejemålData(nummer="55-0002-1", boligorganisation="aab")).id
    db.commit()
    ways: list[Callable[[], object]] = [
        lambda: households.flyt_ud(db, hun),
        lambda: households.flyt_ind(db, hun, andet),
        lambda: households.opret_lejemål(db, LejemålData(nummer="55-0003-1", medlemmer=[hun])),
        lambda: households.ret_lejemål(db, lejemål, nummer="1", adresse="x", afdeling="aab55"),
        lambda: households.sæt_børn(db, lejemål, True),
        lambda: households.beboerens_svar(db, fri, True),
        lambda: tenancies.knyt_lejemål(db, egen.id),
        lambda: tenancies.løs_lejemål(db, egen.id),
        lambda: tenancies.sæt_børn(db, egen.id, True),
    ]
    for number, way in enumerate(ways):
        with pytest.raises(Begrænset):
            way()
        db.rollback()
        assert stand(db, lejemål) == before, number
    assert hold_i_trit(db) == 0
    knyt_beboer(db, ny.id, beboer_id=fri)
    tenancies.knyt_lejemål(db, ny.id)
    db.commit()
    assert stand(db, lejemål) == before.model_copy(update={"sager": [ny.id]})


def test_who_lives_with_her_may_move_get_a_case_and_be_erased(db: Session, hjem: tuple[UUID, UUID, UUID]) -> None:
    lejemål, fri, hun = hjem
    third = opret_beboer(db, BeboerData(navn="Nyta Opdigtet", børn_i_husstanden=True)).id
    made = sag(db, lejemål="55-0107-2", børn_i_husstanden=True)
    knyt_beboer(db, made.id, beboer_id=third)
    tenancies.knyt_lejemål(db, made.id)
    filed = sag(db, lejemål="55-0107-2", børn_i_husstanden=True)
    db.commit()
    assert hold_i_trit(db) == 1
    now = stand(db, lejemål)
    assert (now.medlemmer, set(now.sager)) == ([fri, hun, third], {made.id, filed.id})
    assert now.børn_i_husstanden is None
    households.sæt_børn(db, lejemål, None)
    households.flyt_ud(db, third)
    slet(db, fri, Slettegrund.ØNSKE)
    db.commit()
    assert stand(db, lejemål).medlemmer == [hun]


def test_the_page_says_so_and_a_colleague_moves_her_nowhere(
    klient: Callable[[Rolle | None], Klient],
    kontekst: Nøglekontekst,
    personale: Personale,
    db: Session,
    hjem: tuple[UUID, UUID, UUID],
) -> None:
    lejemål, fri, hun = hjem
    before = stand(db, lejemål)
    kollega = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
    db.expire_on_commit = False
    db.commit()
    url = f"/beboere/{fri}/husstand"
    colleague = klient(None)
    colleague.sign_in(kollega)
    page = colleague.get(url).text
    assert "Behandlingen af oplysningerne om en, der bor her, er begrænset." in page
    assert (page.count("Flyttet ud"), "Gem lejemålet" in page, "Zxq Bundet" in page) == (1, False, False)
    felter = {"nummer": "55-1", "adresse": "", "afdeling": "aab55", "børn": "ja", "version": "1"}
    for answer in (colleague.send(f"{url}/ud", {"medlem": str(hun)}), colleague.send(url, felter)):
        assert (answer.status_code, "Behandlingen er begrænset" in answer.text) == (409, True)
    assert stand(db, lejemål) == before
    egen = klient(Rolle.BEBOERRÅDGIVER)
    svar = egen.send(f"/beboere/{fri}/ret", {"navn": "Testa Fri", "afdeling": "aab55", "børn_i_husstanden": "ja"})
    assert (svar.status_code, "Svaret om børn gælder hele husstanden" in svar.text) == (409, True)
    assert "Det, du skrev, er gemt" in svar.text
