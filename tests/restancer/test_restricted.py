"""A restricted resident behind a case (art. 18): whoever filed it is told nothing of her, and nothing she reports is
lost; the beboerrådgiver's own list leaves the case as it is and says so; no list stops."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beboere.restriction import begræns, ophæv
from rådgivning.database import new_id
from rådgivning.nøgler.errors import Begrænset
from rådgivning.nøgler.opening import Dør, open_whole_many
from rådgivning.restancer import cases, list_residents
from rådgivning.restancer.list_import import begynd, fortsæt
from rådgivning.restancer.list_people import Valgt
from rådgivning.restancer.list_review import Gennemgang, gennemgå
from rådgivning.restancer.models import Restanceliste, Restancesag, RestancesagData
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale
from tests.restancer.factories import meldt, sag, skridt
from tests.restancer.list_cases import check, csv, indhold, row, run, undo
from tests.restancer.test_own import ALDRIG_ENS

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
Klienter = Callable[[Rolle | None], Klient]
ET_NUMMER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANDEN = {"beløb": "9.000", "fase": "påkrav", "dato": "09.11.2026"}
"""What a later list says of a case."""


def freeze(db: Session, sag_id: UUID) -> UUID:
    """Link a case with a new resident, and restrict her."""
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    cases.knyt_beboer(db, sag_id, beboer_id=om)
    begræns(db, om)
    db.commit()
    return om


def alle(db: Session) -> dict[str, tuple[Restancesag, RestancesagData]]:
    """Every case by its tenancy, a restricted resident's too; no transaction is left open."""
    db.expire_all()
    rows = {row.id: row for row in db.exec(select(Restancesag)).all()}
    opened = open_whole_many(db, rows.values(), RestancesagData, "prøve", Dør.INDSIGT)
    db.commit()
    return {data.lejemål: (rows[i], data) for i, data in opened.items()}


def sagen(db: Session, n: int = 1) -> tuple[Restancesag, RestancesagData]:
    """The case of the n'th tenancy."""
    return alle(db)[f"55-{n:04}-1"]


def shown(svar: Any) -> tuple[int, str, str]:
    """An answer without the numbers of the case and its steps."""
    text = ET_NUMMER.sub("", ALDRIG_ENS.sub("", svar.text))
    return svar.status_code, ET_NUMMER.sub("", str(svar.location)), text


def kom_til(data: RestancesagData) -> list[str]:
    """The phases of the events that count."""
    return [h.fase for h in data.hændelser if not h.annulleret]


def test_whatever_a_filer_does_with_her_case_is_answered_alike_and_arrives(
    klient: Klienter, db: Session, inge: Session
) -> None:
    made = [sag(inge, skridt("påkrav", date(2026, 11, 6))) for _ in range(2)]
    frozen, plain = (case.id for case in made)
    steps = {case.id: cases.hent_sag(inge, case.id)[1].hændelser[0].id for case in made}
    inge.commit()
    om = freeze(db, frozen)
    inkasso = klient(Rolle.INKASSO)

    def pages(id_: UUID) -> list[tuple[int, str, str]]:
        paths = ("", "/ret", "/hændelse", f"/hændelser/{steps[id_]}", "/luk")
        return [shown(inkasso.get(f"/restancer/{id_}{path}")) for path in paths]

    def version(id_: UUID) -> str:
        return (
            inkasso.get(f"/restancer/{id_}/ret").text.partition('name="version"')[2].split('value="')[1].split('"')[0]
        )

    deeds: list[tuple[str, dict[str, Any]]] = [
        ("/hændelse", {"fase": "ophævet", "dato": "2026-11-19", "formular_id": "id"}),
        ("/hændelse", {"fase": "ophævet", "dato": "2027-01-01"}),
        ("/hændelser/trin", {"dato": "2026-11-05", "fremme": "2026-11-07"}),
        ("/ret", meldt(navn="Zxq Rettet", version="nu")),
        ("/ret", meldt(navn="Zxq Igen", version="1")),
        ("/luk", {"udfald": "betalt", "dato": IDAG.isoformat(), "formular_id": "id"}),
        ("/hændelser/trin/annullér", {}),
    ]
    for path, felter in deeds:
        answers = []
        for id_ in (frozen, plain):
            own = {"id": str(new_id()), "nu": version(id_)}
            sent = {name: own.get(text, text) if isinstance(text, str) else text for name, text in felter.items()}
            svar = inkasso.send(f"/restancer/{id_}{path.replace('trin', str(steps[id_]))}", sent)
            answers.append([shown(svar), *pages(id_)])
        assert answers[0] == answers[1], path
        assert answers[0][0][0] in ({422, 409} if "2027-01-01" in str(felter) or "'1'" in str(felter) else {303}), path
    rows = {row.id: (row, data) for row, data in (_begge(db, i) for i in (frozen, plain))}
    assert kom_til(rows[frozen][1]) == kom_til(rows[plain][1]) == ["ophævet", "afværget"]
    assert rows[frozen][1].hændelser[0].fremme == date(2026, 11, 7)
    assert rows[frozen][0].lukket == IDAG
    hers = select(Spor).where(
        Spor.handling == Handling.ÆNDRET, Spor.genstand == "restancesag", Spor.rolle == Rolle.INKASSO
    )
    assert [e.beboere for e in db.exec(hers).all() if str(frozen) in e.rækker] == [[str(om)]] * 5
    with pytest.raises(Begrænset):
        cases.tilføj_hændelse(db, frozen, skridt("fogedsag", IDAG))


def _begge(db: Session, id_: UUID) -> tuple[Restancesag, RestancesagData]:
    db.expire_all()
    row = db.get_one(Restancesag, id_)
    data = open_whole_many(db, [row], RestancesagData, "prøve", Dør.INDSIGT)[id_]
    return row, data


def test_a_filers_deadline_stands_in_the_list_of_work_while_nothing_else_does(
    klient: Klienter, db: Session, inge: Session
) -> None:
    made = sag(inge, lejemål="55-0001-1").id
    inge.commit()
    freeze(db, made)
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert "04.12.2026" not in rådgiver.get("/restancer").text
    klient(Rolle.INKASSO).send(f"/restancer/{made}/hændelse", {"fase": "påkrav", "dato": "2026-11-20"})
    page = rådgiver.get("/restancer").text
    assert ("04.12.2026" in page, "Behandlingen er begrænset" in page, "Zxq" in page) == (True, True, False)


def test_opkrævnings_list_goes_through_and_back_as_if_nothing_were(db: Session, inge: Session) -> None:
    first = run(inge, row(1), row(2), row(3), dag=date(2026, 11, 3))
    inge.commit()
    freeze(db, sagen(db)[0].id)
    before = {n: d for n, (_row, d) in alle(db).items()}
    second = run(inge, row(1, **ANDEN), row(2, **ANDEN), row(3, **ANDEN), dag=date(2026, 11, 10))
    assert (second.tilstand, second.linje) == ("færdig", "0 nye, 3 ændrede, 0 uændrede, 0 afvist")
    inge.commit()
    assert [(d.beløb, kom_til(d)[-1]) for _row, d in alle(db).values()] == [(Decimal(9000), "påkrav")] * 3
    undo(inge, second)
    assert second.tilstand == "fortrudt"
    inge.commit()
    after = alle(db)
    assert {n: (d.beløb, d.listet, kom_til(d)) for n, (_row, d) in after.items()} == {
        n: (d.beløb, d.listet, kom_til(d)) for n, d in before.items()
    }
    inge.refresh(first)
    undo(inge, first)
    sender = first.ejer_id
    inge.commit()
    assert sender not in {row.ejer_id for row, _data in alle(db).values()}
    assert (kom_til(sagen(db)[1]), sagen(db)[1].navn) == (["forfalden"], "Zxq1 Prøvesen1")


def test_a_beboerrådgivers_list_leaves_the_case_says_so_and_goes_on(db: Session) -> None:
    run(db, row(1), row(2), dag=date(2026, 11, 3))
    om = freeze(db, sagen(db)[0].id)
    before = sagen(db)[1]
    second = run(db, row(1, **ANDEN), row(2, **ANDEN), dag=date(2026, 11, 10))
    assert (second.tilstand, second.linje) == ("færdig", "0 nye, 1 ændrede, 0 uændrede, 1 afvist")
    (fejl,) = indhold(db, second).fejl
    assert (fejl.række, "begrænset" in fejl.grund) == (2, True)
    assert sagen(db)[1] == before
    undo(db, second)
    assert (second.tilstand, sagen(db)[1]) == ("fortrudt", before)
    ophæv(db, om)
    db.commit()
    again = run(db, row(1, **ANDEN), row(2, **ANDEN), dag=date(2026, 11, 10))
    assert again.linje == "0 nye, 2 ændrede, 0 uændrede, 0 afvist"
    begræns(db, om)
    db.commit()
    undo(db, again)
    assert (again.tilstand, indhold(db, again).beholdt) == ("fortrudt", [sagen(db)[0].id])
    assert (kom_til(sagen(db)[1]), kom_til(sagen(db, 2)[1])) == (["forfalden", "påkrav"], ["forfalden"])


def test_who_is_restricted_between_the_looking_through_and_the_work_stops_no_list_either(db: Session) -> None:
    run(db, row(1), row(2), dag=date(2026, 11, 3))
    om = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    db.commit()
    found: Gennemgang = gennemgå(db, check(db, csv(row(1, **ANDEN), row(2, **ANDEN), row(3))), "aab", IDAG)
    personer = {4: Valgt(om)}
    liste = begynd(db, found, boligorganisation="aab", dag=IDAG, fil=b"", kolonner={}, personer=personer)
    db.commit()
    freeze(db, sagen(db)[0].id)
    begræns(db, om)
    db.commit()
    fortsæt(db, liste.id)
    db.refresh(liste)
    assert (liste.tilstand, liste.linje) == ("færdig", "1 nye, 1 ændrede, 0 uændrede, 1 afvist")
    assert [f.række for f in indhold(db, liste).fejl] == [2]
    assert (kom_til(sagen(db)[1]), kom_til(sagen(db, 2)[1])) == (["forfalden"], ["forfalden", "påkrav"])
    assert sagen(db, 3)[0].beboer_id is None


def test_a_beboerrådgiver_takes_opkrævnings_list_back_and_the_sender_cannot_tell_the_cases_apart(
    klient: Klienter, db: Session, inge: Session, personale: Personale
) -> None:
    first = run(inge, row(1), row(2), row(3), dag=date(2026, 11, 3))
    second = run(inge, row(1, **ANDEN), row(2, **ANDEN), row(4), dag=date(2026, 11, 10))
    ids = first.id, second.id
    inge.commit()
    freeze(db, sagen(db)[0].id)
    freeze(db, sagen(db, 4)[0].id)
    undo(db, db.get_one(Restanceliste, ids[1]))
    db.commit()
    assert [d.beløb for _row, d in (sagen(db), sagen(db, 2))] == [Decimal(8450)] * 2
    urls = {n: f"/restancer/{sagen(db, n)[0].id}" for n in (1, 2, 4)}
    egen = sagen(db, 4)[0].ejer_id
    db.commit()
    inkasso = klient(Rolle.INKASSO)
    pages = [shown(inkasso.get(urls[n]))[2] for n in (1, 2)]
    assert re.sub("Zxq1 Prøvesen1|55-0001-1|00 00 01", "", pages[0]) == re.sub(
        "Zxq2 Prøvesen2|55-0002-1|00 00 02", "", pages[1]
    )
    assert inkasso.get(urls[4]).status_code == 404
    assert egen == personale.brugere[Rolle.BEBOERRÅDGIVER].id


def test_she_is_shown_among_whom_a_new_case_may_be_about_and_not_chosen(db: Session) -> None:
    om = opret_beboer(db, BeboerData(navn="Zxq1 Prøvesen1", telefon="+4520000001")).id
    db.commit()
    liste = run(db, row(1))
    assert [line.sikker for line in list_residents.uden_beboer(db, liste)] == [om]
    begræns(db, om)
    db.commit()
    (line,) = list_residents.uden_beboer(db, liste)
    assert (line.sikker, [i for i, _data in line.forslag]) == (None, [om])
    assert list_residents.opret_alle(db, liste) == 0
