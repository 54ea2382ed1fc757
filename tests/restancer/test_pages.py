"""Pages of restancesager: what is refused, what is kept, who sees what."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, slet_beboer
from rådgivning.fakta.models import Faktum
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.overblik.removal import slet as slet_alt
from rådgivning.restancer import cases
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.phases import ENDER, FASER
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Klient, Personale, opret_testbruger
from tests.restancer.factories import meldt, sag, skridt

Klienter = Callable[[Rolle | None], Klient]


@pytest.fixture
def rådgiver(klient: Klienter) -> Klient:
    return klient(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def inkasso(klient: Klienter) -> Klient:
    return klient(Rolle.INKASSO)


@pytest.fixture
def meldt_sag(kontekst: Nøglekontekst, personale: Personale) -> uuid.UUID:
    """A case filed by inkasso, with a påkrav."""
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        return sag(session, skridt("påkrav", date(2026, 11, 6))).id


def data(kontekst: Nøglekontekst, personale: Personale, id: uuid.UUID) -> RestancesagData:  # noqa: A002
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        return cases.hent_sag(session, id)[1]


def række(kontekst: Nøglekontekst) -> Restancesag:
    with Session(kontekst.engine) as session:
        return session.exec(select(Restancesag)).one()


def antal(kontekst: Nøglekontekst, model: type[Any]) -> int:
    with Session(kontekst.engine) as session:
        return len(session.exec(select(model)).all())


def test_inkasso_files_a_case_in_one_form(inkasso: Klient, kontekst: Nøglekontekst, personale: Personale) -> None:
    siden = inkasso.get("/restancer/ny").text
    for felt in ('name="note"', 'name="årsag"', 'name="kilde"', "Steenbjerggård"):
        assert felt not in siden
    felter = meldt(fase="påkrav", dato="06.11.2026")
    svar = [inkasso.send("/restancer/ny", felter) for _ in range(2)]
    assert [s.status_code for s in svar] == [303, 303]
    row = række(kontekst)
    assert (row.fase, row.frist, row.boligorganisation) == ("påkrav", date(2026, 11, 20), "aab")
    stored = data(kontekst, personale, row.id)
    assert (stored.beløb, stored.måneder) == (Decimal("16900.50"), ["2026-11", "2026-10"])
    assert (stored.hændelser[0].kilde, stored.hændelser[0].af) == (
        "opkrævning",
        personale.brugere[Rolle.INKASSO].id,
    )
    siden = inkasso.get(svar[0].location).text
    assert "Zxq Prøvesen" in siden
    assert "16.900,50 kr." in siden


@pytest.mark.parametrize(
    ("felter", "besked"),
    [
        ({"navn": "", "adresse": "", "lejemål": ""}, "Skriv navn, adresse eller lejemål"),
        ({"beløb": "-100"}, "Tallet skal ligge mellem 0 og 1.000.000."),
        ({"beløb": "0"}, "Beløbet skal være over 0 kr."),
        ({"beløb": "99.000.000"}, "Tallet skal ligge mellem 0 og 1.000.000."),
        ({"beløb": "mange penge"}, "Skriv et tal"),
        ({"måneder": []}, "Vælg mindst én måned."),
        ({"måneder": ["2019-01"]}, "Vælg en af mulighederne"),
        ({"afdeling": "steenbjerggård"}, "Vælg en af mulighederne"),
        ({"afdeling": "ukendt"}, "Vælg en af mulighederne"),
        ({"fase": "påkrav", "dato": "2026-11-21"}, "Datoen ligger i fremtiden."),
        ({"dato": "31.02.2026"}, "findes ikke i kalenderen"),
        ({"dato": ""}, "Skriv datoen."),
        ({"dato": "1999-01-01"}, "for langt fra i dag"),
        ({"fase": "udsat"}, "Vælg en af mulighederne"),
        ({"frist": "2026-11-01"}, "Fristen kan ikke ligge før"),
        ({"frist": "2066-11-01"}, "for langt fra i dag"),
        ({"frist": "i morgen"}, "Skriv datoen som"),
        ({"lejemål": "010190-1234"}, "ligner et CPR-nummer"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_all_that_was_typed_is_kept(
    inkasso: Klient, kontekst: Nøglekontekst, felter: dict[str, Any], besked: str
) -> None:
    svar = inkasso.send("/restancer/ny", meldt(**{"telefon": "20 99 88 77", **felter}))
    assert svar.status_code == 422
    assert besked in svar.text
    assert "20 99 88 77" in svar.text
    assert 'value="' + str(felter.get("beløb", "16.900,50")) in svar.text
    assert antal(kontekst, Restancesag) == antal(kontekst, Faktum) == 0


def test_a_berammet_udsættelse_may_lie_ahead(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    svar = rådgiver.send("/restancer/ny", meldt(fase="udsættelse_berammet", dato="2026-12-08", kilde="kommune"))
    assert svar.status_code == 303, svar.text
    assert række(kontekst).frist == date(2026, 12, 8)
    siden = rådgiver.get(svar.location).text
    assert "Udsættelse berammet: tirsdag den 8. december 2026." in siden
    assert "Datoen er oplyst." in siden


def test_a_case_about_a_resident_starts_with_what_is_known_and_is_hers(
    rådgiver: Klient, kontekst: Nøglekontekst, db: Session
) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Zxq Kendtesen", adresse="Kendt Vej 1", afdeling="steenbjerggård")).id
    db.commit()
    svar = rådgiver.get(f"/restancer/ny?beboer={beboer}")
    siden = rådgiver.get(svar.location).text
    assert "Zxq Kendtesen" in siden
    assert "Kendt Vej 1" in siden
    felter = meldt(kilde="beboeren_selv", afdeling="steenbjerggård", beløb="", note="Fortalt i fortrolighed")
    sti = rådgiver.send(svar.location, felter).location
    row = række(kontekst)
    assert (row.beboer_id, row.boligorganisation) == (beboer, "ishøj_boligselskab")
    with pytest.raises(Shredded):
        kontekst.keystore.get(row.id)
    assert "Fortalt i fortrolighed" in rådgiver.get(sti).text


def vist(rådgiver: Klient, **valg: str) -> str:
    """The list after its filters were set so."""
    svar = rådgiver.send("/restancer", valg)
    assert (svar.status_code, svar.location) == (303, "/restancer")
    return str(rådgiver.get(svar.location).text)


def test_the_list_is_by_next_deadline_and_says_what_is_overdue(rådgiver: Klient, db: Session) -> None:
    sag(db, skridt("påkrav", date(2026, 11, 19)), navn="Testa Sidst")
    sag(db, skridt("påkrav", date(2026, 11, 2), registreret=datetime(2026, 11, 2, 9, tzinfo=UTC)), navn="Testa Over")
    sag(db, skridt("påkrav", date(2026, 11, 6)), navn="Testa Idag")
    lukket = sag(db, skridt("forfalden", date(2026, 11, 2)), navn="Testa Lukket")
    cases.luk_sag(db, lukket.id, udfald="betalt", dato=date(2026, 11, 19), kilde="", hændelse_id=uuid.uuid4())
    db.commit()
    siden = rådgiver.get("/restancer").text
    places = [siden.index(f"Testa {navn}") for navn in ("Over", "Idag", "Sidst")]
    assert places == sorted(places)
    assert re.search(r"16\.11\.2026 <span class=\"mærke mærke-fejl\">.*4 dage over", siden)
    assert re.search(r"20\.11\.2026 <span class=\"mærke mærke-advarsel\">.*I dag</span>", siden)
    assert "Om 13 dage" in siden
    assert "3 åbne sager." in siden
    assert "Testa Lukket" not in siden
    assert "Testa Idag" not in vist(rådgiver, vis="overskredne")
    assert "Testa Idag" in vist(rådgiver, vis="i_dag")
    assert "Testa Sidst" not in vist(rådgiver, vis="i_dag")
    assert "Testa Lukket" in vist(rådgiver, vis="lukkede")
    assert "Testa Lukket" in vist(rådgiver, vis="alle")
    assert "Ingen restancesager her." in vist(rådgiver, fase="ophævet")
    assert "Testa Over" in vist(rådgiver, vis="x", fase="x")
    assert "Testa Over" in rådgiver.get("/restancer?side=0").text


def test_a_case_shows_the_rule_beside_the_deadline(rådgiver: Klient, meldt_sag: uuid.UUID) -> None:
    siden = rådgiver.get(f"/restancer/{meldt_sag}").text
    assert "Sidste dag at betale: fredag den 20. november 2026." in siden
    assert "almenlejelovens § 90, stk. 2: 14 dage efter, at påkravet er kommet frem" in siden
    assert "ikke juridisk rådgivning" in siden


def test_the_way_of_a_case_from_påkrav_to_averted(
    rådgiver: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst
) -> None:
    url = f"/restancer/{meldt_sag}"
    felter = {"fase": "ophævet", "dato": "2026-11-19", "kilde": "jura", "formular_id": str(uuid.uuid4())}
    for _ in range(2):
        assert rådgiver.send(f"{url}/hændelse", felter).status_code == 303
    assert (række(kontekst).fase, række(kontekst).frist) == ("ophævet", date(2026, 11, 26))
    assert rådgiver.send(f"{url}/hændelse", {**felter, "dato": "2026-11-30"}).status_code == 422
    slut = {"udfald": "betalingsaftale", "dato": "2026-11-20", "kilde": "beboeren_selv"}
    assert rådgiver.send(f"{url}/luk", {**slut, "dato": "2026-11-21"}).status_code == 422
    for_tidligt = rådgiver.send(f"{url}/luk", {**slut, "dato": "2026-11-18"})
    assert for_tidligt.status_code == 422
    assert "Der er sket noget i sagen efter den dato." in for_tidligt.text
    assert rådgiver.send(f"{url}/luk", slut).status_code == 303
    assert rådgiver.send(f"{url}/luk", slut).status_code == 409
    siden = rådgiver.get(url).text
    assert "Afværget" in siden
    assert "Betalingsaftale (afdragsordning)" in siden
    assert antal(kontekst, Faktum) == 1
    assert rådgiver.send(f"{url}/genåbn").status_code == 303
    assert antal(kontekst, Faktum) == 0


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_påkrav_counts_from_its_arrival_and_what_is_unusual_is_kept_with_a_note(
    rådgiver: Klient, kontekst: Nøglekontekst
) -> None:
    felter = meldt(fase="påkrav", dato="2026-11-05", kilde="jura", fremme="2026-11-04")
    fejl = rådgiver.send("/restancer/ny", felter)
    assert (fejl.status_code, "før det blev sendt" in fejl.text) == (422, True)
    url = rådgiver.send("/restancer/ny", felter | {"fremme": "2026-11-09"}).location
    siden = rådgiver.get(url).text
    assert "Sidste dag at betale: mandag den 23. november 2026." in siden
    assert "Kom frem: 09.11.2026." in siden
    for husk in ("tirsdag den 24. november 2026", "fredag den 27. november 2026", "aktivlovens §§ 81 og 81 a"):
        assert husk in siden.replace("Aktiv", "aktiv")
    møde = {"fase": "fogedsag", "dato": "2026-11-20", "frist": "2026-12-25", "kilde": "jura", "fremme": "2026-11-20"}
    assert rådgiver.send(f"{url}/hændelse", møde).status_code == 303
    siden = rådgiver.get(url).text
    assert "Datoen i brevet er en dag, hvor der er lukket." in siden
    assert "fredag den 25. december 2026 (Juledag)" in siden
    assert "Ophævet er ikke skrevet ind før dette." in siden
    assert række(kontekst).frist == date(2026, 12, 25)
    assert "kan ligge senere" not in siden
    assert rådgiver.send(f"{url}/luk", {"udfald": "betalt", "dato": "2026-11-20", "kilde": "jura"}).status_code == 303
    sent = {"fase": "forfalden", "dato": "2026-11-02", "kilde": "jura"}
    assert rådgiver.send(f"{url}/hændelse", sent).status_code == 303
    assert "Sagen var lukket og er nu åben igen" not in rådgiver.get(url).text
    assert række(kontekst).lukket == date(2026, 11, 20)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_deadline_that_had_passed_when_it_was_written_down_shows_both_days(
    rådgiver: Klient, kontekst: Nøglekontekst
) -> None:
    url = rådgiver.send("/restancer/ny", meldt(fase="påkrav", dato="2026-10-06", kilde="jura")).location
    siden = rådgiver.get(url).text
    assert "Sidste dag at betale: tirsdag den 20. oktober 2026." in siden
    assert "Handl senest mandag den 23. november 2026" in siden
    assert "dagen var gået, da det blev skrevet ind. Beregnet efter" in siden
    assert række(kontekst).frist == date(2026, 11, 23)
    assert "Fristen er regnet fra den 06.10.2026 og kan ligge senere." in siden
    assert rådgiver.send(f"{url}/luk", {"udfald": "andet", "dato": "2026-11-19", "kilde": "jura"}).status_code == 303
    rådgiver.send(f"{url}/hændelse", {"fase": "ophævet", "dato": "2026-11-20", "kilde": "jura"})
    assert "Sagen var lukket og er nu åben igen" in rådgiver.get(url).text


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_help_page_is_the_table_itself(rådgiver: Klient, inkasso: Klient, klient: Klienter) -> None:
    siden = inkasso.get("/hjælp/restancer").text
    for fase in FASER.values():
        for regel in (*fase.husk, *([fase.starter] if fase.starter else [])):
            assert regel.navn in siden
            assert regel.tekst in siden
    assert "ikke juridisk rådgivning" in siden
    for ende in ENDER:
        assert ende.tælles in siden
    assert "/hj%C3%A6lp/restancer" in rådgiver.get("/hjælp").text
    assert klient(Rolle.LEDER).get("/hjælp/restancer").status_code == 403


def test_an_event_is_corrected_or_annulled_and_stays_visible(
    rådgiver: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    [trin] = data(kontekst, personale, meldt_sag).hændelser
    url = f"/restancer/{meldt_sag}/hændelser/{trin.id}"
    assert 'value="2026-11-06"' in rådgiver.get(url).text
    assert rådgiver.send(url, {"dato": "32.11.2026", "kilde": "jura"}).status_code == 422
    assert rådgiver.send(url, {"dato": "2026-11-09", "kilde": "jura"}).status_code == 303
    [rettet] = data(kontekst, personale, meldt_sag).hændelser
    assert (rettet.dato, rettet.kilde, rettet.af, rettet.fase) == (date(2026, 11, 9), "jura", trin.af, "påkrav")
    assert række(kontekst).frist == date(2026, 11, 23)
    navn = personale.brugere[Rolle.BEBOERRÅDGIVER].navn
    historik = " ".join(rådgiver.get(f"/restancer/{meldt_sag}").text.split())
    assert f"af {navn}. Dagen var 06.11.2026. Kilde var Opkrævning og inkasso." in historik
    assert rådgiver.send(f"{url}/annullér").status_code == 303
    assert "Annulleret" in rådgiver.get(f"/restancer/{meldt_sag}").text
    assert række(kontekst).fase == "forfalden"
    assert rådgiver.get(url).status_code == 404


def test_inkasso_sees_what_it_reported_and_nothing_of_the_casework(
    rådgiver: Klient, inkasso: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = f"/restancer/{meldt_sag}"
    rettelse = {"afdeling": "aab55", "måneder": "2026-11", "beløb": "8450", "årsag": "misbrug", "note": "Hemmelig Note"}
    svar = rådgiver.send(f"{url}/ret", {**rettelse, "version": "1", "telefon": "20 55 55 55", "navn": "Kendt Andet"})
    assert svar.status_code == 303, svar.text
    rådgiver.send(f"{url}/beboer", {"hvem": "ny"})
    rådgiver.send(f"{url}/hændelse", {"fase": "fogedsag", "dato": "2026-11-19", "frist": "2026-12-01", "kilde": "jura"})
    rådgiver.send(f"{url}/luk", {"udfald": "enkeltydelse", "dato": "2026-11-20", "kilde": "kommune"})
    stored = data(kontekst, personale, meldt_sag)
    assert (stored.note, stored.udfald, stored.telefon, stored.navn) == (
        "Hemmelig Note",
        "enkeltydelse",
        "+4520123456",
        "Zxq Prøvesen",
    )
    for sti in (url, "/restancer", f"{url}/ret"):
        siden = inkasso.get(sti).text
        assert "Zxq Prøvesen" in siden
        for hemmeligt in ("Hemmelig Note", "misbrug", "Misbrug", "Enkeltydelse", "Fogedsag", "Afværget", "01.12.2026"):
            assert hemmeligt not in siden, (sti, hemmeligt)
    assert "Påkrav" in inkasso.get(url).text
    for trin in stored.hændelser[1:]:
        assert inkasso.get(f"{url}/hændelser/{trin.id}").status_code == 404
        assert inkasso.send(f"{url}/hændelser/{trin.id}/annullér").status_code == 404


def test_inkasso_reports_steps_and_payment_without_being_told_what_the_case_says(
    rådgiver: Klient, inkasso: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst
) -> None:
    url = f"/restancer/{meldt_sag}"
    rådgiver.send(f"{url}/luk", {"udfald": "betalingsaftale", "dato": "2026-11-16", "kilde": "beboeren_selv"})
    assert "Meld betalt eller afsluttet" in inkasso.get(url).text
    assert inkasso.send(f"{url}/luk", {"udfald": "betalt", "dato": "2026-11-10"}).status_code == 303
    assert "Betalt" in inkasso.get(url).text
    with Session(kontekst.engine) as session:
        assert [f.udfald for f in session.exec(select(Faktum)).all()] == ["betalingsaftale"]
    assert inkasso.send(f"{url}/hændelse", {"fase": "ophævet", "dato": "2026-11-18"}).status_code == 303
    assert række(kontekst).lukket is None
    shown = re.search(r'name="version"[^>]*value="(\d+)"', inkasso.get(f"{url}/ret").text)
    assert shown is not None
    assert inkasso.send(f"{url}/ret", {**meldt(), "navn": "Zxq Rettet", "version": shown[1]}).status_code == 303
    assert "Zxq Rettet" in rådgiver.get(url).text


def test_nobody_sees_anothers_case_and_the_refusal_is_in_the_trail(
    inkasso: Klient, klient: Klienter, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        for navn, organisation in (("anden-inkasso", "aab"), ("nabo-inkasso", "ishøj_boligselskab")):
            opret_testbruger(session, personale.helhedsplan, Rolle.INKASSO, navn).boligorganisation = organisation
        session.commit()
    before = _refused(kontekst)
    for navn in ("anden-inkasso", "nabo-inkasso"):
        anden = klient(None)
        anden.log_ind(navn)
        assert "Zxq" not in anden.get("/restancer").text
        for sti in ("", "/ret", "/hændelse", "/luk"):
            assert anden.get(f"/restancer/{meldt_sag}{sti}").status_code == 404
        assert anden.send(f"/restancer/{meldt_sag}/luk", {"udfald": "udsat", "dato": "2026-11-20"}).status_code == 404
    assert _refused(kontekst) - before == 10
    for sti in ("/slet", "/beboer"):
        assert inkasso.get(f"/restancer/{meldt_sag}{sti}").status_code == 403
    assert klient(Rolle.EJENDOMSDRIFT).get("/restancer").status_code == 403
    assert klient(Rolle.LEDER).get(f"/restancer/{meldt_sag}").status_code == 403


def _refused(kontekst: Nøglekontekst) -> int:
    with Session(kontekst.engine) as session:
        return len(session.exec(select(Spor).where(Spor.handling == Handling.AFVIST)).all())


def test_of_two_who_correct_at_once_the_second_keeps_her_text_and_sees_the_others(
    rådgiver: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = f"/restancer/{meldt_sag}/ret"
    felter = {"afdeling": "aab55", "måneder": "2026-11", "version": "1"}
    assert rådgiver.send(url, {**felter, "note": "Den første"}).status_code == 303
    svar = rådgiver.send(url, {**felter, "note": "Den anden"})
    assert svar.status_code == 409
    assert "En anden har rettet sagen" in svar.text
    assert "Den første" in svar.text
    assert "Den anden" in svar.text
    assert data(kontekst, personale, meldt_sag).note == "Den første"
    version = re.search(r'name="version"[^>]*value="(\d+)"', svar.text)
    assert version is not None
    assert rådgiver.send(url, {**felter, "note": "Den anden", "version": version[1]}).status_code == 303
    assert data(kontekst, personale, meldt_sag).note == "Den anden"


def test_linking_offers_who_it_probably_is_and_can_be_corrected(
    rådgiver: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, db: Session
) -> None:
    url = f"/restancer/{meldt_sag}/beboer"
    kendt = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", telefon="+4520123456")).id
    anden = opret_beboer(db, BeboerData(navn="Åse Andensen")).id
    db.commit()
    siden = rådgiver.get(url).text
    assert "(ligner samme person)" in siden
    assert f'value="{kendt}" checked' in siden
    assert rådgiver.send(url, {"hvem": ""}).status_code == 422
    found = rådgiver.send(url, {"hvem": "søg", "beboer_tekst": "andens", "find_beboer": "1"})
    assert (found.status_code, f'value="{anden}"' in found.text) == (200, True)
    cpr = rådgiver.send(url, {"hvem": "søg", "beboer_tekst": "010190-1234", "find_beboer": "1"})
    assert (cpr.status_code, "ligner et CPR-nummer" in cpr.text) == (422, True)
    for hvem in (kendt, anden):
        felter = {"hvem": "søg", "beboer_tekst": "x", "beboer_id": str(hvem)}
        assert rådgiver.send(url, felter).status_code == 303
        assert række(kontekst).beboer_id == hvem
    with pytest.raises(Shredded):
        kontekst.keystore.get(meldt_sag)
    assert "Åse Andensen" in rådgiver.get(f"/restancer/{meldt_sag}").text


def test_after_the_resident_is_erased_the_case_is_deleted_for_everybody_and_its_count_stays(
    rådgiver: Klient, inkasso: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, db: Session
) -> None:
    url = f"/restancer/{meldt_sag}"
    rådgiver.send(f"{url}/beboer", {"hvem": "ny"})
    rådgiver.send(f"{url}/luk", {"udfald": "betalt", "dato": "2026-11-20", "kilde": "ukendt"})
    beboer = række(kontekst).beboer_id
    assert beboer is not None
    slet_beboer(db, beboer, Slettegrund.ØNSKE)
    db.commit()
    vist(rådgiver, vis="alle")
    for hvem in (rådgiver, inkasso):
        for sti in (url, "/restancer"):
            siden = hvem.get(sti)
            assert siden.status_code == 200
            assert "Zxq" not in siden.text
            assert ("lettet" in siden.text) is not (hvem is rådgiver and sti == "/restancer")
    assert rådgiver.send(f"{url}/genåbn").status_code == 404
    assert rådgiver.send(f"{url}/slet", {"grund": "beboeren ønsker ikke, at det står her"}).status_code == 303
    assert antal(kontekst, Restancesag) == 0
    assert antal(kontekst, Faktum) == 1


def test_an_erased_residents_open_case_ends_and_stays_for_its_filer_alone(
    rådgiver: Klient, inkasso: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst, db: Session
) -> None:
    url = f"/restancer/{meldt_sag}"
    rådgiver.send(f"{url}/beboer", {"hvem": "ny"})
    beboer = række(kontekst).beboer_id
    assert beboer is not None
    own = sag(db, navn="Zxq Egen").id
    cases.knyt_beboer(db, own, beboer_id=beboer)
    db.commit()
    stopped = rådgiver.get(f"/beboere/{beboer}/slet")
    assert (stopped.status_code, "Luk sagen først" in stopped.text) == (409, True)
    slet_alt(db, beboer, Slettegrund.ØNSKE)
    db.commit()
    assert rådgiver.get(f"/restancer/{own}").status_code == 404
    vist(rådgiver, vis="alle")
    assert "Slettet" not in rådgiver.get("/restancer").text
    assert "Slettet" not in rådgiver.get("/").text
    assert ("Slettet" in inkasso.get("/restancer").text, "Afsluttet" in inkasso.get("/restancer").text) == (True, True)
    assert "meld den ind på ny" in inkasso.get(url).text
    for hvem, sider in ((rådgiver, ("hændelse", "luk", "forsøg", "opgave")), (inkasso, ("hændelse", "luk", "ret"))):
        for side in sider:
            svar = hvem.get(f"{url}/{side}")
            assert (svar.status_code, "Oplysningerne er slettet" in svar.text) == (404, True), side
    assert rådgiver.send(f"{url}/forsøg/hurtigt", {"valg": "telefon nej"}).status_code == 404
    assert (række(kontekst).lukket, række(kontekst).frist, antal(kontekst, Faktum)) == (IDAG, None, 0)


def test_a_case_is_deleted_only_with_a_reason(rådgiver: Klient, meldt_sag: uuid.UUID, kontekst: Nøglekontekst) -> None:
    url = f"/restancer/{meldt_sag}/slet"
    assert "Slet restancesagen?" in rådgiver.get(url).text
    assert rådgiver.send(url, {"grund": ""}).status_code == 422
    assert antal(kontekst, Restancesag) == 1
    assert rådgiver.send(url, {"grund": "oprettet ved en fejl"}).status_code == 303
    assert antal(kontekst, Restancesag) == 0


def test_a_draft_about_one_resident_is_not_offered_for_another(rådgiver: Klient, db: Session) -> None:
    ene, anden = (opret_beboer(db, BeboerData(navn=navn)).id for navn in ("Testa Ene", "Testa Anden"))
    db.commit()
    svar = rådgiver.send(f"/kladde?formular=/restancer/ny/{ene}", meldt(note="Kun om Ene"))
    assert svar.status_code == 200
    assert "Kun om Ene" in rådgiver.get(f"/restancer/ny/{ene}").text
    assert "Kun om Ene" not in rådgiver.get(f"/restancer/ny/{anden}").text
    assert "Kun om Ene" not in rådgiver.get("/restancer/ny").text
