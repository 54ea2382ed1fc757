"""The beboerrådgiver's side: the incoming list, taking up, matching, closing, and whose key seals what."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Konflikt, Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import Slettegrund as BeboerSlettegrund
from rådgivning.beboere.residents import opret_beboer, slet_beboer
from rådgivning.fakta.models import Faktum
from rådgivning.henvisninger import intake
from rådgivning.henvisninger.models import (
    Henvisning,
    HenvisningBehandling,
    HenvisningBehandlingData,
    HenvisningData,
    Status,
)
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.envelope import open_bytes
from rådgivning.nøgler.errors import Shredded, Tampered
from rådgivning.nøgler.opening import open_sealed
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale, opret_testbruger
from tests.henvisninger.factories import henvisning, sendt

Klienter = Callable[[Rolle | None], Klient]


@pytest.fixture
def række(kontekst: Nøglekontekst, personale: Personale) -> uuid.UUID:
    """A referral from ejendomsdrift."""
    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as session:
        return henvisning(session).id


@pytest.fixture
def rådgiver(klient: Klienter) -> Klient:
    return klient(Rolle.BEBOERRÅDGIVER)


def beboer(kontekst: Nøglekontekst, personale: Personale, **felter: str) -> uuid.UUID:
    data = BeboerData(**{"navn": "Zxq Prøvesen", "telefon": "+4520123456", "adresse": "Opdigtet Allé 7"} | felter)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        made = opret_beboer(session, data).id
        session.commit()
        return made


def hent(kontekst: Nøglekontekst, række: uuid.UUID) -> Henvisning:
    with Session(kontekst.engine) as session:
        return session.get_one(Henvisning, række)


def test_new_referrals_come_first_the_most_urgent_and_then_the_oldest(
    rådgiver: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as session:
        taget = henvisning(session, navn="Testa Taget", hast="akut").id
        for hast in ("almindelig", "akut", "snarest"):
            henvisning(session, navn=f"Testa {hast.capitalize()}", hast=hast)
        ældst = henvisning(session, navn="Testa Ældst", hast="akut")
        ældst.oprettet = ældst.oprettet.replace(month=10)
        session.add(ældst)
        session.commit()
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        intake.tag_op(session, taget, beboer_id=None)
        session.commit()
    listen = rådgiver.get("/henvisninger").text
    places = [listen.index(f"Testa {navn}") for navn in ("Ældst", "Akut", "Snarest", "Almindelig", "Taget")]
    assert places == sorted(places)
    assert "Testa Taget" not in rådgiver.get("/henvisninger?vis=modtaget").text
    assert "Testa Akut" not in rådgiver.get("/henvisninger?vis=taget_op").text
    assert "Testa Akut" in rådgiver.get("/henvisninger?vis=noget-andet").text
    assert "Ingen henvisninger her." in rådgiver.get("/henvisninger?vis=afsluttet").text


def test_a_referral_by_phone_is_written_down_with_its_source(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    assert rådgiver.send("/henvisninger/ny", sendt()).status_code == 422
    svar = rådgiver.send("/henvisninger/ny", sendt(kilde="kommune", afdeling="steenbjerggård"))
    assert svar.status_code == 303
    with Session(kontekst.engine) as session:
        [faktum] = session.exec(select(Faktum)).all()
        assert (faktum.kilde, faktum.afdeling) == ("kommune", "steenbjerggård")
        assert session.exec(select(Henvisning)).one().boligorganisation == "ishøj_boligselskab"
    assert rådgiver.send(f"{svar.location}/træk-tilbage").status_code == 303


def test_the_page_points_out_who_it_probably_is_and_that_somebody_else_wrote_too(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    kendt = beboer(kontekst, personale)
    nabo = beboer(kontekst, personale, navn="Testa Nabosen", telefon="+4520999999")
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        henvisning(session, adresse="En anden stavning", telefon="")
    siden = rådgiver.get(f"/henvisninger/{række}").text
    assert "Zxq Prøvesen, Opdigtet Allé 7, 20 12 34 56 (ligner samme person)" in siden
    assert f'value="{kendt}" checked' in siden
    assert f'value="{nabo}"' in siden
    assert "en anden henvisning om den samme" in siden


def test_taking_up_matches_reseals_under_the_resident_and_destroys_the_own_key(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    kendt = beboer(kontekst, personale)
    before, own_key = hent(kontekst, række), kontekst.keystore.get(række)
    svar = rådgiver.send(f"/henvisninger/{række}/tag-op", {"hvem": str(kendt), "frist": "2026-11-23"})
    assert svar.status_code == 303, svar.text
    after = hent(kontekst, række)
    assert (after.status, after.beboer_id) == ("taget_op", kendt)
    assert after.rådgiver_id == personale.brugere[Rolle.BEBOERRÅDGIVER].id
    assert after.taget_op == date(2026, 11, 20)
    with pytest.raises(Shredded):
        kontekst.keystore.get(række)
    with pytest.raises(Tampered):
        open_bytes(own_key, after.place, after.sealed)
    assert b"Zxq" in open_bytes(own_key, before.place, before.sealed)
    plain = open_bytes(kontekst.keystore.get(kendt), after.place, after.sealed)
    assert HenvisningData.model_validate_json(plain).navn == "Zxq Prøvesen"
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        [faktum] = session.exec(select(Faktum)).all()
        assert faktum.pseudonym == pseudonym(session, kendt, 2026)
        [opgave] = session.exec(select(Opgave)).all()
        assert (opgave.beboer_id, opgave.frist) == (kendt, date(2026, 11, 23))
        opgavedata = open_sealed(session, opgave, OpgaveData, "prøve")
        assert opgavedata.titel == "Følg op på henvisning: Huslejerestance"
        assert opgavedata.henvisning_id == række
    siden = rådgiver.get(f"/henvisninger/{række}").text
    assert f"/kontakter/ny?art=ops%C3%B8gende&amp;beboer={kendt}&amp;kilde=" in siden


def test_a_new_resident_is_made_from_the_referral_once(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    felter = {"hvem": "ny", "frist": "", "formular_id": str(uuid.uuid4())}
    for _ in range(2):
        assert rådgiver.send(f"/henvisninger/{række}/tag-op", felter).status_code == 303
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        [made] = session.exec(select(Beboer)).all()
        assert str(made.id) == felter["formular_id"]
        data = open_sealed(session, made, BeboerData, "prøve")
        assert (data.navn, data.telefon, data.afdeling) == ("Zxq Prøvesen", "+4520123456", "aab55")
        assert session.exec(select(Opgave)).all() == []


def test_taken_up_without_a_resident_it_keeps_its_own_key_and_is_matched_later(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    rådgiver.send(f"/henvisninger/{række}/tag-op", {"hvem": "uden", "frist": "2026-11-23"})
    kontekst.keystore.get(række)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        intake.afslut(session, række, udfald="råd_givet", note="Talte på trappen")
        intake.et_skridt_tilbage(session, række, Status.AFSLUTTET)
        session.commit()
    kendt, anden = beboer(kontekst, personale), beboer(kontekst, personale, navn="Testa Rigtig")
    for hvem in (kendt, anden):
        felter = {"hvem": "søg", "beboer_tekst": "Testa", "beboer_id": str(hvem)}
        assert rådgiver.send(f"/henvisninger/{række}/beboer", felter).status_code == 303
    assert hent(kontekst, række).beboer_id == anden
    with pytest.raises(Shredded):
        kontekst.keystore.get(række)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        behandling = session.get_one(HenvisningBehandling, række)
        assert behandling.person_id == anden
        assert open_sealed(session, behandling, HenvisningBehandlingData, "prøve").note == "Talte på trappen"


def test_searching_without_javascript_shows_matches_and_an_unchosen_search_is_refused(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    fremsøgt = beboer(kontekst, personale, navn="Åse Søgesen", telefon="", adresse="Langt Væk 1")
    felter = {"hvem": "søg", "beboer_tekst": "aase", "frist": "2026-11-23"}
    found = rådgiver.send(f"/henvisninger/{række}/tag-op", {**felter, "find_beboer": "1"})
    assert found.status_code == 200
    assert f'value="{fremsøgt}"' in found.text
    cpr = rådgiver.send(f"/henvisninger/{række}/tag-op", {**felter, "beboer_tekst": "010190-1234", "find_beboer": "1"})
    assert cpr.status_code == 422
    assert "ligner et CPR-nummer" in cpr.text
    assert 'value="2026-11-23"' in cpr.text
    for sendt_id in ("", "ikke-et-id"):
        svar = rådgiver.send(f"/henvisninger/{række}/tag-op", {**felter, "beboer_id": sendt_id})
        assert svar.status_code == 422
        assert "Vælg en beboer blandt forslagene." in svar.text
        assert "aase" in svar.text
    assert hent(kontekst, række).status == "modtaget"


@pytest.mark.parametrize(
    ("felter", "besked"),
    [
        ({"hvem": ""}, "Vælg, hvem det er."),
        ({"hvem": "uden", "frist": "2026-11-19"}, "Datoen ligger før i dag."),
        ({"hvem": "uden", "frist": "31.02.2027"}, "findes ikke i kalenderen"),
    ],
)
def test_what_is_wrong_when_taking_up_is_said_and_nothing_happens(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, felter: dict[str, str], besked: str
) -> None:
    svar = rådgiver.send(f"/henvisninger/{række}/tag-op", felter)
    assert svar.status_code == 422
    assert besked in svar.text
    assert hent(kontekst, række).status == "modtaget"


def test_a_resident_who_is_not_there_cannot_be_chosen(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst
) -> None:
    felter = {"hvem": "søg", "beboer_tekst": "x", "beboer_id": str(uuid.uuid4())}
    assert rådgiver.send(f"/henvisninger/{række}/tag-op", felter).status_code == 404
    assert hent(kontekst, række).status == "modtaget"
    kontekst.keystore.get(række)


def test_of_two_who_take_it_up_the_second_is_told(
    række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        kollega = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        session.commit()
        anden = Aktør(kollega.id, kollega.rolle, kollega.helhedsplan_id, personale.aktør(Rolle.BEBOERRÅDGIVER).åbner)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        for _ in range(2):
            intake.tag_op(session, række, beboer_id=None, frist=date(2026, 11, 23))
        session.commit()
        assert len(session.exec(select(Opgave)).all()) == 1
    with kontekst.session(anden) as session, pytest.raises(Konflikt):
        intake.tag_op(session, række, beboer_id=None)


def test_the_steps_forward_and_back_and_a_double_press_counts_once(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst
) -> None:
    url = f"/henvisninger/{række}"
    assert rådgiver.send(f"{url}/kontakt-opnået").status_code == 409
    assert rådgiver.send(f"{url}/afslut", {"udfald": "råd_givet"}).status_code == 409
    rådgiver.send(f"{url}/tag-op", {"hvem": "uden"})
    for _ in range(2):
        assert rådgiver.send(f"{url}/kontakt-opnået").status_code == 303
    assert rådgiver.send(f"{url}/afslut", {"udfald": "", "note": "Gemmes 1"}).status_code == 422
    for _ in range(2):
        assert rådgiver.send(f"{url}/afslut", {"udfald": "råd_givet", "note": "Fik råd"}).status_code == 303
    assert "Fik råd" in rådgiver.get(url).text
    assert "Zxq" in rådgiver.get("/henvisninger?vis=afsluttet").text
    seen = []
    for fra in ("afsluttet", "afsluttet", "kontakt_opnået", "taget_op"):
        rådgiver.send(f"{url}/tilbage", {"fra": fra})
        seen.append(hent(kontekst, række).status)
    assert seen == ["kontakt_opnået", "kontakt_opnået", "taget_op", "modtaget"]
    row = hent(kontekst, række)
    assert (row.taget_op, row.kontakt_opnået, row.afsluttet, row.rådgiver_id) == (None, None, None, None)


def test_a_matched_referral_that_goes_back_to_new_keeps_its_resident(
    rådgiver: Klient, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url, kendt = f"/henvisninger/{række}", beboer(kontekst, personale)
    rådgiver.send(f"{url}/tag-op", {"hvem": str(kendt)})
    rådgiver.send(f"{url}/tilbage", {"fra": "taget_op"})
    assert "Behold den beboer, der er knyttet til" in rådgiver.get(url).text
    assert rådgiver.send(f"{url}/tag-op", {"hvem": "uden"}).status_code == 303
    assert hent(kontekst, række).beboer_id == kendt


def test_after_the_resident_is_erased_everybody_sees_that_it_is_deleted(
    rådgiver: Klient, klient: Klienter, række: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url, kendt = f"/henvisninger/{række}", beboer(kontekst, personale)
    rådgiver.send(f"{url}/tag-op", {"hvem": str(kendt)})
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        slet_beboer(session, kendt, BeboerSlettegrund.ØNSKE)
        session.commit()
    for hvem in (rådgiver, klient(Rolle.EJENDOMSDRIFT)):
        for sti in (url, "/henvisninger"):
            siden = hvem.get(sti)
            assert siden.status_code == 200
            assert "Zxq" not in siden.text
            assert "lettet" in siden.text
    assert rådgiver.send(f"{url}/kontakt-opnået").status_code == 303
    assert rådgiver.send(f"{url}/afslut", {"udfald": "råd_givet", "note": "Om den slettede"}).status_code == 303
    assert "Afsluttet" in rådgiver.get(url).text
    with pytest.raises(Shredded):
        kontekst.keystore.get(kendt)
    with Session(kontekst.engine) as session:
        assert session.exec(select(HenvisningBehandling)).all() == []
        assert len(session.exec(select(Faktum)).all()) == 1


def test_the_offered_follow_up_is_today_when_it_is_urgent_and_else_a_working_day() -> None:
    assert intake.opfølgning("akut") == date(2026, 11, 20)
    assert intake.opfølgning("snarest") == date(2026, 11, 23)
    assert intake.opfølgning("almindelig") == date(2026, 11, 27)
