"""Pages of a household: written in from the resident's page, moved in and out of, never walked across organisations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from tests.conftest import Klient

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
FELTER = {"nummer": "55-0107-2", "adresse": "Opdigtet Allé 7", "afdeling": "aab55", "børn": "ja", "version": ""}


@pytest.fixture
def rådgiver(klient: Callable[[Rolle | None], Klient]) -> Klient:
    return klient(Rolle.BEBOERRÅDGIVER)


def beboer(session: Session, navn: str, **felter: Any) -> UUID:
    """A resident of the same stairs."""
    values = {"navn": navn, "adresse": "Opdigtet Allé 7", "afdeling": "aab55", **felter}
    made = opret_beboer(session, BeboerData(**values)).id
    session.commit()
    return made


def bor(session: Session, beboer_id: UUID) -> LejemålData | None:
    """Where she lives."""
    session.rollback()
    found = households.husstand(session, beboer_id)
    session.rollback()
    return found[1] if found else None


def test_a_tenancy_is_written_in_from_the_resident_and_others_are_found_at_the_address(
    rådgiver: Klient, db: Session
) -> None:
    one, two = beboer(db, "Zxq Prøvesen"), beboer(db, "Testa Prøvesen")
    three = beboer(db, "Åse Andensen", adresse="Andet Sted 1")
    assert f"/beboere/{one}/husstand" in rådgiver.get(f"/beboere/{one}").text
    siden = rådgiver.get(f"/beboere/{one}/husstand").text
    assert 'value="Opdigtet Allé 7"' in siden
    assert "Testa Prøvesen" not in siden
    for wrong, besked in (
        ({"nummer": "", "adresse": ""}, "Skriv lejemålets nummer eller adresse."),
        ({"afdeling": ""}, "Vælg afdelingen."),
        ({"nummer": "---"}, "Skriv nummeret med tal eller bogstaver."),
        ({"nummer": "010190-1234"}, "ligner et CPR-nummer"),
    ):
        svar = rådgiver.send(f"/beboere/{one}/husstand", {**FELTER, **wrong})
        assert (svar.status_code, besked in svar.text) == (422, True), svar.text
    svar = [rådgiver.send(f"/beboere/{one}/husstand", {**FELTER, "formular_id": str(new_id())}) for _ in range(2)]
    assert [s.status_code for s in svar] == [303, 409]
    assert (home := bor(db, one)) is not None
    assert (home.medlemmer, home.boligorganisation, home.børn_i_husstanden) == ([one], "aab", True)
    siden = rådgiver.get(f"/beboere/{one}/husstand").text
    assert "Står på samme adresse" in siden
    assert "Åse" not in siden
    assert rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_id": str(two)}).status_code == 303
    found = rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_tekst": "åse", "find_beboer": "1"})
    assert (found.status_code, f'value="{three}"' in found.text) == (200, True)
    assert rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_tekst": "åse"}).status_code == 422
    rådgiver.send(f"/beboere/{three}/husstand", {**FELTER, "nummer": "55 0107 2", "børn": "ved_ikke"})
    assert (home := bor(db, three)) is not None
    assert (home.medlemmer, home.børn_i_husstanden) == ([one, two, three], True)
    siden = rådgiver.get(f"/beboere/{two}").text
    assert "Åse Andensen" in siden
    assert "55-0107-2" in siden


def test_moving_out_and_correcting(rådgiver: Klient, db: Session) -> None:
    one, two = beboer(db, "Zxq Prøvesen"), beboer(db, "Testa Prøvesen")
    rådgiver.send(f"/beboere/{one}/husstand", FELTER)
    rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_id": str(two)})
    siden = rådgiver.get(f"/beboere/{one}/husstand").text
    assert "Steenbjerggård" not in siden
    rettet = {**FELTER, "nummer": "55-0107-3", "børn": "nej", "version": "3"}
    assert rådgiver.send(f"/beboere/{one}/husstand", {**rettet, "version": "1"}).status_code == 409
    assert rådgiver.send(f"/beboere/{one}/husstand", rettet).status_code == 303
    assert (home := bor(db, two)) is not None
    assert (home.nummer, home.børn_i_husstanden) == ("55-0107-3", False)
    assert "Nej" in rådgiver.get(f"/beboere/{two}").text
    households.opret_lejemål(db, LejemålData(nummer="55-9", boligorganisation="aab", medlemmer=[]))
    db.commit()
    taget = rådgiver.send(f"/beboere/{one}/husstand", {**rettet, "nummer": "55-9", "version": "5"})
    assert (taget.status_code, "Et andet lejemål har det nummer." in taget.text) == (422, True)
    assert rådgiver.send(f"/beboere/{one}/husstand/ud", {"medlem": str(two)}).status_code == 303
    assert bor(db, two) is None
    assert rådgiver.send(f"/beboere/{one}/husstand/ud", {"medlem": str(two)}).location == f"/beboere/{one}/husstand"
    assert rådgiver.send(f"/beboere/{one}/husstand/ud").location == f"/beboere/{one}"
    assert bor(db, one) is None
    assert rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_id": str(two)}).status_code == 303
    assert bor(db, two) is None


def test_a_deleted_resident_leaves_the_household(rådgiver: Klient, db: Session) -> None:
    one, two = beboer(db, "Zxq Prøvesen"), beboer(db, "Testa Prøvesen")
    rådgiver.send(f"/beboere/{one}/husstand", FELTER)
    rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_id": str(two)})
    for who in (two, one):
        assert rådgiver.send(f"/beboere/{who}/slet", {"grund": "oprettet ved en fejl"}).status_code == 303
        db.rollback()
        left = [data.medlemmer for data in households.alle_lejemål(db).values()]
        db.rollback()
        assert left == ([[one]] if who == two else [])


def test_children_are_asked_of_whoever_is_open_and_answered_for_all(rådgiver: Klient, db: Session) -> None:
    one, two = beboer(db, "Zxq Prøvesen"), beboer(db, "Testa Prøvesen", børn_i_husstanden=False)
    rådgiver.send(f"/beboere/{one}/husstand", FELTER)
    rådgiver.send(f"/beboere/{one}/husstand/ind", {"beboer_id": str(two)})
    siden = rådgiver.get(f"/beboere/{two}/ret").text
    assert 'name="børn_i_husstanden" value="ja" checked' in siden
    felter = {"navn": "Testa Prøvesen", "afdeling": "aab55", "version": "1"}
    assert rådgiver.send(f"/beboere/{two}/ret", felter).status_code == 303
    assert (home := bor(db, one)) is not None
    assert home.børn_i_husstanden is True
    svar = rådgiver.send(f"/beboere/{two}/ret", {**felter, "version": "2", "børn_i_husstanden": "nej"})
    assert svar.status_code == 303
    assert (home := bor(db, one)) is not None
    assert home.børn_i_husstanden is False
