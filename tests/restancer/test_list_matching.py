"""Which case a row of a restance list is about: known, asked about, or nobody else's to see."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session, select

from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.restancer import cases, list_proposals, list_residents
from rådgivning.restancer.list_review import gennemgå
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Spor
from tests.conftest import IDAG
from tests.restancer.factories import sag, skridt
from tests.restancer.list_cases import NOVEMBER, all_cases, check, csv, proposals, row, run

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@SQLITE
def test_a_row_that_may_be_another_household_is_asked_about(db: Session) -> None:
    case = sag(db)
    moved_in = "55 0107 2;Testa Opdigtet;;55;900;02.11.2026;;"
    found = gennemgå(db, check(db, csv(moved_in)), "aab", IDAG)
    assert [f.hvad for f in found.fund] == ["tvivl"]
    waits = run(db, moved_in)
    assert waits.linje == "0 nye, 0 ændrede, 0 uændrede, 1 afvist"
    assert run(db, moved_in, svar={2: str(case.id)}).ændrede == 1
    assert run(db, moved_in.replace("900", "950"), svar={2: "ny"}).nye == 1


@SQLITE
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


@SQLITE
def test_cases_of_another_boligorganisation_are_never_looked_at(db: Session) -> None:
    sag(db, boligorganisation="ishøj_boligselskab", afdeling="steenbjerggård")
    assert run(db, "55-0107-2;Zxq Prøvesen;20123456;55;8450;02.11.2026;;").nye == 1


@SQLITE
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


@SQLITE
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


@SQLITE
def test_new_cases_without_a_resident_stand_by_tenancy(db: Session) -> None:
    liste = run(db, *(row(n) for n in (7, 2, 11, 5, 3, 1)))
    shown = [line.data.lejemål for line in list_residents.uden_beboer(db, liste)]
    assert shown == [f"55-{n:04}-1" for n in (1, 2, 3, 5, 7, 11)]


@SQLITE
def test_all_new_cases_without_a_resident_can_be_reached(db: Session) -> None:
    liste = run(db, *(row(n) for n in range(1, 24)))
    pages = [[line.sag.id for line in list_residents.uden_beboer(db, liste, side)] for side in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 3, 0]
    assert len({*pages[0], *pages[1]}) == list_residents.antal_uden_beboer(db, liste) == 23
