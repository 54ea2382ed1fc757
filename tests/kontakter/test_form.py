"""The one form: quick with its defaults, the same without JavaScript, and kind to what is typed wrong."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.kladder import gem_kladde, hent_kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import Slettegrund, hent_beboer, opret_beboer, slet_beboer
from rådgivning.fakta.models import Faktum
from rådgivning.kontakter.forms import KontaktForm
from rådgivning.kontakter.log import hent_kontakt, log_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import hent_opgave
from tests.conftest import IDAG, Klient
from tests.kontakter.conftest import felter, samtale, sendes

NY = "/kontakter/ny"


@dataclass(frozen=True)
class Gemt:
    """What is saved of the one contact there is."""

    id: uuid.UUID
    beboer_id: uuid.UUID | None
    data: KontaktData


def only(db: Session) -> Gemt:
    """The one contact there is; leaves no transaction open that a request would wait for."""
    kontakt, data = hent_kontakt(db, db.exec(select(Kontakt)).one().id)
    found = Gemt(kontakt.id, kontakt.beboer_id, data)
    db.rollback()
    return found


def count(db: Session, *tables: type[Any]) -> list[int]:
    """How many rows there are in each table."""
    found = [len(db.exec(select(table)).all()) for table in tables]
    db.rollback()
    return found


def nothing_saved(db: Session) -> bool:
    """No contact, no fact, no task."""
    return count(db, Kontakt, Faktum, Opgave) == [0, 0, 0]


# --- Quick ----------------------------------------------------------------------------------------------------------


def test_logging_a_contact_with_a_known_resident_takes_six_taps_or_fields(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    """Seven are allowed: 1 the quick button of the art, 2 three letters, 3 the resident, 4 topic, 5 outcome, 6 Gem.

    What a browser sends is the page as it stands, plus exactly what was tapped.
    """
    assert rådgiver.send(NY, felter(beboer_id=str(zxq))).status_code == 303
    body = sendes(rådgiver.get(f"{NY}?art=en_til_en").text)
    tapped = {"beboer_id": str(zxq), "hovedemne": "ydelser", "udfald": "råd_givet"}
    answer = rådgiver.send(NY, body | tapped)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/beboere/{zxq}")
    assert len(["quick button", "search", *tapped, "Gem"]) == 6 <= 7
    db.rollback()
    data = next(d for d in (hent_kontakt(db, k.id)[1] for k in db.exec(select(Kontakt))) if d.hovedemne == "ydelser")
    assert (data.form, data.kilde, data.aktivitet) == ("fremmøde", "beboeren_selv", "beboerrådgivning")
    assert (data.afdeling, data.aldersgruppe) == ("aab55", "30-39")


def test_from_a_residents_page_three_taps_are_enough(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    rådgiver.send(NY, felter())
    page = rådgiver.get(f"{NY}?beboer={zxq}&art=en_til_en", follow_redirects=True)
    assert page.request.path == f"{NY}/{zxq}"
    assert "Zxq Prøvesen" in page.text
    answer = rådgiver.send(page.request.path, sendes(page.text) | {"hovedemne": "gæld", "udfald": "afsluttet"})
    assert answer.status_code == 303
    assert db.exec(select(Kontakt).where(Kontakt.beboer_id == zxq)).one()


def test_the_form_starts_with_today_and_the_last_used_choices_of_that_art(rådgiver: Klient) -> None:
    rådgiver.send(NY, felter(afdeling="steenbjerggård", form="telefon", kilde="kommune"))
    visit = {"art": "servicebesøg", "form": "hjemmebesøg", "kilde": "ejendomsdrift", "hovedemne": None}
    rådgiver.send(NY, felter(afdeling="steenbjerggård", **visit))
    first, second = (sendes(rådgiver.get(f"{NY}?art={art}").text) for art in ("en_til_en", "servicebesøg"))
    assert (first["form"], first["kilde"], first["dato"]) == ("telefon", "kommune", IDAG.isoformat())
    assert (second["form"], second["kilde"], second["afdeling"]) == ("hjemmebesøg", "ejendomsdrift", "steenbjerggård")
    assert (first.get("med_ejendomsdrift"), second["med_ejendomsdrift"]) == (None, "ja")


def test_the_habits_are_read_without_opening_any_resident(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    from rådgivning.spor.models import Spor

    rådgiver.send(NY, felter(beboer_id=str(zxq)))
    before = len([s for s in db.exec(select(Spor)).all() if str(zxq) in s.beboere])
    db.rollback()
    rådgiver.get(NY)
    assert len([s for s in db.exec(select(Spor)).all() if str(zxq) in s.beboere]) == before


def test_anonymous_is_one_tap(db: Session, rådgiver: Klient) -> None:
    answer = rådgiver.send(NY, felter(aldersgruppe="25-29"))
    saved = only(db)
    assert answer.headers["Location"] == f"/kontakter/{saved.id}"
    assert (saved.beboer_id, saved.data.aldersgruppe) == (None, "25-29")


def test_a_new_resident_is_made_in_the_same_form_named_by_what_was_searched_for(db: Session, rådgiver: Klient) -> None:
    new = {"beboer_id": "ny", "beboer_søg": "Testa Opdigtet", "ny_telefon": "20 12 12 34", "aldersgruppe": "40-49"}
    assert rådgiver.send(NY, felter(**new)).status_code == 303
    beboer_id = only(db).beboer_id
    assert beboer_id is not None
    beboer = hent_beboer(db, beboer_id)[1]
    assert (beboer.navn, beboer.telefon, beboer.afdeling) == ("Testa Opdigtet", "+4520121234", "aab55")
    assert beboer.aldersgruppe == "40-49"


def test_a_likely_duplicate_is_pointed_out_once_and_can_be_overruled(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    body = felter(beboer_id="ny", ny_navn="Zxq Prøvesen", notat="står her endnu")
    answer = rådgiver.send(NY, body)
    assert answer.status_code == 422
    assert "Der findes allerede en beboer, der ligner" in answer.text
    assert f'value="{zxq}"' in answer.text
    assert "står her endnu" in answer.text
    assert nothing_saved(db)
    assert rådgiver.send(NY, sendes(answer.text) | {"beboer_id": "ny"}).status_code == 303
    assert count(db, Beboer) == [2]


@pytest.mark.parametrize("corrects", [False, True])
def test_a_cpr_number_in_the_search_box_is_refused_before_anybody_is_looked_up(
    db: Session, zxq: uuid.UUID, rådgiver: Klient, *, corrects: bool
) -> None:
    url = NY
    if corrects:
        url = f"/kontakter/{log_kontakt(db, samtale(), dato=IDAG, beboer_id=zxq).id}/ret"
        db.commit()
    body = felter(beboer_id=None, beboer_søg="010190-1234", notat="Mit notat")
    answer = rådgiver.send(url, body | {"find_beboer": "1"})
    assert answer.status_code == 422
    assert "ligner et CPR-nummer" in answer.text
    assert "Mit notat" in answer.text
    assert "Ingen beboer fundet" not in answer.text


def test_the_form_says_what_must_be_filled_in_at_a_talk_and_has_a_way_back(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    page = rådgiver.get(NY).text
    for field, without_script in (("hovedemne", "ved en samtale"), ("udfald", "når beboeren blev truffet")):
        label = page[page.index(f'for="{field}"') :].partition("</label>")[0]
        assert f'<span class="skal" data-uden-js>(skal udfyldes {without_script})' in label
        assert 'data-vis-når="art=en_til_en" hidden>(skal udfyldes)' in label
    kontakt = log_kontakt(db, samtale(), dato=IDAG, beboer_id=zxq).id
    db.commit()
    ways = {NY: "/", f"{NY}/{zxq}": f"/beboere/{zxq}", f"/kontakter/{kontakt}/ret": f"/kontakter/{kontakt}"}
    for url, back in ways.items():
        assert f'href="{back}">Fortryd</a>' in rådgiver.get(url).text, url


def test_without_javascript_find_gives_the_hits_as_radio_buttons_and_loses_nothing(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    body = felter(beboer_id=None, beboer_søg="zxq", notat="linje 1\nlinje 2", varighed="30", emner=["ydelser", "vold"])
    answer = rådgiver.send(NY, body | {"find_beboer": "1"})
    assert answer.status_code == 200
    assert "Zxq Prøvesen, Opdigtet Allé 7, 20 12 12 34" in answer.text
    assert "linje 1\nlinje 2" in answer.text
    again = sendes(answer.text)
    assert {name: again[name] for name in ("hovedemne", "udfald", "form", "kilde", "varighed", "formular_id")} == {
        name: body[name] for name in ("hovedemne", "udfald", "form", "kilde", "varighed", "formular_id")
    }
    assert answer.text.count("checked") >= 5
    assert rådgiver.send(NY, again | {"beboer_id": str(zxq)}).status_code == 303
    assert only(db).beboer_id == zxq


def test_a_name_that_was_typed_but_not_chosen_brings_the_hits(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    answer = rådgiver.send(NY, felter(beboer_id="", beboer_søg="Prøvesen"))
    assert answer.status_code == 422
    assert f'value="{zxq}"' in answer.text
    assert nothing_saved(db)


def test_both_a_resident_and_anonymous_is_asked_about_and_never_guessed(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    answer = rådgiver.send(NY, felter(beboer_id=["anonym", str(zxq)]))
    assert answer.status_code == 422
    assert "Tryk igen, hvis den skal være anonym" in answer.text
    assert nothing_saved(db)
    assert rådgiver.send(NY, sendes(answer.text)).status_code == 303
    assert only(db).beboer_id is None


def test_two_residents_chosen_at_once_are_asked_about(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    answer = rådgiver.send(NY, felter(beboer_id=[str(zxq), str(uuid.uuid4())]))
    assert (answer.status_code, "to forskellige beboere" in answer.text) == (422, True)
    assert nothing_saved(db)


def test_a_resident_without_afdeling_is_asked_for_it_and_the_last_used_one_is_not_taken_silently(
    db: Session, rådgiver: Klient
) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    db.commit()
    answer = rådgiver.send(NY, felter(beboer_id=str(beboer_id), afdeling="aab55"))
    assert (answer.status_code, "Den står ikke i beboerens stamdata" in answer.text) == (422, True)
    assert rådgiver.send(NY, sendes(answer.text) | {"afdeling": "steenbjerggård"}).status_code == 303
    assert only(db).data.afdeling == "steenbjerggård"


@pytest.mark.parametrize(
    ("art", "kept"),
    [
        ("en_til_en", {"aftale": True, "truffet": None, "med_ejendomsdrift": None, "anledning": "", "tredjepart": ""}),
        ("opsøgende", {"aftale": None, "truffet": True, "med_ejendomsdrift": False, "tredjepart": "Nabo Opdigtet"}),
        ("indflytningssyn", {"aftale": None, "truffet": True, "med_ejendomsdrift": False, "anledning": ""}),
        ("servicebesøg", {"aftale": None, "truffet": True, "med_ejendomsdrift": False, "tredjepart": ""}),
    ],
)
def test_only_what_belongs_to_the_art_is_kept(db: Session, rådgiver: Klient, art: str, kept: dict[str, Any]) -> None:
    every = {"aftale": "ja", "truffet": "ja", "med_ejendomsdrift": "nej", "anledning": "naboklage"}
    assert rådgiver.send(NY, felter(art=art, tredjepart="Nabo Opdigtet", **every)).status_code == 303
    data = only(db).data
    assert {name: getattr(data, name) for name in kept} == kept


def test_the_complaining_neighbour_is_kept_only_for_a_naboklage(db: Session, rådgiver: Klient) -> None:
    rådgiver.send(NY, felter(art="opsøgende", anledning="egen_observation", tredjepart="Nabo Opdigtet"))
    assert only(db).data.tredjepart == ""


def test_a_door_that_stayed_shut_needs_no_topic_and_no_outcome(db: Session, rådgiver: Klient) -> None:
    body = felter(art="opsøgende", anledning="restance", truffet="nej", hovedemne=None, udfald=None)
    assert rådgiver.send(NY, body).status_code == 303
    data = only(db).data
    assert (data.truffet, data.udfald, data.hovedemne) == (False, "ikke_truffet", "")


def test_brobygning_says_to_whom_and_whether_accompanied(db: Session, rådgiver: Klient) -> None:
    rådgiver.send(NY, felter(brobygning_til="jobcenter", brobygning_ledsaget="nej", brobygning_resultat="første_møde"))
    data = only(db).data
    assert (data.brobygning_til, data.brobygning_ledsaget) == ("jobcenter", False)
    assert {f.enhed for f in db.exec(select(Faktum))} == {"kontakt", "brobygning"}


@pytest.mark.parametrize(
    ("choice", "frist"),
    [
        ({"følg_op": "7"}, date(2026, 11, 27)),
        ({"følg_op": "30"}, date(2026, 12, 21)),  # the 20th is a Sunday
        ({"følg_op": "dato", "frist": "2026-12-05"}, date(2026, 12, 5)),
        ({"frist": "05.12.2026"}, date(2026, 12, 5)),
    ],
)
def test_a_follow_up_makes_a_task(
    db: Session, zxq: uuid.UUID, rådgiver: Klient, choice: dict[str, str], frist: date
) -> None:
    rådgiver.send(NY, felter(beboer_id=str(zxq), opgave_titel="Ring til hende", **choice))
    opgave = db.exec(select(Opgave)).one()
    assert (opgave.frist, opgave.beboer_id) == (frist, zxq)
    assert hent_opgave(db, opgave.id)[1].titel == "Ring til hende"


def test_the_message_and_the_address_after_saving_hold_no_name_and_lead_to_undoing(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    answer = rådgiver.send(NY, felter(beboer_id=str(zxq)))
    kontakt_id = only(db).id
    cookie = " ".join(answer.headers.getlist("Set-Cookie"))
    assert "Zxq" not in answer.headers["Location"] + cookie
    page = rådgiver.get("/kontakter").text
    assert "Kontakten er gemt." in page
    assert f'href="/kontakter/{kontakt_id}"' in page
    assert "Fortryd kontakten" in rådgiver.get(f"/kontakter/{kontakt_id}").text
    assert rådgiver.send(f"/kontakter/{kontakt_id}/fortryd").status_code == 303
    assert nothing_saved(db)
    assert rådgiver.send(f"/kontakter/{kontakt_id}/fortryd").status_code == 404


# --- Drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_comes_back_in_its_own_form_and_can_be_thrown_away(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    other = opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    db.commit()
    own = f"{NY}/{zxq}"
    saved = rådgiver.send(f"/kladde?formular={own}", felter(beboer_id=str(zxq), notat="halv sætning"))
    assert saved.status_code == 200
    page = rådgiver.get(own).text
    assert "halv sætning" in page
    assert "Vi har hentet din kladde" in page
    for elsewhere in (NY, f"{NY}/{other}"):
        assert "halv sætning" not in rådgiver.get(elsewhere).text
    assert rådgiver.send(f"/kontakter/kassér?formular={own}").headers["Location"] == own.replace("ø", "%C3%B8")
    assert "halv sætning" not in rådgiver.get(own).text


def test_saving_forgets_the_draft_and_a_late_autosave_of_a_saved_form_is_not_offered(
    db: Session, rådgiver: Klient
) -> None:
    body = felter(notat="halv sætning")
    rådgiver.send(f"/kladde?formular={NY}", body)
    rådgiver.send(NY, body)
    assert hent_kladde(db, NY) is None
    db.rollback()
    rådgiver.send(f"/kladde?formular={NY}", body)
    assert "halv sætning" not in rådgiver.get(NY).text
    assert hent_kladde(db, NY) is None
    db.rollback()


@pytest.mark.parametrize("formular", ["/beboere/ny", "//ond.example/", "/kontakter", ""])
def test_only_the_rooms_own_drafts_are_thrown_away_here(rådgiver: Klient, formular: str) -> None:
    assert rådgiver.send(f"/kontakter/kassér?formular={formular}").status_code == 404


# --- Bad input ------------------------------------------------------------------------------------------------------

TYPED = {"notat": "Lang tekst, der ikke må gå tabt", "beboer_søg": "Søgt Tekst", "ny_adresse": "Opdigtet Allé 9"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"dato": "2026-11-21"}, "Datoen ligger i fremtiden."),
    ({"dato": "31.02.2026"}, "Den dato findes ikke i kalenderen."),
    ({"dato": "2025-10-31"}, "Datoen ligger, før helhedsplanen begyndte."),
    ({"dato": "i går"}, "Skriv datoen som 21.11.2026."),
    ({"dato": ""}, "Skriv, hvilken dag det var."),
    ({"afdeling": "opdigtet"}, "Vælg en af mulighederne på listen."),
    ({"afdeling": ""}, "Vælg afdeling."),
    ({"art": "opdigtet"}, "Vælg en af mulighederne på listen."),
    ({"art": ""}, "Vælg, hvilken slags kontakt det var."),
    ({"beboer_id": "", "beboer_søg": ""}, "Vælg beboeren på listen"),
    ({"beboer_id": "ny", "beboer_søg": "", "ny_navn": ""}, "Skriv den nye beboers navn."),
    ({"beboer_id": "ny", "ny_telefon": "12"}, "Et dansk telefonnummer har 8 cifre"),
    ({"hovedemne": ""}, "Vælg det vigtigste emne."),
    ({"udfald": ""}, "Vælg, hvad der kom ud af det."),
    ({"udfald": "ikke_truffet"}, "Det passer ikke til den slags kontakt"),
    ({"art": "opsøgende", "aktivitet": "social_økonomisk_rådgivning"}, "Det passer ikke til den slags kontakt"),
    ({"art": "opsøgende", "anledning": ""}, "Vælg, hvad der gav anledning til det."),
    (
        {"art": "servicebesøg", "truffet": "ja", "udfald": "ikke_truffet"},
        "Du har svaret, at beboeren blev truffet.",
    ),
    ({"emner": ["gæld", "opdigtet"]}, "Vælg en af mulighederne på listen."),
    ({"varighed": "999"}, "Vælg en af mulighederne på listen."),
    ({"følg_op": "dato"}, "Skriv, hvilken dag du vil følge op."),
    ({"følg_op": "dato", "frist": "2026-11-19"}, "Opfølgningen skal ligge i dag eller senere."),
]


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost_or_half_saved(db: Session, rådgiver: Klient) -> None:
    for wrong, message in WRONG:
        body = felter(**TYPED | wrong)
        answer = rådgiver.send(NY, body)
        text = html.unescape(answer.text)
        assert (wrong, answer.status_code) == (wrong, 422)
        assert message in text
        assert all(typed in text for name, typed in TYPED.items() if wrong.get(name, typed) == typed)
        assert body["formular_id"] in text
        assert nothing_saved(db)


CPR = "010190-1234"


def test_a_cpr_number_is_refused_in_every_field(db: Session, rådgiver: Klient) -> None:
    for field in ("notat", "beboer_søg", "ny_navn", "ny_telefon", "ny_adresse", "tredjepart", "opgave_titel", "dato"):
        answer = rådgiver.send(NY, felter(**{field: CPR}))
        assert (field, answer.status_code, "ligner et CPR-nummer" in answer.text) == (field, 422, True)
    assert nothing_saved(db)


def test_a_paste_of_ten_megabytes_is_refused_and_still_there(db: Session, rådgiver: Klient) -> None:
    answer = rådgiver.send(NY, felter(notat="x" * 10_000_000))
    assert answer.status_code == 422
    assert "10.000.000 tegn" in answer.text
    assert "x" * 10_000_000 in answer.text
    assert nothing_saved(db)


def test_an_unknown_art_in_the_address_shows_the_form_and_says_so(rådgiver: Klient) -> None:
    answer = rådgiver.get(f"{NY}?art=opdigtet")
    assert (answer.status_code, "Den slags kontakt findes ikke" in answer.text) == (422, True)


def test_a_resident_deleted_meanwhile_is_said_and_the_rest_stays(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    for path in (NY, f"{NY}/{zxq}"):
        body = sendes(rådgiver.get(path).text) if path == f"{NY}/{zxq}" else {}
        assert (body.get("beboer_id") or str(zxq)) == str(zxq)
    slet_beboer(db, zxq, Slettegrund.FEJL)
    db.commit()
    for path in (NY, f"{NY}/{zxq}"):
        answer = rådgiver.send(path, felter(beboer_id=str(zxq), notat="skal blive stående"))
        assert answer.status_code == 422
        assert "Beboeren er slettet i mellemtiden" in answer.text
        assert "skal blive stående" in answer.text
        assert nothing_saved(db)
    assert rådgiver.get(f"{NY}?beboer={zxq}", follow_redirects=True).status_code == 404
    assert rådgiver.get(f"{NY}?beboer=opdigtet").status_code == 404


def test_the_same_form_sent_twice_gives_one_contact_and_the_same_answer(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    body = felter(beboer_id="ny", ny_navn="Testa Opdigtet", følg_op="7")
    first, second = rådgiver.send(NY, body), rådgiver.send(NY, body)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert count(db, Kontakt, Faktum, Opgave, Beboer) == [1, 1, 1, 2]


def test_the_same_form_sent_by_two_at_the_very_same_moment_gives_one_contact(
    db: Session, rådgiver: Klient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds nothing when it looks, and the row in its way when it writes."""
    from rådgivning.kontakter import views

    body = felter()
    assert rådgiver.send(NY, body).status_code == 303
    real, looks = views._already_logged, iter([True])

    def blind_once(session: Session, form: KontaktForm) -> Kontakt | None:
        return None if next(looks, False) else real(session, form)

    monkeypatch.setattr(views, "_already_logged", blind_once)
    monkeypatch.setattr(views, "log_kontakt", _log_blindly)
    assert rådgiver.send(NY, body).status_code == 303
    assert count(db, Kontakt, Faktum) == [1, 1]


def _log_blindly(session: Session, data: KontaktData, **kwargs: Any) -> Kontakt:
    """What happens in the window between looking and writing: the insert meets the other one's row."""
    from rådgivning.kontakter.log import gem_ny

    kontakt = gem_ny(session, data, None, id=kwargs["id"], dato=kwargs["dato"], beboer_id=None)
    session.flush()
    return kontakt


def test_a_number_that_is_somebody_elses_contact_is_not_shown(
    db: Session, rådgiver: Klient, klient: Callable[[Rolle | None], Klient]
) -> None:
    number = log_kontakt(db, samtale(), dato=IDAG).id
    kontakt = db.get(Kontakt, number)
    assert kontakt is not None
    kontakt.ejer_id = next(b.id for b in _users(db) if b.rolle == Rolle.LEDER)
    db.add(kontakt)
    db.commit()
    assert rådgiver.send(NY, felter(formular_id=str(number))).status_code == 422


def _users(db: Session) -> Any:
    from rådgivning.adgang.models import Bruger

    return db.exec(select(Bruger)).all()


def test_two_who_correct_at_once_get_both_versions_shown_and_the_second_decides(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    kontakt_id = log_kontakt(db, samtale(notat="fra start"), dato=IDAG, beboer_id=zxq).id
    db.commit()
    ret = f"/kontakter/{kontakt_id}/ret"
    first = second = sendes(rådgiver.get(ret).text)
    assert rådgiver.send(ret, first | {"notat": "den ene"}).status_code == 303
    answer = rådgiver.send(ret, second | {"notat": "den anden"})
    assert answer.status_code == 409
    assert "Gemt nu: den ene" in answer.text
    assert "Du skrev: den anden" in answer.text
    assert only(db).data.notat == "den ene"
    assert rådgiver.send(ret, sendes(answer.text)).status_code == 303
    assert only(db).data.notat == "den anden"
    assert "Før: den ene" in rådgiver.get(f"/kontakter/{kontakt_id}").text


def test_correcting_shows_what_is_saved_and_its_mistakes_lose_nothing(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    full = samtale(
        emner=["vold"], varighed=25, brobygning_til="cvv", brobygning_ledsaget=True, notat="før", aftale=False
    )
    kontakt_id = log_kontakt(db, full, dato=IDAG, beboer_id=zxq).id
    db.commit()
    ret = f"/kontakter/{kontakt_id}/ret"
    body = sendes(rådgiver.get(ret).text)
    assert (body["varighed"], body["brobygning_til"], body["aftale"], body["beboer_id"]) == (
        "25",
        "cvv",
        "nej",
        str(zxq),
    )
    wrong = rådgiver.send(ret, body | {"notat": "efter", "dato": "2030-01-01"})
    assert (wrong.status_code, "efter" in wrong.text) == (422, True)
    assert rådgiver.send(ret, body | {"notat": "efter", "version": "x"}).status_code == 409
    found = rådgiver.send(ret, body | {"beboer_søg": "zxq", "find_beboer": "1"})
    assert (found.status_code, "Opdigtet Allé 7" in found.text) == (200, True)
    assert rådgiver.send(ret, body | {"notat": "efter"}).status_code == 303
    after = only(db).data
    assert (after.notat, after.emner, after.varighed, after.aftale) == ("efter", ["vold"], 25, False)


def test_a_contact_can_be_given_to_a_new_resident_when_it_is_corrected(db: Session, rådgiver: Klient) -> None:
    kontakt_id = log_kontakt(db, samtale(), dato=IDAG).id
    db.commit()
    ret = f"/kontakter/{kontakt_id}/ret"
    body = sendes(rådgiver.get(ret).text)
    assert body["beboer_id"] == "anonym"
    assert rådgiver.send(ret, body | {"beboer_id": "ny", "ny_navn": "Testa Opdigtet"}).status_code == 303
    assert only(db).beboer_id is not None
    gone = rådgiver.send(ret, body | {"beboer_id": str(uuid.uuid4()), "version": "2"})
    assert (gone.status_code, "slettet i mellemtiden" in gone.text) == (422, True)
    nowhere = rådgiver.send(ret, body | {"beboer_id": "anonym", "afdeling": "", "version": "2"})
    assert (nowhere.status_code, "Vælg afdeling." in nowhere.text) == (422, True)
    missing = rådgiver.send(f"/kontakter/{uuid.uuid4()}/ret", body)
    assert missing.status_code == 404


def test_what_was_typed_when_the_session_ended_is_there_after_signing_in_again(db: Session, rådgiver: Klient) -> None:
    body = felter(notat="skrevet efter udløb", udfald="afsluttet")
    token = rådgiver.csrf()
    real = database.clock.read()
    database.clock.read = lambda: real + timedelta(hours=2)
    answer = rådgiver.post(NY, data=body | {"csrf_token": token})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/log-ind")
    assert nothing_saved(db)
    assert rådgiver.log_ind("beboerrådgiver").status_code == 303
    page = rådgiver.get(NY).text
    assert "skrevet efter udløb" in page
    again = sendes(page)
    assert (again["udfald"], again["formular_id"]) == ("afsluttet", body["formular_id"])
    assert rådgiver.send(NY, again).status_code == 303


def test_a_draft_of_a_correction_comes_back_too(db: Session, rådgiver: Klient) -> None:
    kontakt_id = log_kontakt(db, samtale(notat="gemt"), dato=IDAG).id
    gem_kladde(db, f"/kontakter/{kontakt_id}/ret", {k: [v] for k, v in felter(notat="rettet", version="1").items()})
    db.commit()
    assert "rettet" in rådgiver.get(f"/kontakter/{kontakt_id}/ret").text
    assert rådgiver.send(f"/kontakter/kassér?formular=/kontakter/{kontakt_id}/ret").status_code == 303
    assert "rettet" not in rådgiver.get(f"/kontakter/{kontakt_id}/ret").text


def test_a_referral_says_who_sent_her_here(rådgiver: Klient) -> None:
    page = rådgiver.get(f"{NY}?art=en_til_en&kilde=ejendomsdrift").text
    assert re.search(r'<option[^>]*selected[^>]*value="ejendomsdrift"|value="ejendomsdrift"[^>]*selected', page)
