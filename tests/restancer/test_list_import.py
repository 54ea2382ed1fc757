"""Importing a restance list: every good row in, every bad one named, nothing twice, nobody closed by itself."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlmodel import Session, select

from rådgivning.database import new_id
from rådgivning.fakta.models import Faktum
from rådgivning.restancer import cases, list_import, list_proposals
from rådgivning.restancer.list_import import begynd, fortsæt
from rådgivning.restancer.list_review import Gennemgang, gennemgå
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG
from tests.restancer.list_cases import HOVED, all_cases, check, csv, indhold, proposals, row, run

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


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


@SQLITE
def test_a_closed_case_is_left_alone_until_the_list_tells_of_something_later(db: Session) -> None:
    run(db, row(1), dag=date(2026, 11, 3))
    (case,) = db.exec(select(Restancesag)).all()
    cases.luk_sag(db, case.id, udfald="betalt", dato=date(2026, 11, 12), kilde="opkrævning", hændelse_id=new_id())
    db.commit()
    assert run(db, row(1, "9.000"), dag=date(2026, 11, 13)).uændrede == 1
    assert db.get_one(Restancesag, case.id).lukket is not None
    assert run(db, row(1, "9.000", fase="påkrav", dato="16.11.2026"), dag=date(2026, 11, 17)).ændrede == 1
    assert db.get_one(Restancesag, case.id).fase == "påkrav"


@SQLITE
def test_what_the_beboerrådgiver_annulled_does_not_come_back_with_the_list(db: Session) -> None:
    lines = (row(1, fase="påkrav", dato="09.11.2026"),)
    run(db, *lines)
    case, data = all_cases(db)["55-0001-1"]
    cases.annullér_hændelse(db, case.id, data.hændelser[1].id)
    db.commit()
    assert run(db, *lines).linje == "0 nye, 0 ændrede, 1 uændrede, 0 afvist"


@SQLITE
def test_a_moved_fogedmøde_is_a_new_event_and_two_lists_do_not_swing_it_back(db: Session) -> None:
    run(db, row(1, fase="fogedsag", dato="08.12.2026"), dag=date(2026, 11, 3))
    run(db, row(1, fase="fogedsag", dato="03.12.2026"), dag=date(2026, 11, 10))
    assert all_cases(db)["55-0001-1"][0].frist == date(2026, 12, 3)
    assert run(db, row(1, fase="fogedsag", dato="08.12.2026"), dag=date(2026, 11, 3)).uændrede == 1


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


@SQLITE
def test_a_case_that_comes_back_is_proposed_no_more(db: Session) -> None:
    run(db, row(1), row(2), dag=date(2026, 11, 3))
    run(db, row(1), dag=date(2026, 11, 10))
    assert len(proposals(db)) == 1
    run(db, row(1), row(2), dag=date(2026, 11, 12))
    assert proposals(db) == []


@SQLITE
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
