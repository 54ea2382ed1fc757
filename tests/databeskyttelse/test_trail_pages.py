"""The trail's pages: newest first, filtered, checked, and without personal data."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session, col, delete, select, update

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.databeskyttelse.trail_search import PÅ_EN_SIDE
from rådgivning.drift.kommandoer import main
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor, SporHoved
from rådgivning.spor.trail import Aktør, skriv
from tests.conftest import Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def dpo(klient: Klienter) -> Klient:
    """The databeskyttelse user's browser."""
    return klient(Rolle.DATABESKYTTELSE)


def numre(dpo: Klient, **query: str) -> list[int]:
    """The numbers of the entries on the page, in its order."""
    svar = dpo.get("/spor", query_string=query)
    assert svar.status_code == 200
    return [int(n) for n in re.findall(r'<th scope="row">(\d+)\.', svar.text)]


def test_the_newest_entry_comes_first_and_looking_is_itself_an_entry(dpo: Klient, db: Session) -> None:
    for number in range(PÅ_EN_SIDE):
        skriv(db, Handling.ÅBNET, "beboer", [new_id()], detaljer={"nr": number})
    db.commit()
    first = numre(dpo)
    assert first == sorted(first, reverse=True)
    assert len(first) == PÅ_EN_SIDE
    second = numre(dpo, efter=str(first[-1]))
    assert second[-1] == 1
    assert set(first).isdisjoint(second)
    assert "Første side" in dpo.get("/spor", query_string={"efter": "2"}).text
    assert numre(dpo, efter="vrøvl")[0] > first[0]
    oldest = numre(dpo, orden="ældste")
    assert oldest == list(range(1, PÅ_EN_SIDE + 1))
    assert numre(dpo, orden="ældste", efter=str(oldest[-1]))[0] == PÅ_EN_SIDE + 1
    looked = db.exec(select(Spor).where(Spor.genstand == "spor", Spor.anledning == "se sporet")).all()
    assert len(looked) == 6


def test_entries_are_found_by_user_act_day_and_the_row_or_resident_they_touch(
    dpo: Klient, db: Session, personale: Personale
) -> None:
    beboer, række = new_id(), new_id()
    skriv(db, Handling.ÅBNET, "beboer", [beboer], beboere=[beboer], anledning="vis beboer")
    skriv(db, Handling.ÆNDRET, "kontakt", [række], beboere=[beboer])
    database.clock.read = lambda: datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    skriv(db, Handling.OPRETTET, "opgave", [new_id()])
    db.commit()
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    rådgiver = str(personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    base = numre(dpo)[-4:]
    åbnet, ændret, oprettet = base[2], base[1], base[0]
    assert numre(dpo, id=str(beboer)) == [ændret, åbnet]
    assert numre(dpo, id=str(række).upper()) == [ændret]
    assert numre(dpo, bruger=rådgiver) == [oprettet, ændret, åbnet]
    assert numre(dpo, handling="oprettet", bruger=rådgiver) == [oprettet]
    assert numre(dpo, genstand="kontakt") == [ændret]
    assert numre(dpo, fra="2026-11-21") == [oprettet]
    assert numre(dpo, bruger=rådgiver, til="20.11.2026") == [ændret, åbnet]
    assert numre(dpo, id=str(new_id())) == []
    assert "Ingen poster passer" in dpo.get("/spor", query_string={"id": str(new_id())}).text


def test_a_filter_that_means_nothing_is_explained_and_a_name_is_none(dpo: Klient) -> None:
    for query in ({"id": "Zxq Prøvesen"}, {"fra": "31.02.2026"}, {"bruger": str(new_id())}, {"handling": "vås"}):
        svar = dpo.get("/spor", query_string=query)
        assert svar.status_code == 422
        assert "Der kan ikke søges sådan" in svar.text


def test_the_part_of_strangers_and_of_the_system_is_shown_apart(dpo: Klient, klient: Klienter) -> None:
    klient(None).get("/brugere")
    page = dpo.get("/spor?kæde=system").text
    assert "databeskyttelse.brugerliste" in page
    assert "databeskyttelse.brugerliste" not in dpo.get("/spor").text


def test_a_long_list_of_rows_is_folded_and_unknown_users_are_named_so(
    dpo: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør(new_id(), "leder", personale.helhedsplan.id)) as session:
        skriv(session, Handling.ÅBNET, "beboer", [new_id() for _ in range(10)], beboere=[uuid.UUID(int=7)])
        session.commit()
    page = dpo.get("/spor").text
    assert "og 7 til" in page
    assert "Ukendt bruger (leder)" in page
    assert str(uuid.UUID(int=7)) in page


@pytest.mark.usefixtures("som_ejer")
def test_the_check_says_that_the_trail_holds_or_where_it_does_not(dpo: Klient, db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", [new_id()])
    db.commit()
    assert "Sporet er ubrudt" in dpo.send("/spor/tjek").text
    plan = db.info["aktør"].helhedsplan_id
    db.exec(update(Spor).where(col(Spor.kæde) == str(plan), col(Spor.nr) == 2).values(rolle="leder"))
    db.commit()
    svar = dpo.send("/spor/tjek")
    assert svar.status_code == 200
    assert "Sporet er brudt 1 sted." in svar.text
    assert "Post 2 er ændret" in svar.text
    checks = db.exec(select(Spor).where(Spor.anledning == "tjek kæden").order_by(col(Spor.nr))).all()
    assert [c.detaljer for c in checks] == [{"brud": 0}, {"brud": 1}]


@sqlite
def test_reading_is_gathered_by_resident_user_day_and_kind_a_page_at_a_time(
    dpo: Klient, db: Session, personale: Personale
) -> None:
    assert "Ingen har læst noget" in dpo.get("/spor/læst").text
    many = [new_id() for _ in range(PÅ_EN_SIDE + 5)]
    skriv(db, Handling.ÅBNET, "beboer", many, beboere=many, anledning="liste")
    for _ in range(3):
        skriv(db, Handling.ÅBNET, "kontakt", [new_id()], beboere=many[:1])
    skriv(db, Handling.ÆNDRET, "kontakt", [new_id()], beboere=many[:1])
    db.commit()

    def rows(**query: str) -> list[list[str]]:
        page = dpo.get("/spor/læst", query_string=query).text
        return [
            [re.sub(r"<[^>]+>|\s", "", cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
        ]

    first = rows()
    assert first[0][0].endswith(str(many[0]))
    assert [cell.rpartition(">")[2] for cell in first[0][1:4]] == ["4", "1", "1"]
    second = rows(efter=re.sub(r"^.*>", "", first[-1][0]))
    assert len(first) == PÅ_EN_SIDE
    assert {row[0] for row in first + second} == {str(i) for i in many}
    assert rows(samlet="bruger")[0][0] == "TestaBeboerrådgiver"
    assert rows(samlet="bruger")[0][1:4] == [str(len(many) + 3), str(len(many)), "1"]
    assert rows(samlet="dag")[0][0] == "2026-11-20"
    assert [row[:2] for row in rows(samlet="slags", orden="nøgle")] == [["beboer", str(len(many))], ["kontakt", "3"]]
    assert rows(bruger=str(personale.brugere[Rolle.LEDER].id)) == []
    one = str(many[0])
    assert [row[1:4] for row in rows(id=one, samlet="beboer")] == [["4", "1", "1"]]
    assert [row[1:4] for row in rows(id=one, samlet="bruger")] == [["4", "1", "1"]]
    assert [row[:4] for row in rows(id=one, samlet="slags")] == [["kontakt", "3", "1", "1"], ["beboer", "1", "1", "1"]]
    assert rows(id=str(new_id())) == []
    assert dpo.get("/spor/læst", query_string={"id": "Zxq"}).status_code == 422
    assert dpo.get("/spor/læst", query_string={"fra": "2020-01-01", "til": "2026-11-20"}).status_code == 422
    assert dpo.get("/spor/læst", query_string={"fra": "vrøvl"}).status_code == 422


@sqlite
def test_the_trail_is_taken_out_as_a_file_and_no_cell_is_a_formula(dpo: Klient, db: Session) -> None:
    beboer = new_id()
    skriv(db, Handling.ÅBNET, "beboer", [beboer], beboere=[beboer], anledning="=1+1", detaljer={"antal": 2})
    db.commit()
    svar = dpo.send("/spor/udtræk", {"fil": "csv", "genstand": "beboer"})
    assert svar.status_code == 200
    assert svar.headers["Content-Disposition"].startswith("attachment; filename=spor-2026-11-20.csv")
    lines = list(csv.DictReader(io.StringIO(svar.data.decode("utf-8-sig")), delimiter=";"))
    assert [(x["anledning"], x["beboere"], x["bruger"]) for x in lines] == [
        ("'=1+1", str(beboer), "Testa Beboerrådgiver")
    ]
    table = json.loads(dpo.send("/spor/udtræk", {"fil": "json", "genstand": "beboer"}).data)
    assert table[0]["beboere"] == [str(beboer)]
    assert table[0]["detaljer"] == {"antal": 2}
    assert table[0]["mac"] == db.exec(select(Spor.mac).where(Spor.genstand == "beboer")).one().hex()
    db.rollback()
    book = openpyxl.load_workbook(io.BytesIO(dpo.send("/spor/udtræk", {"fil": "xlsx"}).data))
    cell = next(c for row in book["Spor"].iter_rows() for c in row if c.value == "=1+1")
    assert cell.data_type == "s"
    told = db.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET).order_by(col(Spor.nr))).all()
    assert [(e.anledning, e.detaljer["antal"]) for e in told[:2]] == [("csv", 1), ("json", 1)]
    db.rollback()
    assert dpo.send("/spor/udtræk", {"fil": "exe"}).status_code == 422
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
    asked = dpo.send("/spor/udtræk", {"fil": "csv"})
    assert asked.status_code == 403
    assert "attachment" not in str(asked.headers)


@sqlite
def test_the_head_is_shown_and_the_check_takes_one_from_paper(dpo: Klient, db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", [new_id()])
    db.commit()
    page = dpo.get("/spor/hoved").text
    text = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert text is not None
    svar = dpo.send("/spor/tjek", {"hoved": text[1]})
    assert "det samme spor som i det gemte hoved" in svar.text
    plan = str(db.info["aktør"].helhedsplan_id)
    other = re.sub(rf"({plan} \d+)\s+\S+\s+\S+", r"\1 " + "-".join(["abcd"] * 16), text[1]).partition("kontrol")[0]
    assert "sporet er skrevet om" in dpo.send("/spor/tjek", {"hoved": other}).text
    wrong = dpo.send("/spor/tjek", {"hoved": "Hejsa"})
    assert wrong.status_code == 422
    assert "intet hoved" in wrong.text
    assert ">Hejsa</textarea>" in wrong.text


@sqlite
def test_the_verbs_write_a_head_and_check_against_it(
    settings: Settings, db: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skriv(db, Handling.ÅBNET, "beboer", [new_id()])
    db.commit()
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    assert main(["spor", "hoved"]) == 0
    kept = capsys.readouterr().out
    (tmp_path / "hoved.txt").write_text(kept, encoding="utf-8")
    for known in (str(tmp_path / "hoved.txt"), kept):
        assert main(["spor", "tjek", "--hoved", known]) == 0
        assert "det samme som i det gemte hoved" in capsys.readouterr().out
    plan = str(db.info["aktør"].helhedsplan_id)
    db.exec(delete(Spor).where(col(Spor.kæde) == plan))
    db.exec(delete(SporHoved).where(col(SporHoved.kæde) == plan))
    db.commit()
    assert main(["spor", "tjek", "--hoved", kept]) == 1
    assert main(["spor", "tjek", "--hoved", "Hejsa"]) == 2
    assert "intet hoved" in capsys.readouterr().err
