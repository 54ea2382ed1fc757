"""Residents as the other rooms use them: registered, corrected, deleted, told apart."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import (
    BeboerÆndret,
    Slettegrund,
    hent_beboer,
    hent_beboere,
    mulige_dubletter,
    opret_beboer,
    ret_beboer,
    slet_beboer,
    søg_beboere,
)
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import destroy_key, is_readable
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale

ZXQ = BeboerData(navn="Zxq Prøvesen", telefon="+4520121234", adresse="Opdigtet Allé 7, 2. tv", afdeling="aab55")


def handlinger(session: Session, genstand: str = "beboer") -> list[tuple[str, str]]:
    """What the trail says of a table, in order: act and occasion."""
    rows = session.exec(select(Spor).where(Spor.genstand == genstand).order_by("nr")).all()
    return [(row.handling, row.anledning) for row in rows]


def test_a_resident_opens_as_she_was_registered_and_the_read_is_traced(db: Session) -> None:
    beboer = opret_beboer(db, ZXQ)
    db.commit()
    row, data = hent_beboer(db, beboer.id)
    assert (row.id, row.version, data) == (beboer.id, 1, ZXQ)
    assert handlinger(db) == [(Handling.OPRETTET, ""), (Handling.ÅBNET, "vis beboer")]


def test_the_same_id_twice_makes_one_resident_and_keeps_the_first(db: Session) -> None:
    beboer_id = new_id()
    opret_beboer(db, ZXQ, beboer_id)
    db.commit()
    again = opret_beboer(db, BeboerData(navn="Testa Opdigtet"), beboer_id)
    db.commit()
    assert again.id == beboer_id
    assert len(db.exec(select(Beboer)).all()) == 1
    assert hent_beboer(db, beboer_id)[1].navn == ZXQ.navn


def test_of_two_who_correct_at_once_the_second_sees_what_the_first_wrote(db: Session) -> None:
    beboer = opret_beboer(db, ZXQ)
    ret_beboer(db, beboer.id, ZXQ.model_copy(update={"telefon": "+4530303030"}), 1)
    db.commit()
    with pytest.raises(BeboerÆndret) as caught:
        ret_beboer(db, beboer.id, ZXQ.model_copy(update={"note": "andet"}), 1)
    assert caught.value.version == 2
    assert caught.value.gældende.telefon == "+4530303030"
    db.rollback()
    assert hent_beboer(db, beboer.id)[1].note == ""


def test_deleting_destroys_the_key_the_row_and_every_draft_about_her(db: Session) -> None:
    beboer = opret_beboer(db, ZXQ)
    beboer_id = beboer.id
    gem_kladde(db, f"/beboere/{beboer_id}/ret", {"navn": ["Zxq"]})
    gem_kladde(db, "/beboere/ny", {"navn": ["En anden"]})
    db.commit()
    db.refresh(beboer)
    kopi = Beboer(**beboer.model_dump())
    slet_beboer(db, beboer_id, Slettegrund.FEJL)
    db.commit()
    assert db.get(Beboer, beboer_id) is None
    assert [k.formular for k in db.exec(select(Kladde)).all()] == ["/beboere/ny"]
    assert (Handling.SLETTET, Slettegrund.FEJL) in handlinger(db)
    db.add(kopi)
    db.commit()
    with pytest.raises(Shredded):
        hent_beboer(db, beboer_id)


def test_a_deleted_resident_is_left_out_of_lists_and_cannot_be_corrected(db: Session) -> None:
    gone, here = opret_beboer(db, ZXQ), opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    ids = [gone.id, here.id, None]
    slet_beboer(db, gone.id, Slettegrund.DUBLET)
    db.commit()
    assert list(hent_beboere(db, ids, "liste")) == [here.id]
    with pytest.raises(IkkeFundet):
        ret_beboer(db, ids[0] or new_id(), ZXQ, 1)
    with pytest.raises(IkkeFundet):
        slet_beboer(db, ids[0] or new_id(), Slettegrund.DUBLET)


def test_a_resident_whose_key_is_destroyed_is_not_found_by_a_new_index(db: Session) -> None:
    beboer = opret_beboer(db, ZXQ)
    destroy_key(db, beboer.id)
    db.commit()
    assert søg_beboere(db, "Zxq") == []


def test_correcting_an_erased_resident_makes_no_new_key_for_her(db: Session) -> None:
    beboer = opret_beboer(db, ZXQ)
    destroy_key(db, beboer.id)
    db.commit()
    with pytest.raises(IkkeFundet):
        ret_beboer(db, beboer.id, ZXQ, 1)
    assert not is_readable(db, beboer)


def test_another_helhedsplan_cannot_reach_the_resident(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    beboer_id = opret_beboer(db, ZXQ).id
    db.commit()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    other = Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)
    with kontekst.session(other) as session:
        for attempt in (hent_beboer, lambda s, i: ret_beboer(s, i, ZXQ, 1), lambda s, i: opret_beboer(s, ZXQ, i)):
            with pytest.raises(IkkeFundet):
                attempt(session, beboer_id)
            session.rollback()
        assert søg_beboere(session, "Zxq") == []
        assert hent_beboere(session, [beboer_id], "liste") == {}


def test_casework_is_always_somebodys(kontekst: Nøglekontekst) -> None:
    with kontekst.session(Aktør()) as session, pytest.raises(Forbudt):
        opret_beboer(session, ZXQ)


@pytest.mark.parametrize(
    ("new", "same"),
    [
        (BeboerData(navn="Noget Helt Andet", telefon="+4520121234"), True),
        (BeboerData(navn="prøvesen zxq"), True),
        (BeboerData(navn="Zxq Hansen", adresse="opdigtet alle 7 2 tv"), True),
        (BeboerData(navn="Zxq Prøvesen", fødselsdato=date(1980, 5, 1)), True),
        (BeboerData(navn="Zxq Hansen"), False),
        (BeboerData(navn="Testa Opdigtet", telefon="+4530303030"), False),
    ],
)
def test_possible_duplicates_share_a_phone_a_name_or_a_name_and_a_place(
    db: Session, new: BeboerData, same: bool
) -> None:
    beboer = opret_beboer(db, ZXQ)
    db.commit()
    assert [t.id for t in mulige_dubletter(db, new)] == ([beboer.id] if same else [])
    assert mulige_dubletter(db, new, undtagen=beboer.id) == []


def test_two_birth_dates_are_two_people(db: Session) -> None:
    opret_beboer(db, ZXQ.model_copy(update={"fødselsdato": date(1980, 5, 1), "telefon": ""}))
    db.commit()
    assert mulige_dubletter(db, BeboerData(navn=ZXQ.navn, fødselsdato=date(1999, 5, 1))) == []


def test_the_same_form_at_the_same_moment_makes_one_resident(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    beboer_id = new_id()
    opret_beboer(db, ZXQ, beboer_id)

    def again() -> uuid.UUID:
        with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
            made = opret_beboer(session, ZXQ, beboer_id).id
            session.commit()
            return made

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(again)
        time.sleep(0.3)
        db.commit()
        assert second.result(timeout=20) == beboer_id
    assert len(db.exec(select(Beboer)).all()) == 1
    assert handlinger(db) == [(Handling.OPRETTET, "")]
