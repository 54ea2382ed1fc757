"""A restricted resident: kept, and neither changed, deleted nor read without a reason (art. 18)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.beboere.restriction import begræns, kræv_ubegrænset, ophæv
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Begrænset
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.overblik.removal import slet
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.samtykker.sharing import må_deles_for
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Klient, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
MÆRKE = "Zxqbegrænset"


@pytest.fixture
def her(db: Session) -> uuid.UUID:
    """A resident with a contact, a task and a consent, restricted."""
    beboer_id = opret_beboer(db, BeboerData(navn=MÆRKE, afdeling="aab55")).id
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld", notat=MÆRKE)
    log_kontakt(db, data, dato=IDAG, beboer_id=beboer_id)
    opret_opgave(db, titel=MÆRKE, frist=IDAG, beboer_id=beboer_id)
    samtykke = Samtykke(
        helhedsplan_id=db.info["aktør"].helhedsplan_id, ejer_id=db.info["aktør"].bruger_id, beboer_id=beboer_id
    )
    seal(db, samtykke, SamtykkeData(formål="prøve"))
    db.add(samtykke)
    begræns(db, beboer_id)
    db.commit()
    return beboer_id


def commit(db: Session, act: Callable[[], object]) -> None:
    """Do and save."""
    act()
    db.commit()


def test_every_way_of_changing_her_is_refused_also_where_only_a_clear_column_changes(
    db: Session, her: uuid.UUID
) -> None:
    opgave = db.exec(select(Opgave)).one().id
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld")
    db.rollback()
    attempts: list[Callable[[], object]] = [
        lambda: log_kontakt(db, data, dato=IDAG, beboer_id=her),
        lambda: opret_opgave(db, titel="ny", frist=IDAG, beboer_id=her),
        lambda: udfør(db, opgave),
        lambda: slet(db, her, Slettegrund.ØNSKE),
        lambda: kræv_ubegrænset(db, her),
    ]
    for attempt in attempts:
        with pytest.raises(Begrænset):
            commit(db, attempt)
        db.rollback()
    ophæv(db, her)
    kræv_ubegrænset(db, her)
    log_kontakt(db, data, dato=IDAG, beboer_id=her)
    db.commit()


def test_her_page_says_so_and_opens_for_her_own_adviser_with_a_reason_for_a_quarter_of_an_hour(
    klient: KlientFor, kontekst: Nøglekontekst, personale: Personale, her: uuid.UUID
) -> None:
    own = klient(Rolle.BEBOERRÅDGIVER)
    url = f"/beboere/{her}"
    page = own.get(url)
    assert (page.status_code, MÆRKE in page.text) == (200, False)
    assert own.get(f"{url}/ret").status_code == 409
    assert own.send(f"{url}/læs-begrænset", {}).status_code == 422
    assert own.send(f"{url}/læs-begrænset", {"grund": "retskrav"}).status_code == 303
    assert MÆRKE in own.get(url).text
    assert own.send(f"/opgaver/ny/{her}", {"titel": "Ny", "frist": IDAG.isoformat()}).status_code == 409
    with kontekst.session(Aktør()) as session:
        why = session.exec(select(Spor.anledning).where(Spor.handling == Handling.ÅBNET)).all()
        assert "begrænset, retskrav" in why
        other = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        session.expire_on_commit = False
        session.commit()
    colleague = own.application.test_client()
    assert isinstance(colleague, Klient)
    colleague.sign_in(other)
    assert MÆRKE not in colleague.get(url).text
    assert colleague.send(f"{url}/læs-begrænset", {"grund": "retskrav"}).status_code == 409
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(minutes=16)
    assert MÆRKE not in own.get(url).text


def test_she_may_withdraw_a_consent_all_the_same_and_nothing_is_shared_meanwhile(
    klient: KlientFor, db: Session, her: uuid.UUID
) -> None:
    samtykke = db.exec(select(Samtykke)).one()
    ophæv(db, her)
    samtykke.deler_restance = True
    db.commit()
    assert må_deles_for(db, [her]) == {her}
    begræns(db, her)
    db.commit()
    assert må_deles_for(db, [her]) == set()
    url = f"/samtykker/{samtykke.id}/træk-tilbage"
    db.rollback()
    own = klient(Rolle.BEBOERRÅDGIVER)
    assert f"{url}?tilbage=" in own.get(f"/beboere/{her}").text.replace("%C3%A6", "æ")
    page = own.get(url)
    assert (page.status_code, MÆRKE in page.text, "prøve" in page.text) == (200, False, True)
    assert own.get(url.removesuffix("/træk-tilbage")).status_code == 409
    felter = {"den": IDAG.isoformat(), "måde": "mundtligt"}
    svar = own.send(url, felter)
    assert svar.status_code == 303, svar.text
    assert db.exec(select(Samtykke)).one().trukket == IDAG
    assert len(db.exec(select(Opgave)).all()) == 2


@pytest.mark.parametrize("læst", [True, False])
def test_a_row_of_hers_is_not_moved_off_her(db: Session, her: uuid.UUID, læst: bool) -> None:
    other = opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    db.commit()
    opgave = db.exec(select(Opgave)).one()
    if not læst:
        db.expire(opgave)
    opgave.beboer_id = other
    with pytest.raises(Begrænset):
        db.flush()
    db.rollback()
    assert db.exec(select(Opgave.beboer_id)).one() == her
