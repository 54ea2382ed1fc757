"""Importing contacts from a spreadsheet: every row understood or named, nothing doubled, nothing half."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
from openpyxl import Workbook
from sqlmodel import Session, select

from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import opret_beboer, søg_beboere
from rådgivning.fakta.models import Faktum
from rådgivning.felter import sheet as ark
from rådgivning.kontakter import sheet
from rådgivning.kontakter.browse import kontakter_om
from rådgivning.kontakter.importing import FilFejl, Resultat, Rækker, forbered, importér, kontrollér_først, læs_fil
from rådgivning.kontakter.log import Slettegrund, hent_kontakt, ret_kontakt, slet_kontakt
from rådgivning.kontakter.models import Kontakt
from rådgivning.kontakter.rows import Kontrolleret
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient
from tests.kontakter.conftest import ZXQ, samtale

HOVED = ";".join(sheet.KOLONNER)
TALK = "20.11.2026;AAB 55;En-til-en rådgivning;Gæld;40-49;Kollega i helhedsplanen;Telefon;30;Råd givet"
ZXQ_ROW = f"{TALK};Zxq Prøvesen;20 12 12 34;;Første samtale"


def rows(*lines: str, head: str = HOVED) -> Rækker:
    return læs_fil("kontakter.csv", "\n".join([head, *lines]).encode())


def run(db: Session, *lines: str) -> Resultat:
    resultat = importér(db, rows(*lines))
    db.commit()
    return resultat


def saved(db: Session) -> list[Kontakt]:
    return list(db.exec(select(Kontakt)).all())


# --- Reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_csv_file_is_read_in_every_usual_shape(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["Dato", "AFDELING", "art", "Beboer navn", "notat"]) + "\r\n"
    text += delimiter.join(["20.11.2026", "AAB 55", "opsøgende", "Åse Ærø", '"a;b,\n""c"""']) + "\r\n\r\n"
    assert læs_fil("x.csv", text.encode(encoding)).rækker == [
        (
            2,
            {
                "dato": "20.11.2026",
                "afdeling": "AAB 55",
                "art": "opsøgende",
                "beboer_navn": "Åse Ærø",
                "notat": 'a;b,\n"c"',
            },
        )
    ]


def workbook(*lines: list[object]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)  # type: ignore[union-attr]
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_an_excel_file_gives_the_same_rows_dates_as_dates_and_numbers_without_decimals(db: Session) -> None:
    data = workbook(
        ["Dato", "Afdeling", "Art", "Varighed", "Beboer_navn", "Beboer_telefon"],
        [datetime(2026, 11, 20), "AAB 55", "opsøgende", 30.0, "Zxq Prøvesen", 20121234],  # noqa: DTZ001
        [date(2026, 11, 19), "aab55", "Opsøgende arbejde", None, None, None],
    )
    resultat = importér(db, læs_fil("kontakter.xlsx", data))
    assert resultat.linje == "2 nye, 0 ændrede, 0 uændrede, 0 afvist"
    opened = [hent_kontakt(db, k.id) for k in saved(db)]
    assert sorted((k.dato, d.varighed or 0) for k, d in opened) == [(date(2026, 11, 19), 0), (IDAG, 30)]


def bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (ark.LARGEST_UNPACKED + 1))
    return data.getvalue()


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"<x/>")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.csv", b" \n", "Filen er tom"),
        ("x.csv", b"dato;afdeling;art\n", "ingen rækker"),
        ("x.csv", b"dato;art\n1;2", "Der mangler: afdeling"),
        ("x.csv", b"dato;afdeling;art;cpr\n1;2;3;4", "en kolonne, som ikke kan bruges"),
        ("x.csv", b"dato;afdeling;art;dato\n1;2;3;4", "to gange"),
        ("x.csv", b'dato;afdeling;art\n"1;2;3', "anførselstegn"),
        ("x.csv", "dato;afdeling;art".encode("utf-16"), "UTF-8 eller Windows-1252"),
        ("x.csv", b"dato;afdeling;art\n\x81;2;3", "tegn kan ikke læses"),
        ("x.csv", b"x" * (ark.LARGEST_FILE + 1), "større end 20 MB"),
        ("x.csv", b"dato;afdeling;art\n" + b"1;2;3\n" * (sheet.FLEST_RÆKKER + 1), "over 3.000 rækker. Del filen"),
        ("x.xls", b"\xd0\xcf\x11\xe0 gammel", "gammelt Excel-format"),
        ("x.xlsx", b"PK\x03\x04 ikke en zip", "beskadiget"),
        ("x.xlsx", zipped("word/document.xml"), "ikke et Excel-regneark"),
        ("x.xlsx", zipped("xl/workbook.xml", "xl/vbaProject.bin"), "makroer"),
        ("x.XLSM", zipped("xl/workbook.xml"), "makroer"),
        ("x.xlsx", zipped("xl/workbook.xml"), "kan ikke læses"),
        ("x.xlsx", bomb(), "pakker sig ud til for meget"),
        ("x.xlsx", zipped("xl/workbook.xml", *map(str, range(ark.MOST_PARTS))), "pakker sig ud til for meget"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(name: str, data: bytes, message: str) -> None:
    with pytest.raises(FilFejl, match=message):
        læs_fil(name, data)


# --- Checking -------------------------------------------------------------------------------------------------------


BAD = [
    ("31.02.2026;AAB 55;opsøgende", "dato", "findes ikke i kalenderen"),
    ("21.11.2026;AAB 55;opsøgende", "dato", "fremtiden"),
    ("31.10.2025;AAB 55;opsøgende", "dato", "før helhedsplanen begyndte"),
    (";AAB 55;opsøgende", "dato", "Skriv datoen som"),
    ("20.11.2026;Opdigtet;opsøgende", "afdeling", "liste"),
    ("20.11.2026;;opsøgende", "afdeling", "udfyldes"),
    ("20.11.2026;AAB 55;kaffe", "art", "liste"),
    ("20.11.2026;AAB 55;opsøgende;kaffe", "hovedemne", "liste"),
    ("20.11.2026;AAB 55;opsøgende;;;;;længe", "varighed", "Skriv et tal"),
    ("20.11.2026;AAB 55;opsøgende;;;;;1,5", "varighed", "helt antal minutter"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;Testa;12", "beboer_telefon", "8 cifre"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;;20121234", "beboer_navn", "intet navn"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;;;;født 010190-1234", "notat", "CPR"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;010190-1234", "beboer_navn", "CPR"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;;;;" + "x" * 20_001, "notat", "20.001 tegn"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;Testa\x02", "beboer_navn", "styretegn"),
    ("20.11.2026;AAB 55;opsøgende;;;;;;;;;;a;b", "rækken", "flere felter"),
]


def test_each_bad_row_is_named_by_number_column_and_reason_and_the_good_one_is_imported(db: Session) -> None:
    resultat = run(db, ZXQ_ROW, *(line for line, _column, _reason in BAD))
    assert resultat.linje == f"1 nye, 0 ændrede, 0 uændrede, {len(BAD)} afvist"
    for number, ((line, column, reason), fejl) in enumerate(zip(BAD, resultat.fejl, strict=True), 3):
        assert (line, fejl.række, fejl.kolonne) == (line, number, column)
        assert reason in fejl.grund
        assert str(fejl) == f"Række {number}, {column}: {fejl.grund}"
    assert len(saved(db)) == 1


def test_a_row_with_two_faults_is_refused_once_and_both_are_said(db: Session) -> None:
    resultat = run(db, "31.02.2026;Opdigtet;opsøgende")
    assert (resultat.afvist, [f.kolonne for f in resultat.fejl]) == (1, ["dato", "afdeling"])


@pytest.mark.parametrize("art", ["en_til_en", "EN-TIL-EN RÅDGIVNING", "En til en  rådgivning"])
def test_keys_and_labels_are_accepted_however_they_are_capitalised(db: Session, art: str) -> None:
    assert run(db, f"20.11.2026;aab 55;{art};GÆLD;65+;ejendomsdriften;telefon;30 min.;råd givet").nye == 1
    data = hent_kontakt(db, saved(db)[0].id)[1]
    assert (data.art, data.hovedemne, data.aldersgruppe, data.varighed) == ("en_til_en", "gæld", "65+", 30)
    assert (data.kilde, data.aktivitet) == ("ejendomsdrift", "beboerrådgivning")


def test_empty_fields_become_unknown_and_a_row_without_a_name_is_anonymous(db: Session) -> None:
    assert run(db, "2026-11-20;aab55;opsøgende").nye == 1
    kontakt, data = hent_kontakt(db, saved(db)[0].id)
    assert (kontakt.beboer_id, data.aldersgruppe, data.kilde, data.udfald) == (None, "ukendt", "ukendt", "")


# --- Whose it is ----------------------------------------------------------------------------------------------------


def test_a_resident_is_recognised_by_name_and_phone_or_name_and_address(db: Session, zxq: uuid.UUID) -> None:
    lines = [f"{TALK};zxq prøvesen;+45 20121234;;a", f"{TALK};ZXQ PRØVESEN;;opdigtet alle 7;b"]
    assert run(db, *lines).nye == 2
    assert [row.beboer_id for row in saved(db)] == [zxq, zxq]
    assert {f.aldersgruppe for f in db.exec(select(Faktum))} == {"30-39"}  # her birth date is known


def test_a_name_alone_never_merges_with_a_resident_and_is_pointed_out(db: Session, zxq: uuid.UUID) -> None:
    found = forbered(db, rows(f"{TALK};Zxq Prøvesen;;;a", f"{TALK};Zxq Prøvesen;20999999;;b"))
    assert [person.ligner for person in found.nye_personer] == [True, True]
    assert zxq not in found.personer


def test_within_one_file_the_same_name_with_no_more_is_one_person_and_a_grown_file_finds_her_again(db: Session) -> None:
    first, second, third = (f"{TALK};Testa Opdigtet;;;{note}" for note in "abc")
    assert run(db, first, second).nye == 2
    assert run(db, first, second, third).linje == "1 nye, 0 ændrede, 2 uændrede, 0 afvist"
    (beboer,) = db.exec(select(Beboer)).all()
    assert len(kontakter_om(db, beboer.id)) == 3
    assert run(db, f"{TALK};Testa Opdigtet;;;helt andet ark").nye == 1
    assert len(db.exec(select(Beboer)).all()) == 2


def test_two_residents_that_both_fit_are_not_chosen_between(db: Session, zxq: uuid.UUID) -> None:
    opret_beboer(db, ZXQ.model_copy(update={"adresse": "Andetsteds 1"}))
    db.commit()
    resultat = run(db, ZXQ_ROW)
    assert (resultat.nye, resultat.afvist) == (0, 1)
    assert "Flere beboere passer" in resultat.fejl[0].grund


def test_a_new_resident_gets_what_the_row_says_and_can_be_found(db: Session) -> None:
    run(db, f"{TALK};Testa Opdigtet;20 99 99 99;Opdigtet Allé 9;x")
    (hit,) = søg_beboere(db, "2099")
    assert (hit.navn, hit.adresse, hit.afdeling) == ("Testa Opdigtet", "Opdigtet Allé 9", "aab55")


def test_rows_of_a_resident_deleted_since_make_her_anew(db: Session) -> None:
    from rådgivning.beboere.residents import Slettegrund as Grund
    from rådgivning.beboere.residents import slet_beboer

    run(db, f"{TALK};Testa Opdigtet;;;a")
    slet_beboer(db, db.exec(select(Beboer)).one().id, Grund.FEJL)
    db.commit()
    assert run(db, f"{TALK};Testa Opdigtet;;;a", f"{TALK};Testa Opdigtet;;;b").linje.startswith("1 nye, 0 ændrede, 1 ")


# --- Saving ---------------------------------------------------------------------------------------------------------


def test_the_same_file_twice_adds_nothing_and_equal_rows_count_apart(db: Session) -> None:
    lines = [ZXQ_ROW, ZXQ_ROW, f"{TALK};;;;anonym", f"{TALK};;;;anonym"]
    assert run(db, *lines).linje == "4 nye, 0 ændrede, 0 uændrede, 0 afvist"
    assert run(db, *lines[::-1]).linje == "0 nye, 0 ændrede, 4 uændrede, 0 afvist"
    assert (len(saved(db)), len(db.exec(select(Faktum)).all()), len(db.exec(select(Beboer)).all())) == (4, 4, 1)


def test_a_contact_that_was_corrected_since_is_left_as_it_is(db: Session) -> None:
    run(db, ZXQ_ROW)
    (row,) = saved(db)
    ret_kontakt(db, row.id, samtale(notat="rettet"), dato=IDAG, beboer_id=row.beboer_id, version=1)
    db.commit()
    assert run(db, ZXQ_ROW).uændrede == 1
    assert hent_kontakt(db, row.id)[1].notat == "rettet"


def test_a_contact_that_was_deleted_since_comes_back_when_its_file_is_imported_again(db: Session) -> None:
    run(db, f"{TALK};;;;anonym")
    slet_kontakt(db, saved(db)[0].id, Slettegrund.FEJL)
    db.commit()
    assert run(db, f"{TALK};;;;anonym").nye == 1
    assert hent_kontakt(db, saved(db)[0].id)[1].notat == "anonym"


def test_nothing_is_imported_when_the_transaction_is_not_finished(db: Session) -> None:
    importér(db, rows(ZXQ_ROW, f"{TALK};;;;anonym"))
    db.rollback()
    assert saved(db) == []
    assert db.exec(select(Beboer)).all() == []
    assert db.exec(select(Faktum)).all() == []


def test_the_import_leaves_one_trace_with_its_counts(db: Session) -> None:
    run(db, ZXQ_ROW, "x")
    trace = db.exec(select(Spor).where(Spor.handling == Handling.IMPORTERET)).one()
    assert (trace.detaljer, len(trace.rækker), len(trace.beboere)) == ({"nye": 1, "uændrede": 0, "afvist": 1}, 1, 1)


def test_a_thousand_rows_come_in_and_say_how_far_they_are(db: Session) -> None:
    lines = [f"{TALK};Testa Opdigtet{n % 250};20{n % 250:06};;nr. {n}" for n in range(1000)]
    seen: list[int] = []
    resultat = importér(db, rows(*lines), seen.append)
    db.commit()
    assert resultat.nye == 1000
    assert seen[-1] == 1000
    assert seen == sorted(seen)
    assert len(db.exec(select(Beboer)).all()) == 250


# --- Pages ----------------------------------------------------------------------------------------------------------


def upload(rådgiver: Klient, *lines: str, name: str = "kontakter.csv") -> object:
    return rådgiver.send("/kontakter/import", {"fil": (io.BytesIO("\n".join([HOVED, *lines]).encode()), name)})


def test_a_file_is_shown_before_it_is_imported_and_kept_sealed_meanwhile(db: Session, rådgiver: Klient) -> None:
    assert rådgiver.get("/kontakter/import").status_code == 200
    answer = upload(rådgiver, ZXQ_ROW, f"{TALK};;;;anonym", "31.02.2026;Opdigtet;opsøgende")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    page = rådgiver.get("/kontakter/import/kontrol").text
    for part in ("Importér 2 kontakter", "Række 4", "findes ikke i kalenderen", "Nye beboere"):
        assert part in page
    assert saved(db) == []
    (kept,) = db.exec(select(Kladde)).all()
    assert b"Zxq" not in kept.sealed
    db.rollback()
    done = rådgiver.send("/kontakter/import/gennemfør", follow_redirects=True)
    assert "2 nye, 0 ændrede, 0 uændrede, 1 afvist" in done.text
    assert len(saved(db)) == 2
    assert db.exec(select(Kladde)).all() == []
    db.rollback()
    again = rådgiver.send("/kontakter/import/gennemfør", follow_redirects=True)
    assert "Filen er ikke længere gemt" in again.text


def test_a_new_upload_replaces_the_kept_one_and_it_can_be_forgotten(db: Session, rådgiver: Klient) -> None:
    for note in ("første", "anden"):
        upload(rådgiver, f"{TALK};;;;{note}")
    assert len(db.exec(select(Kladde)).all()) == 1
    db.rollback()
    assert rådgiver.send("/kontakter/import/kassér").status_code == 303
    assert rådgiver.get("/kontakter/import/kontrol").status_code == 303
    assert db.exec(select(Kladde)).all() == []


def test_a_file_that_cannot_be_read_is_said_at_the_field(rådgiver: Klient, db: Session) -> None:
    for data, message in (({}, "Vælg en fil."), ({"fil": (io.BytesIO(b"x"), "x.csv")}, "Der mangler: dato")):
        answer = rådgiver.send("/kontakter/import", data)
        assert (answer.status_code, message in answer.text) == (422, True)
    assert db.exec(select(Kladde)).all() == []


def test_the_preview_points_out_residents_with_the_same_name(rådgiver: Klient, zxq: uuid.UUID) -> None:
    upload(rådgiver, f"{TALK};Zxq Prøvesen;;;a")
    page = rådgiver.get("/kontakter/import/kontrol").text
    assert "Nye beboere, der hedder det samme som en anden" in page


def test_a_resident_known_by_address_is_not_searched_by_name_alone(db: Session) -> None:
    many = [BeboerData(navn="Testa Opdigtet", adresse=f"Opdigtet Allé {n}", afdeling="aab55") for n in range(30)]
    ids = [opret_beboer(db, data).id for data in many]
    db.commit()
    run(db, f"{TALK};Testa Opdigtet;;Opdigtet Allé 27;x")
    assert saved(db)[0].beboer_id == ids[27]


def test_the_same_file_sent_and_confirmed_twice_at_once_is_imported_once(
    db: Session, klient: Callable[[Rolle | None], Klient]
) -> None:
    browsers = [klient(Rolle.BEBOERRÅDGIVER) for _tab in range(2)]
    start = Barrier(2, timeout=60)
    lines = [f"{TALK};Testa Opdigtet{n};;Opdigtet Allé {n};{n}" for n in range(30)]

    def send(browser: Klient) -> int:
        start.wait()
        return int(upload(browser, *lines).status_code)  # type: ignore[attr-defined]

    def confirm(browser: Klient) -> str:
        start.wait()
        return str(browser.send("/kontakter/import/gennemfør", follow_redirects=True).text)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, browsers)) == [303, 303]
        assert len(db.exec(select(Kladde)).all()) == 1
        db.rollback()
        pages = list(pool.map(confirm, browsers))
    added = ["30 nye, 0 ændrede" in page for page in pages]
    refused = ["Filen er allerede importeret." in page or "Filen er ikke længere gemt" in page for page in pages]
    assert sorted(added) == [False, True]
    assert refused == [not done for done in added]
    assert len(saved(db)) == len(db.exec(select(Faktum)).all()) == 30


def test_a_file_imported_while_the_second_confirmation_was_reading_it_is_said_to_be_imported(
    db: Session, klient: Callable[[Rolle | None], Klient], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (klient(Rolle.BEBOERRÅDGIVER) for _tab in range(2))
    upload(first, f"{TALK};;;;anonym")
    step = "rådgivning.kontakter.import_views.kontrollér_først"

    def overtaken(session: Session, rækker: Rækker) -> Kontrolleret:
        monkeypatch.setattr(step, kontrollér_først)
        session.rollback()
        first.send("/kontakter/import/gennemfør")
        return kontrollér_først(session, rækker)

    monkeypatch.setattr(step, overtaken)
    page = second.send("/kontakter/import/gennemfør", follow_redirects=True).text
    assert "Filen er allerede importeret." in page
    assert len(saved(db)) == 1
