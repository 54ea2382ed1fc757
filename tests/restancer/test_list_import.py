"""Importing a restance list: every good row in, every bad one named, nothing twice, and all of it taken back again."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from openpyxl import Workbook
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.fakta.models import Faktum
from rådgivning.felter.sheet import FilFejl
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import open_sealed
from rådgivning.restancer import cases, list_import, list_proposals, list_residents
from rådgivning.restancer.list_import import begynd, fortsæt, mærke, ryd_lister
from rådgivning.restancer.list_mapping import KOLONNER, gæt
from rådgivning.restancer.list_review import Gennemgang, gennemgå
from rådgivning.restancer.list_rows import Kontrolleret, Regler
from rådgivning.restancer.list_sheet import læs_ark
from rådgivning.restancer.list_undo import begynd_fortryd, fortryd
from rådgivning.restancer.models import ListeData, Restanceliste, Restancesag, RestancesagData
from rådgivning.restancer.tenancies import knyt_lejemål
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Personale
from tests.restancer.factories import sag, skridt

HOVED = "lejemål;navn;telefon;afdeling;beløb;forfaldsdato;fase;dato"
NOVEMBER = date(2026, 11, 2)
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def row(n: int = 1, beløb: str = "8450", forfald: str = "02.11.2026", fase: str = "", dato: str = "") -> str:
    """The row of the n'th invented tenancy."""
    return f"55-{n:04}-1;Zxq{n} Prøvesen{n};20{n:06};55;{beløb};{forfald};{fase};{dato}"


def csv(*lines: str) -> bytes:
    return "\r\n".join([HOVED, *lines]).encode()


def check(session: Session, data: bytes, name: str = "liste.csv", organisation: str = "aab") -> Kontrolleret:
    ark = læs_ark(name, data)
    regler = Regler(session, organisation)
    session.rollback()
    return regler.kontrollér(ark, gæt(ark.overskrifter, {}))


def later(step: timedelta) -> None:
    """Let time pass."""
    at = database.clock.read() + step
    database.clock.read = lambda: at


def run(
    session: Session,
    *lines: str,
    dag: date = IDAG,
    data: bytes = b"",
    name: str = "liste.csv",
    svar: dict[int, str] | None = None,
) -> Restanceliste:
    """Import as the command does, a minute after what was before."""
    later(timedelta(minutes=1))
    data = data or csv(*lines)
    found = gennemgå(session, check(session, data, name), "aab", dag, svar=svar or {})
    liste = begynd(session, found, boligorganisation="aab", dag=dag, fil=mærke(session, data), kolonner={})
    session.commit()
    fortsæt(session, liste.id)
    session.refresh(liste)
    return liste


def undo(session: Session, liste: Restanceliste) -> None:
    liste_id = liste.id
    begynd_fortryd(session, liste_id)
    session.commit()
    fortryd(session, liste_id)
    session.refresh(liste)


def all_cases(session: Session) -> dict[str, tuple[Restancesag, RestancesagData]]:
    """Every case by its tenancy."""
    found = [cases.hent_sag(session, i) for i in session.exec(select(Restancesag.id)).all()]
    return {data.lejemål: (row, data) for row, data in found}


@pytest.fixture
def inge(kontekst: Nøglekontekst, personale: Personale) -> Iterator[Session]:
    """A Session acting as opkrævning."""
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        yield session


# --- The list that must be shown -----------------------------------------------------------------------------------

STRAYS: list[tuple[bytes | str, str, str]] = [
    (b"55-9001-1;Zxq \xff\xfeR\xf8dgr\xf8d;20121234;55;8450;02.11.2026;;", "rækken", "tegn kan ikke læses"),
    ("55-9002-1;Zxq;20121234;55;8450;31.02.2026;;", "forfaldsdato", "findes ikke i kalenderen"),
    ("55-9003-1;Zxq;20121234;55;8450;snart;;", "forfaldsdato", "Skriv datoen"),
    ("55-9004-1;Zxq;20121234;55;8450;24.12.2026;;", "forfaldsdato", "fremtiden"),
    ("55-9005-1;Zxq;20121234;55;8450;02.11.1926;;", "forfaldsdato", "for langt fra i dag"),
    ("55-9006-1;Zxq;20121234;55;1,234.50;02.11.2026;;", "beløb", "Skriv et tal"),
    ("55-9007-1;Zxq;20121234;55;0,00;02.11.2026;;", "beløb", "over 0 kr."),
    ("55-9008-1;Zxq;20121234;55;-8450;02.11.2026;;", "beløb", "over 0 kr."),
    ("55-9009-1;Zxq;20121234;55;;02.11.2026;;", "beløb", "mangler"),
    ("55-9010-1;Zxq;20121234;55;84.500.000;02.11.2026;;", "beløb", "for stort"),
    ("55-9011-1;=HYPERLINK(1);20121234;55;8450;02.11.2026;;", "navn", "formel"),
    ("55-9012-1;Zxq;20121234;55;=2*4225;02.11.2026;;", "beløb", "formel"),
    ("55-9013-1;Zxq;20121234;Opdigtet;8450;02.11.2026;;", "afdeling", "hører ikke til"),
    ("55-9014-1;Zxq;20121234;55;8450;02.11.2026;rykker;05.11.2026", "fase", "kendes ikke"),
    ("55-9015-1;Zxq;20121234;55;8450;02.11.2026;påkrav;", "dato", "mangler"),
    ("55-9016-1;Zxq;2012;55;8450;02.11.2026;;", "telefon", "8 cifre"),
    ("55-9017-1;Zxq 010190-1234;20121234;55;8450;02.11.2026;;", "rækken", "CPR"),
    ("55-9018-1;" + "x" * 2_000_000 + ";20121234;55;8450;02.11.2026;;", "rækken", "for lang"),
    (row(5), "lejemål", "står også i række 6"),
    ('55-9020-1;"Zxq;20121234;55;8450;02.11.2026;;', "rækken", "anførselstegn"),
]


def three_hundred() -> tuple[bytes, dict[int, tuple[str, str]]]:
    """280 good rows with amounts as people write them, 20 broken ones among them, and two empty ones."""
    amounts = ("8.450,00", "8450.5", "1.234", "kr. 900,-", "12 345,50", "8450")
    lines: list[bytes] = [row(n, amounts[n % 6]).encode() for n in range(1, 281)]
    bad: dict[int, tuple[str, str]] = {}
    for n, (line, column, reason) in enumerate(STRAYS):
        place = 10 + 13 * n
        lines.insert(place, line if isinstance(line, bytes) else line.encode())
        bad[place + 2] = (column, reason)
    lines += [b";;;;;;;", b""]
    return b"\r\n".join([HOVED.encode(), *lines]), bad


def test_of_300_rows_with_20_broken_every_good_one_is_in_and_every_bad_one_named(db: Session) -> None:
    data, bad = three_hundred()
    liste = run(db, data=data)
    assert liste.linje == "280 nye, 0 ændrede, 0 uændrede, 20 afvist"
    fejl = indhold(db, liste).fejl
    assert {f.række: f.kolonne for f in fejl} == {number: column for number, (column, _reason) in bad.items()}
    for f in fejl:
        assert bad[f.række][1] in f.grund
    amounts = {number: data.beløb for number, (_row, data) in all_cases(db).items()}
    assert [amounts[f"55-{n:04}-1"] for n in range(1, 7)] == [
        Decimal(text) for text in ("8450.50", "1234.00", "900.00", "12345.50", "8450.00", "8450.00")
    ]
    again = run(db, data=data)
    assert again.linje == "0 nye, 0 ændrede, 280 uændrede, 20 afvist"
    assert len(db.exec(select(Restancesag)).all()) == 280
    assert indhold(db, again).rækker == []  # no row of a list is kept when it is done


def indhold(session: Session, liste: Restanceliste) -> ListeData:
    return open_sealed(session, liste, ListeData, "prøve")


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def enlarged(data: bytes, text: bytes) -> bytes:
    """The workbook with one text made two megabytes long, which no spreadsheet program would write."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(part.filename, before.read(part).replace(text, b"x" * 2_000_000))
    return found.getvalue()


@sqlite
def test_a_workbook_with_titles_merged_cells_formulas_and_dates_gives_its_good_rows(db: Session) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.append(["Restanceliste, november"])
        sheet.merge_cells("A1:H1")
        sheet.append([])
        sheet.append(["Lej. nr.", "Lejer", "Tlf.", "Afd.", "Saldo", "Forfald", "Status", "Statusdato"])
        sheet.append(["55-0001-1", "Zxq Prøvesen", 20121234, 55, 8450.5, NOVEMBER, None, None])
        sheet.append(["55-0002-1", "Testa Opdigtet", None, "AAB 55", 1.25, 46328, "Påkrav", date(2026, 11, 9)])
        sheet.append(["55-0003-1", "Zxq Tredje", None, 55, "=2*4225", NOVEMBER])
        sheet.append(["55-0004-1", "Zxq Fjerde", None, 55, 100, NOVEMBER])
        sheet.append([None, "Zxq Femte", None, 55, 100, NOVEMBER])
        sheet.merge_cells("A7:A8")
        sheet.append([None] * 8)
        sheet.append(["55-0006-1", "Zxq Enorm", None, 55, 100, NOVEMBER])
        sheet.append(["55-0007-1", "Zxq Syvende", None, 55, 100, NOVEMBER, "fogedmøde", date(2026, 12, 8)])

    found = check(db, enlarged(workbook(fill), b"Zxq Enorm"), "liste.xlsx")
    assert [(r.nummer, r.beløb, r.fase) for r in found.rækker] == [
        (4, Decimal("8450.50"), "forfalden"),
        (5, Decimal("1.25"), "påkrav"),
        (11, Decimal("100.00"), "fogedsag"),
    ]
    assert [r.forfaldsdato for r in found.rækker] == [NOVEMBER] * 3
    assert [(f.række, f.grund.split(".")[0]) for f in found.fejl] == [
        (6, "En celle er en formel"),
        (7, "Rækken har flettede celler"),
        (8, "Rækken har flettede celler"),
        (10, "En celle er alt for lang"),
    ]


def macro() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("xl/workbook.xml", "xl/vbaProject.bin"):
            archive.writestr(name, b"<x/>")
    return data.getvalue()


def merged() -> bytes:
    """Few kilobytes that say of one place, again and again, that it is merged."""
    found = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(lambda book: book.create_sheet(index=0).append(["lejemål"])))) as before,
        zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        cells = b"</sheetData><mergeCells>%s</mergeCells>" % (b'<mergeCell ref="A1:B99999"/>' * 100_000)
        for part in before.infolist():
            after.writestr(part.filename, before.read(part).replace(b"</sheetData>", cells))
    return found.getvalue()


@pytest.mark.parametrize(
    ("data", "besked"),
    [
        (macro(), "makroer"),
        (merged(), "for mange flettede celler"),
        (b"a\n" * 300_001, "for mange linjer"),
        (b"", "tom"),
        (b"\n\n", "tom"),
        (HOVED.encode(), "ingen rækker"),
        (b"x\ny", "ingen overskrifter"),
        (csv(*["1;Zxq;;55;1;02.11.2026;;"] * 10_001), "over 10.000 rækker"),
    ],
)
def test_a_file_of_no_use_is_refused_as_a_whole_in_one_sentence(data: bytes, besked: str) -> None:
    with pytest.raises(FilFejl, match=besked):
        læs_ark("liste.xlsx", data)


# --- Reading ---------------------------------------------------------------------------------------------------------


@sqlite
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("tegn", [";", ",", "\t"])
def test_a_list_is_read_in_every_usual_shape(db: Session, encoding: str, tegn: str) -> None:
    lines = [HOVED.split(";"), ["55-1", "Åse Ærøsen", "20121234", "55", "900", "02.11.2026", "påkrav", "2026-11-09"]]
    (found,) = check(db, "\n".join(tegn.join(line) for line in lines).encode(encoding)).rækker
    assert (found.nummer, found.navn, found.telefon, found.afdeling) == (2, "Åse Ærøsen", "+4520121234", "aab55")


@sqlite
def test_a_line_in_another_encoding_than_the_file_is_refused_alone(db: Session) -> None:
    danish = [f"55-{n};Åse Ærøsen;;55;900;02.11.2026;;" for n in range(4)]
    mixed = [line.encode("utf-8" if n == 1 else "cp1252") for n, line in enumerate(danish)]
    found = check(db, b"\n".join([HOVED.encode("cp1252"), *mixed]))
    assert len(found.rækker) == 4  # two letters instead of one: cp1252 has a meaning for every UTF-8 byte of æøå
    mixed = [line.encode("cp1252" if n == 1 else "utf-8") for n, line in enumerate(danish)]
    found = check(db, b"\n".join([HOVED.encode(), *mixed]))
    assert [f.række for f in found.fejl] == [3]
    assert len(found.rækker) == 3


def test_headings_are_guessed_and_what_was_used_last_time_comes_first() -> None:
    headings = ["Lej. nr.", "Lejers navn", "Saldo", "Restance", "Forfald"]
    assert gæt(headings, {}) == {
        "lejemål": "Lej. nr.",
        "navn": "Lejers navn",
        "beløb": "Saldo",
        "forfaldsdato": "Forfald",
    }
    assert gæt(headings, {"beløb": "Restance", "fase": "Findes ikke mere"})["beløb"] == "Restance"
    assert KOLONNER[0] == "lejemål"


# --- The same list, the next list ------------------------------------------------------------------------------------


def test_the_next_list_changes_what_is_new_and_an_older_one_changes_nothing(db: Session) -> None:
    first = run(db, row(1), row(2), row(3), dag=date(2026, 11, 3))
    assert first.linje == "3 nye, 0 ændrede, 0 uændrede, 0 afvist"
    later = (row(1, "9.000"), row(2, fase="påkrav", dato="09.11.2026"), row(3))
    second = run(db, *later, dag=date(2026, 11, 10))
    assert second.linje == "0 nye, 2 ændrede, 1 uændrede, 0 afvist"
    found = all_cases(db)
    assert found["55-0001-1"][1].beløb == Decimal(9000)
    assert found["55-0002-1"][0].fase == "påkrav"
    (påkrav,) = [h for h in found["55-0002-1"][1].hændelser if h.fase == "påkrav"]
    assert (påkrav.liste_id, påkrav.kilde) == (second.id, "opkrævning")
    assert run(db, row(1), row(2), row(3), dag=date(2026, 11, 3)).linje == "0 nye, 0 ændrede, 3 uændrede, 0 afvist"
    assert run(db, *later, dag=date(2026, 11, 11)).linje == "0 nye, 0 ændrede, 3 uændrede, 0 afvist"
    assert all_cases(db)["55-0001-1"][1].beløb == Decimal(9000)


@sqlite
def test_a_closed_case_is_left_alone_until_the_list_tells_of_something_later(db: Session) -> None:
    run(db, row(1), dag=date(2026, 11, 3))
    (case,) = db.exec(select(Restancesag)).all()
    cases.luk_sag(db, case.id, udfald="betalt", dato=date(2026, 11, 12), kilde="opkrævning", hændelse_id=new_id())
    db.commit()
    assert run(db, row(1, "9.000"), dag=date(2026, 11, 13)).uændrede == 1
    assert db.get_one(Restancesag, case.id).lukket is not None
    assert run(db, row(1, "9.000", fase="påkrav", dato="16.11.2026"), dag=date(2026, 11, 17)).ændrede == 1
    assert db.get_one(Restancesag, case.id).fase == "påkrav"


@sqlite
def test_what_the_beboerrådgiver_annulled_does_not_come_back_with_the_list(db: Session) -> None:
    lines = (row(1, fase="påkrav", dato="09.11.2026"),)
    run(db, *lines)
    case, data = all_cases(db)["55-0001-1"]
    cases.annullér_hændelse(db, case.id, data.hændelser[1].id)
    db.commit()
    assert run(db, *lines).linje == "0 nye, 0 ændrede, 1 uændrede, 0 afvist"


@sqlite
def test_a_moved_fogedmøde_is_a_new_event_and_two_lists_do_not_swing_it_back(db: Session) -> None:
    run(db, row(1, fase="fogedsag", dato="08.12.2026"), dag=date(2026, 11, 3))
    run(db, row(1, fase="fogedsag", dato="03.12.2026"), dag=date(2026, 11, 10))
    assert all_cases(db)["55-0001-1"][0].frist == date(2026, 12, 3)
    assert run(db, row(1, fase="fogedsag", dato="08.12.2026"), dag=date(2026, 11, 3)).uændrede == 1


# --- Which case it is ------------------------------------------------------------------------------------------------


@sqlite
def test_a_row_that_may_be_another_household_is_asked_about(db: Session) -> None:
    case = sag(db)
    moved_in = "55 0107 2;Testa Opdigtet;;55;900;02.11.2026;;"
    found = gennemgå(db, check(db, csv(moved_in)), "aab", IDAG)
    assert [f.hvad for f in found.fund] == ["tvivl"]
    waits = run(db, moved_in)
    assert waits.linje == "0 nye, 0 ændrede, 0 uændrede, 1 afvist"
    assert run(db, moved_in, svar={2: str(case.id)}).ændrede == 1
    assert run(db, moved_in.replace("900", "950"), svar={2: "ny"}).nye == 1


@sqlite
@pytest.mark.parametrize(
    ("line", "hvad"),
    [
        ("55.0107.2;Z. Prøvesen;;55;8450;02.11.2026;;", "uændret"),
        (";Zxq Prøvesen;20123456;55;8450;02.11.2026;;", "uændret"),
        (";Zxq Prøvesen;;55;8450;02.11.2026;;", "tvivl"),
        ("55-9999-9;Zxq Prøvesen;20123456;55;8450;02.11.2026;;", "tvivl"),
        ("55-9999-9;Testa Opdigtet;20123456;55;8450;02.11.2026;;", "ny"),
    ],
)
def test_a_case_is_known_by_its_tenancy_then_by_name_and_phone(db: Session, line: str, hvad: str) -> None:
    sag(db)
    (fund,) = gennemgå(db, check(db, csv(line)), "aab", IDAG).fund
    assert fund.hvad == hvad


@sqlite
def test_cases_of_another_boligorganisation_are_never_looked_at(db: Session) -> None:
    sag(db, boligorganisation="ishøj_boligselskab", afdeling="steenbjerggård")
    assert run(db, "55-0107-2;Zxq Prøvesen;20123456;55;8450;02.11.2026;;").nye == 1


@sqlite
def test_opkrævning_sees_the_same_whatever_the_beboerrådgiver_does(db: Session, inge: Session) -> None:
    def seen(*lines: str) -> list[tuple[str, object, object]]:
        found = gennemgå(inge, check(inge, csv(*lines)), "aab", date(2026, 11, 19))
        inge.rollback()
        rows = [(f.hvad, f.ændringer, [(h.fase, h.dato) for h in f.hændelser]) for f in found.fund]
        return [*rows, ("væk", [k.data.lejemål for k in found.væk], found.afvist)]

    sag(db)  # filed by the beboerrådgiver: not hers to know of
    opret_beboer(db, BeboerData(navn="Zxq1 Prøvesen1", telefon="+4520000001"))
    db.commit()
    first = run(inge, "55-0107-2;Zxq Prøvesen;20123456;55;8450;02.11.2026;;", row(1), row(2), row(3), dag=NOVEMBER)
    assert first.nye == 4
    inge.rollback()
    run(inge, row(1), row(2), dag=date(2026, 11, 9))  # the first and the fourth are gone: a proposal each
    inge.rollback()
    nexts = [(row(1, fase="påkrav", dato="09.11.2026"), row(3)), (row(3, forfald="16.11.2026"), row(1), row(2, "9000"))]
    before = [seen(*lines) for lines in nexts]
    for number, (case, data) in all_cases(db).items():
        if number in ("55-0001-1", "55-0002-1"):
            cases.tilføj_hændelse(db, case.id, skridt("påkrav", date(2026, 11, 9)))
            cases.annullér_hændelse(db, case.id, data.hændelser[0].id)
            cases.luk_sag(
                db,
                case.id,
                udfald="betalingsaftale",
                dato=date(2026, 11, 12),
                kilde="beboeren_selv",
                hændelse_id=new_id(),
            )
    for forslag in proposals(db):
        list_proposals.godtag(db, forslag.id)
    db.commit()
    assert [seen(*lines) for lines in nexts] == before
    assert not inge.exec(select(Spor).where(Spor.genstand == "beboer", Spor.rolle == "inkasso")).all()


# --- No longer on the list -------------------------------------------------------------------------------------------


def proposals(session: Session) -> list[list_proposals.Forslag]:
    return list_proposals.åbne_forslag(session)


def test_a_case_that_is_gone_is_proposed_and_never_closed_by_itself(db: Session) -> None:
    run(db, row(1), row(2), row(3), row(4), dag=date(2026, 11, 3))
    run(db, row(1), "55-0002-1;Zxq;;55;volapyk;02.11.2026;;", dag=date(2026, 11, 10))  # the second is there, unreadable
    assert not [row for row in db.exec(select(Restancesag)).all() if row.lukket]
    third, fourth = sorted(proposals(db), key=lambda f: cases.hent_sag(db, f.sag_id)[1].lejemål)
    assert third.dato == date(2026, 11, 10)
    sag_id = list_proposals.godtag(db, third.id)
    assert list_proposals.godtag(db, third.id) == sag_id
    db.commit()
    closed, data = cases.hent_sag(db, sag_id)
    assert (closed.lukket, data.udfald) == (date(2026, 11, 10), "betalt")
    assert db.exec(select(Faktum)).one().udfald == "betalt"
    list_proposals.afvis(db, fourth.id)
    db.commit()
    assert proposals(db) == []
    run(db, row(1), row(2), dag=date(2026, 11, 12))
    assert proposals(db) == []  # said and answered once


@sqlite
def test_a_case_that_comes_back_is_proposed_no_more(db: Session) -> None:
    run(db, row(1), row(2), dag=date(2026, 11, 3))
    run(db, row(1), dag=date(2026, 11, 10))
    assert len(proposals(db)) == 1
    run(db, row(1), row(2), dag=date(2026, 11, 12))
    assert proposals(db) == []


# --- Taking back -----------------------------------------------------------------------------------------------------


def test_a_whole_import_is_taken_back_and_can_be_imported_again(db: Session) -> None:
    run(db, row(1), row(2), dag=date(2026, 11, 3))
    before = {number: data for number, (_row, data) in all_cases(db).items()}
    second = run(db, row(1, "9.000", fase="påkrav", dato="09.11.2026"), row(3), row(4), dag=date(2026, 11, 10))
    accepted = list_proposals.godtag(db, proposals(db)[0].id)
    worked_in = all_cases(db)["55-0004-1"][0].id
    cases.ret_sag(db, worked_in, {"note": "Opdigtet"}, 1)
    db.commit()
    undo(db, second)
    undo(db, second)
    found = all_cases(db)
    assert set(found) == {"55-0001-1", "55-0002-1", "55-0004-1"}
    assert found["55-0001-1"][0].fase == "forfalden"
    assert found["55-0001-1"][1].beløb == Decimal(8450)
    assert found["55-0001-1"][1].listet == before["55-0001-1"].listet
    assert db.get_one(Restancesag, accepted).lukket is None
    assert indhold(db, second).beholdt == [worked_in]
    assert second.tilstand == "fortrudt"
    trail = db.exec(select(Spor).where(Spor.anledning == "import fortrudt", Spor.genstand == "restanceliste")).one()
    assert trail.detaljer == {"sager": 4, "beholdt": 1}
    cases.slet_sag(db, worked_in, cases.Slettegrund.FEJL)
    db.commit()
    again = run(db, row(1, "9.000", fase="påkrav", dato="09.11.2026"), row(3), row(4), dag=date(2026, 11, 10))
    assert again.linje == "2 nye, 1 ændrede, 0 uændrede, 0 afvist"
    assert all_cases(db)["55-0001-1"][0].fase == "påkrav"


@sqlite
def test_a_case_somebody_worked_in_is_no_longer_the_senders_when_she_takes_the_list_back(
    db: Session, inge: Session
) -> None:
    liste = run(inge, row(1), row(2))
    inge.rollback()
    case, _data = all_cases(db)["55-0001-1"]
    cases.ret_sag(db, case.id, {"note": "Opdigtet"}, 1)
    knyt_lejemål(db, all_cases(db)["55-0002-1"][0].id)
    db.commit()
    inge.refresh(liste)
    undo(inge, liste)
    sender = liste.ejer_id
    inge.rollback()
    (kept,) = db.exec(select(Restancesag).execution_options(populate_existing=True)).all()
    assert kept.id == case.id
    assert kept.ejer_id != sender


# --- Crashes ---------------------------------------------------------------------------------------------------------


class Afbrudt(Exception):
    """What a crash looks like to the program."""


@contextmanager
def crash_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> Iterator[None]:
    """The process goes down in the middle of a transaction."""
    real, done = cases.opret_sag, 0

    def maybe(*args: object, **kwargs: object) -> object:
        nonlocal done
        done += 1
        if done > calls:
            raise Afbrudt
        return real(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(Afbrudt):  # noqa: PT012 - what is done goes in here
        patch.setattr(cases, "opret_sag", maybe)
        yield


def test_a_crash_in_the_middle_leaves_a_list_that_goes_on_or_is_taken_back(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_import, "FLEST_AD_GANGEN", 4)
    monkeypatch.setattr(list_import, "LÆNGST", 60)  # the count alone ends a transaction, however slow the machine is
    lines = [row(n) for n in range(1, 11)]
    for ende in ("fortsæt", "fortryd"):
        with crash_after(monkeypatch, 6):
            run(db, *lines)
        db.rollback()
        (liste,) = db.exec(select(Restanceliste).where(Restanceliste.tilstand == "kører")).all()
        assert (liste.nået, liste.nye, len(db.exec(select(Restancesag)).all())) == (4, 4, 4)
        if ende == "fortsæt":
            fortsæt(db, liste.id)
            db.refresh(liste)
            assert liste.linje == "10 nye, 0 ændrede, 0 uændrede, 0 afvist"
        undo(db, liste)
        assert db.exec(select(Restancesag)).all() == []


@sqlite
def test_the_rows_of_a_list_nobody_goes_on_with_are_destroyed_and_what_is_done_can_still_be_taken_back(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_import, "FLEST_AD_GANGEN", 4)
    monkeypatch.setattr(list_import, "LÆNGST", 60)
    with crash_after(monkeypatch, 6):
        run(db, *(row(n) for n in range(1, 11)))
    db.rollback()
    (liste,) = db.exec(select(Restanceliste)).all()
    for dage, tilstand in ((13, "kører"), (2, "færdig")):
        later(timedelta(days=dage))
        ryd_lister(db)
        db.commit()
        assert liste.tilstand == tilstand
    with pytest.raises(Shredded):
        indhold(db, liste)
    db.rollback()
    undo(db, liste)
    assert db.exec(select(Restancesag)).all() == []


# --- Residents -------------------------------------------------------------------------------------------------------


@sqlite
def test_new_cases_find_their_residents_the_sure_ones_chosen(db: Session) -> None:
    def resident(navn: str, telefon: str = "") -> UUID:
        return opret_beboer(db, BeboerData(navn=navn, telefon=telefon)).id

    sure = resident("Zxq1 Prøvesen1", "+4520000001")
    name_only = resident("Zxq2 Prøvesen2")
    db.commit()
    liste = run(db, row(1), row(2), row(3))
    lines = {line.data.lejemål: line for line in list_residents.uden_beboer(db, liste)}
    assert lines["55-0001-1"].sikker == sure
    assert (lines["55-0002-1"].sikker, [i for i, _b in lines["55-0002-1"].forslag][:1]) == (None, [name_only])
    assert lines["55-0003-1"].sikker is None
    case_id = lines["55-0001-1"].sag.id
    assert list_residents.knyt(db, case_id, sure)
    assert not list_residents.knyt(db, case_id, sure)
    db.commit()
    assert db.get_one(Restancesag, case_id).beboer_id == sure
    assert list_residents.antal_uden_beboer(db, liste) == 2


@sqlite
def test_new_cases_without_a_resident_stand_by_tenancy(db: Session) -> None:
    liste = run(db, *(row(n) for n in (7, 2, 11, 5, 3, 1)))
    shown = [line.data.lejemål for line in list_residents.uden_beboer(db, liste)]
    assert shown == [f"55-{n:04}-1" for n in (1, 2, 3, 5, 7, 11)]


# --- Size ------------------------------------------------------------------------------------------------------------


@sqlite
def test_many_rows_are_taken_in_short_transactions_and_the_trail_tells_the_counts(db: Session) -> None:
    found: Gennemgang = gennemgå(db, check(db, csv(*(row(n) for n in range(1, 401)))), "aab", IDAG)
    liste = begynd(db, found, boligorganisation="aab", dag=IDAG, fil=b"x", kolonner={})
    db.commit()
    steps: list[tuple[int, float]] = [(0, time.monotonic())]
    fortsæt(db, liste.id, lambda done: steps.append((done, time.monotonic())))
    assert steps[-1][0] == 400
    gaps = [after[1] - before[1] for before, after in pairwise(steps)]
    assert max(gaps) < 3  # about LÆNGST on a quiet machine
    trail = db.exec(select(Spor).where(Spor.handling == Handling.IMPORTERET)).one()
    assert trail.detaljer == {"nye": 400, "ændrede": 0, "uændrede": 0, "afvist": 0}
    assert list_import.LÆNGST < 1


@sqlite
def test_all_new_cases_without_a_resident_can_be_reached(db: Session) -> None:
    liste = run(db, *(row(n) for n in range(1, 24)))
    pages = [[line.sag.id for line in list_residents.uden_beboer(db, liste, side)] for side in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 3, 0]
    assert len({*pages[0], *pages[1]}) == list_residents.antal_uden_beboer(db, liste) == 23
