"""The referrer's side: a referral in a minute, a status back, and nothing of anybody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger, Kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.fakta.models import Faktum
from rådgivning.henvisninger.intake import afslut, kontakt_opnået, tag_op
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import MåIkkeÅbne, open_sealed
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale, opret_testbruger
from tests.henvisninger.factories import henvisning, sendt

Klienter = Callable[[Rolle | None], Klient]


def alle(kontekst: Nøglekontekst, model: type[Any]) -> list[Any]:
    with Session(kontekst.engine) as session:
        return list(session.exec(select(model)).all())


def send(klient: Klient, **ændret: Any) -> str:
    svar = klient.send("/henvisninger/ny", sendt(**ændret))
    assert svar.status_code == 303, svar.text
    return str(svar.location)


@pytest.fixture
def drift(klient: Klienter) -> Klient:
    return klient(Rolle.EJENDOMSDRIFT)


def test_a_referral_is_sealed_counted_traced_and_shown_back_with_its_status(
    drift: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = send(drift)
    [row] = alle(kontekst, Henvisning)
    assert (row.status, row.hast, row.boligorganisation) == ("modtaget", "snarest", "aab")
    assert b"Zxq Pr" not in row.sealed
    [faktum] = alle(kontekst, Faktum)
    assert (faktum.enhed, faktum.måned, faktum.afdeling, faktum.kilde) == (
        "henvisning",
        "2026-11",
        "aab55",
        "ejendomsdrift",
    )
    assert (faktum.pseudonym, faktum.anledning, faktum.hovedemne) == (None, "", "")
    made = [e for e in alle(kontekst, Spor) if e.handling == Handling.OPRETTET and e.genstand == "henvisning"]
    assert [e.rækker for e in made] == [[str(row.id)]]
    assert made[0].aktør == personale.brugere[Rolle.EJENDOMSDRIFT].id
    listen = drift.get("/henvisninger").text
    assert "Zxq Prøvesen" in listen
    assert "Modtaget" in listen
    siden = drift.get(url).text
    assert "svarer på sms" in siden
    assert "20 12 34 56" in siden


def test_the_same_form_sent_twice_makes_one_referral_and_one_count(drift: Klient, kontekst: Nøglekontekst) -> None:
    felter = sendt()
    første, anden = (drift.send("/henvisninger/ny", felter) for _ in range(2))
    assert (første.status_code, anden.status_code, første.location) == (303, 303, anden.location)
    assert len(alle(kontekst, Henvisning)) == len(alle(kontekst, Faktum)) == 1


def test_a_form_id_of_somebody_elses_referral_cannot_be_saved(klient: Klienter, drift: Klient) -> None:
    felter = sendt()
    drift.send("/henvisninger/ny", felter)
    assert klient(Rolle.INKASSO).send("/henvisninger/ny", felter).status_code == 422


@pytest.mark.parametrize(
    ("felter", "besked"),
    [
        ({"navn": "", "adresse": ""}, "Skriv navnet. Kender du det ikke, så skriv adressen."),
        ({"afdeling": ""}, "Vælg afdelingen."),
        ({"afdeling": "findes_ikke"}, "Vælg en af mulighederne på listen."),
        ({"afdeling": "steenbjerggård"}, "Vælg en af mulighederne på listen."),
        ({"telefon": "12"}, "Et dansk telefonnummer har 8 cifre"),
        ({"beboer_ved_det": "nej"}, "Beboeren har ikke sagt ja til, at nummeret gives videre."),
        ({"beboer_ved_det": ""}, "Vælg et svar."),
        ({"hast": "straks"}, "Vælg en af mulighederne på listen."),
        ({"beskrivelse": "Hans CPR er 010190-1234"}, "ligner et CPR-nummer"),
        ({"navn": "Zxq 0101901234"}, "ligner et CPR-nummer"),
        ({"beskrivelse": "x" * 2001}, "der er plads til 2.000"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_all_that_was_typed_is_kept(
    drift: Klient, kontekst: Nøglekontekst, felter: dict[str, str], besked: str
) -> None:
    svar = drift.send("/henvisninger/ny", sendt(**{"grund": "naboklage", "adresse": "Skrevet Vej 3", **felter}))
    assert svar.status_code == 422
    assert besked in svar.text
    assert felter.get("adresse", "Skrevet Vej 3") in svar.text
    assert 'value="naboklage" selected' in svar.text or 'selected value="naboklage"' in svar.text
    assert alle(kontekst, Henvisning) == alle(kontekst, Faktum) == []


def test_a_referrer_chooses_among_the_afdelinger_of_her_own_organisation(drift: Klient, klient: Klienter) -> None:
    own = drift.get("/henvisninger/ny").text
    assert "AAB 55" in own
    assert "Steenbjerggård" not in own
    assert "Steenbjerggård" in klient(Rolle.BEBOERRÅDGIVER).get("/henvisninger/ny").text


def test_inkasso_is_another_source_and_is_asked_for_none(klient: Klienter, kontekst: Nøglekontekst) -> None:
    inkasso = klient(Rolle.INKASSO)
    assert 'name="kilde"' not in inkasso.get("/henvisninger/ny").text
    send(inkasso, kilde="kommune")
    assert [f.kilde for f in alle(kontekst, Faktum)] == ["opkrævning"]


def test_nobody_sees_anothers_referral_and_the_refusal_is_in_the_trail(
    drift: Klient, klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        opret_testbruger(session, personale.helhedsplan, Rolle.EJENDOMSDRIFT, "anden-drift")
        session.commit()
    url = send(drift)
    anden = klient(None)
    anden.log_ind("anden-drift")
    assert "Zxq" not in anden.get("/henvisninger").text
    before = len([e for e in alle(kontekst, Spor) if e.handling == Handling.AFVIST])
    for klienten in (anden, klient(Rolle.INKASSO)):
        assert klienten.get(url).status_code == 404
        assert klienten.send(f"{url}/træk-tilbage").status_code == 404
    refused = [e for e in alle(kontekst, Spor) if e.handling == Handling.AFVIST][before:]
    assert [e.rækker for e in refused] == [[url.rpartition("/")[2]]] * 4
    for sti in ("tag-op", "beboer", "kontakt-opnået", "afslut", "tilbage"):
        assert anden.send(f"{url}/{sti}").status_code == 403
    assert len(alle(kontekst, Henvisning)) == 1


def test_who_moves_to_another_organisation_leaves_her_referrals_behind(
    drift: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = send(drift)
    with Session(kontekst.engine) as session:
        bruger = session.get_one(Bruger, personale.brugere[Rolle.EJENDOMSDRIFT].id)
        bruger.boligorganisation = "ishøj_boligselskab"
        session.add(bruger)
        session.commit()
    assert "Zxq" not in drift.get("/henvisninger").text
    assert drift.get(url).status_code == 404
    assert drift.send(f"{url}/træk-tilbage").status_code == 404
    assert "AAB 55" not in drift.get("/henvisninger/ny").text


def test_the_referrer_sees_that_something_happens_and_not_what(
    drift: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = send(drift)
    række = uuid.UUID(url.rpartition("/")[2])
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        tag_op(session, række, beboer_id=None, ny_beboer=new_id())
        session.commit()
        after = {"Taget op": drift.get("/henvisninger").text}
        kontakt_opnået(session, række)
        session.commit()
        after["Kontakt opnået"] = drift.get("/henvisninger").text
        afslut(session, række, udfald="betalingsaftale", note="Hemmelig Note")
        session.commit()
        after["Afsluttet"] = drift.get("/henvisninger").text
    for status, listen in after.items():
        assert status in listen
        assert "Zxq Prøvesen" in listen
    siden = drift.get(url).text
    assert "Afsluttet fredag den 20. november 2026" in siden
    for hemmeligt in ("Hemmelig Note", "Betalingsaftale", "svarer på sms", "20 12 34 56", "Testa Beboerrådgiver"):
        assert hemmeligt not in siden
        assert hemmeligt not in after["Afsluttet"]


def test_the_beboerrådgivers_side_does_not_open_for_the_referrer(kontekst: Nøglekontekst, personale: Personale) -> None:
    from rådgivning.henvisninger.models import HenvisningBehandling, HenvisningBehandlingData

    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as session:
        række = henvisning(session).id
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        tag_op(session, række, beboer_id=None)
        afslut(session, række, udfald="råd_givet", note="Hemmelig Note")
        session.commit()
    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as session:
        own = session.get_one(Henvisning, række)
        assert "Hemmelig" not in open_sealed(session, own, HenvisningData, "prøve").model_dump_json()
        with pytest.raises(MåIkkeÅbne):
            open_sealed(session, session.get_one(HenvisningBehandling, række), HenvisningBehandlingData, "prøve")


def test_a_referral_is_withdrawn_with_key_and_count_while_nobody_has_taken_it_up(
    drift: Klient, kontekst: Nøglekontekst
) -> None:
    url = send(drift)
    række = uuid.UUID(url.rpartition("/")[2])
    kontekst.keystore.get(række)
    assert drift.send(f"{url}/træk-tilbage").status_code == 303
    assert alle(kontekst, Henvisning) == alle(kontekst, Faktum) == []
    with pytest.raises(Shredded):
        kontekst.keystore.get(række)
    assert drift.get(url).status_code == 404


def test_it_is_too_late_to_withdraw_what_somebody_works_on(
    drift: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = send(drift)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        tag_op(session, uuid.UUID(url.rpartition("/")[2]), beboer_id=None)
        session.commit()
    svar = drift.send(f"{url}/træk-tilbage")
    assert svar.status_code == 409
    assert "kan ikke trækkes tilbage" in svar.text
    assert len(alle(kontekst, Henvisning)) == 1


def test_what_was_typed_when_the_session_ended_comes_back_after_signing_in(
    drift: Klient, kontekst: Nøglekontekst
) -> None:
    drift.send("/sessioner/afslut-andre")
    token = drift.csrf()
    with Session(kontekst.engine) as session:
        from rådgivning.adgang.models import BrugerSession

        for række in session.exec(select(BrugerSession)).all():
            række.sidst_set = række.sidst_set.replace(year=2020)
            session.add(række)
        session.commit()
    svar = drift.post("/henvisninger/ny", data={**sendt(navn="Testa Opdigtet"), "csrf_token": token})
    assert svar.location.startswith("/log-ind")
    assert [k.formular for k in alle(kontekst, Kladde)] == ["/henvisninger/ny"]
    drift.log_ind("ejendomsdrift")
    siden = drift.get("/henvisninger/ny").text
    assert "Testa Opdigtet" in siden
    assert "Vi har hentet din kladde" in siden
    send(drift, navn="Testa Opdigtet")
    assert alle(kontekst, Kladde) == []


def test_a_long_list_of_own_referrals_has_pages(drift: Klient, kontekst: Nøglekontekst, personale: Personale) -> None:
    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as session:
        for n in range(26):
            henvisning(session, navn=f"Testa Nummer{n:02}")
    pages = [drift.get(f"/henvisninger?side={n}").text for n in (1, 2)]
    assert [page.count("Testa Nummer") for page in pages] == [25, 1]


def test_a_draft_is_thrown_away_on_request_and_forgotten_when_it_was_sent_after_all(
    drift: Klient, kontekst: Nøglekontekst
) -> None:
    kladde = "/kladde?formular=/henvisninger/ny"
    drift.send(kladde, sendt(navn="Testa Kladdesen"))
    assert "Testa Kladdesen" in drift.get("/henvisninger/ny").text
    assert drift.send("/henvisninger/ny?kassér=1").status_code == 303
    assert "Testa Kladdesen" not in drift.get("/henvisninger/ny").text
    felter = sendt(navn="Testa Sendt")
    drift.send("/henvisninger/ny", felter)
    drift.send(kladde, felter)
    assert "Testa Sendt" not in drift.get("/henvisninger/ny").text
    assert alle(kontekst, Kladde) == []
