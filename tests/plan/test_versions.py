"""A plan is revised: versions with date and reason, what changed in words, undo, and export of the same file."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, delete, select

from rådgivning import database
from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.database import på_tværs
from rådgivning.drift.kommandoer import main
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan import versions
from rådgivning.plan.changes import ændringer
from rådgivning.plan.checks import SEKTIONER, samme
from rådgivning.plan.models import Helhedsplan, HelhedsplanVersion
from rådgivning.plan.plans import INDLÆST, PLANER, indlæs, plan, plan_i_version
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import Listenavn
from rådgivning.plan.text import Plantekst
from rådgivning.plan.writing import rå, skriv_plan
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale

FILER = sorted(PLANER.glob("*.toml"))
ISHØJ = PLANER / "ishøj-2025.toml"
TEXT = ISHØJ.read_text("utf-8")
JURA = 'jura = "Jura"\n'
POLITI = 'baseline = { "år" = 2023, "værdi" = 68 }'


@pytest.mark.parametrize("path", FILER, ids=lambda path: path.stem)
def test_a_plan_written_anew_says_the_same(path: Path) -> None:
    content = læs(path.read_bytes(), path.name)
    again = skriv_plan(rå(content))
    assert samme(læs(again.encode(), "x.toml"), content)
    assert skriv_plan(rå(læs(again.encode(), "x.toml"))) == again


@pytest.mark.parametrize("path", FILER, ids=lambda path: path.stem)
def test_a_part_written_anew_leaves_every_byte_of_the_file(path: Path) -> None:
    file = Plantekst(path.read_text("utf-8"))
    parts = [(section, key) for section in (*SEKTIONER, "liste") for key in file.rå.get(section, {})]
    assert len(parts) > 20
    for section, key in parts:
        assert file.med((section, key), file.rå[section][key]).tekst == file.tekst
    assert file.ordnet("delmål", list(file.rå["delmål"])).tekst == file.tekst


def test_a_changed_part_changes_its_own_lines_alone_and_comments_stay() -> None:
    file = Plantekst(TEXT)
    part = {**file.rå["indikator"]["tillid_politiet"], "note": 'En "note" med \\ og\nto linjer'}
    changed = file.med(("indikator", "tillid_politiet"), part)
    assert changed.rå["indikator"]["tillid_politiet"]["note"] == part["note"]
    gone, new = (
        set(one.splitlines()) - set(two.splitlines()) for one, two in ((TEXT, changed.tekst), (changed.tekst, TEXT))
    )
    assert gone == set()
    assert len(new) == 3
    moved = file.ordnet("delmål", list(file.rå["delmål"])[::-1])
    assert list(moved.rå["delmål"]) == list(file.rå["delmål"])[::-1]
    assert "# --- Indikatorer ---" in moved.tekst
    added = file.med(("delmål", "nyt"), {"tekst": "Nyt", "indsatsområde": "uddannelse"})
    assert list(added.rå["delmål"])[-1] == "nyt"
    assert added.tekst.index('"delmål".nyt]') < added.tekst.index("# --- Indikatorer ---")


def test_an_unusual_way_of_writing_still_gives_what_was_asked_for() -> None:
    file = Plantekst(
        'delmål.a.tekst = "A"\n"delmål".b.tekst = "B" # her\n[liste]\nart = { x = "X" }\n'.replace(
            "delmål.a", '"delmål".a'
        )
    )
    assert file.med(("delmål", "a"), {"tekst": "Å"}).rå["delmål"] == {"a": {"tekst": "Å"}, "b": {"tekst": "B"}}
    assert list(file.ordnet("delmål", ["b", "a"]).rå["delmål"]) == ["b", "a"]
    assert file.med(("liste", "art"), {"y": "Y"}).rå["liste"]["art"] == {"y": "Y"}


def _row(session: Session) -> Helhedsplan:
    return session.exec(select(Helhedsplan).where(Helhedsplan.nøgle == "ishøj-2025")).one()


def _load(session: Session, folder: Path, text: str, grund: str = "") -> Helhedsplan:
    path = folder / "ishøj-2025.toml"
    path.write_text(text, "utf-8")
    row = indlæs(session, path, grund=grund)
    session.commit()
    return row


def test_versions_keep_what_they_said_and_why(db: Session, tmp_path: Path) -> None:
    key = _row(db).id
    first = plan(db, key)
    _load(db, tmp_path, TEXT.replace(POLITI, POLITI.replace("68", "70")), "Delaftalen er revideret")
    found = versions.versioner(db, key)
    assert [(v.nr, v.grund, v.hvem, v.gælder) for v in found] == [
        (2, "Delaftalen er revideret", "Testa Beboerrådgiver", True),
        (1, INDLÆST, "Kommandolinjen", False),
    ]
    assert found[0].gælder_fra == database.today()
    assert plan_i_version(db, key, 1) == first
    assert plan_i_version(db, key, 2) == plan(db, key) != first
    with pytest.raises(IkkeFundet):
        plan_i_version(db, key, 3)
    with pytest.raises(IkkeFundet):
        versions.tekst(db, key, 9)


def test_an_unedited_plan_is_exported_byte_for_byte(db: Session, tmp_path: Path) -> None:
    for path in FILER:
        with på_tværs(db):
            assert versions.tekst(db, indlæs(db, path).id).encode() == path.read_bytes()
    key = _load(db, tmp_path, "# en bemærkning\n" + TEXT).id
    assert _row(db).version == 1
    assert versions.tekst(db, key).startswith("# en bemærkning\n")


def test_a_retired_key_is_written_into_the_export(db: Session, tmp_path: Path) -> None:
    head = TEXT.index('[aktivitet."cykelværestedet"]')
    key = _load(db, tmp_path, (TEXT[:head] + TEXT[TEXT.index('["optælling"') :]).replace(JURA, "")).id
    exported = versions.tekst(db, key)
    assert 'jura = { etiket = "Jura", til = 2026-11-19 }' in exported
    assert samme(læs(exported.encode(), "x"), plan(db, key), order=False)
    assert "# --- Optællinger" not in exported.split('[aktivitet."cykelværestedet"]')[0][-80:]


def test_a_key_that_comes_back_under_another_key_with_the_same_name_is_no_double(db: Session, tmp_path: Path) -> None:
    key = _load(db, tmp_path, TEXT.replace(JURA, 'jurister = "Jura"\n')).id
    assert læs(versions.tekst(db, key).encode(), "x").liste[Listenavn.HENVISNINGSKILDE]["jura"].til is not None


def test_undo_is_a_new_version_and_retires_what_came_after(db: Session, tmp_path: Path) -> None:
    key = _load(db, tmp_path, TEXT.replace(JURA, 'jura = "Juridisk afdeling"\nadvokat = "Advokat"\n')).id
    versions.gendan(db, key, 1, "Det var en fejl")
    db.commit()
    assert _row(db).version == 3
    assert versions.versioner(db, key)[0].grund == "Tilbage til version 1: Det var en fejl"
    sources = plan(db, key).liste[Listenavn.HENVISNINGSKILDE]
    assert sources["jura"].etiket == "Jura"
    assert sources["advokat"].til is not None
    entry = db.exec(select(Spor).where(Spor.genstand == "helhedsplan", Spor.handling == "ændret")).all()
    assert [e.detaljer["version"] for e in entry] == [2, 3]


@pytest.mark.usefixtures("som_ejer")
def test_a_plan_from_before_versions_were_kept_has_one(db: Session, tmp_path: Path) -> None:
    key = _row(db).id
    db.exec(delete(HelhedsplanVersion))
    db.commit()
    (only,) = versions.versioner(db, key)
    assert (only.nr, only.gælder_fra) == (1, plan(db, key).helhedsplan.fra)
    assert læs(versions.tekst(db, key).encode(), "x") == plan(db, key) == plan_i_version(db, key, 1)
    _load(db, tmp_path, TEXT.replace(JURA, 'jura = "Juridisk afdeling"\n'))
    assert [v.nr for v in versions.versioner(db, key)] == [2, 1]


def test_what_changed_is_told_in_words() -> None:
    before = læs(TEXT.encode(), "x")
    text = TEXT.replace(POLITI, POLITI.replace("68", "70")).replace(
        JURA, 'jura = { etiket = "Jura", til = 2027-03-31 }\nny = "Ny kilde"\n'
    )
    text = text.replace('udkast = "Udkast: 01 09 2025"\n', "").replace(
        'retning = "under"\n"grænse" = 6', 'retning = "ned"'
    )
    file = Plantekst(text)
    text = file.ordnet("delmål", [*list(file.rå["delmål"])[1:], "tillid"]).tekst
    told = {(c.afsnit, c.navn, c.felt): (c.før, c.nu) for c in ændringer(before, læs(text.encode(), "x"))}
    assert told.pop(("Delmål", "", "Rækkefølge"))[0].startswith("Tilliden til myndighederne stiger; ")
    assert told == {
        ("Helhedsplanen", "Den boligsociale helhedsplan i Ishøj", "Udkast"): ("Udkast: 01 09 2025", "–"),
        ("Indikatorer", "Tillid til politiet", "Baseline"): ("68 % i 2023", "70 % i 2023"),
        ("Indikatorer", "Udsættelser af beboere i AAB55", "Retning"): ("skal holdes under en grænse", "skal falde"),
        ("Indikatorer", "Udsættelser af beboere i AAB55", "Skal holdes under"): ("6", "–"),
        ("Listen »Henvisningskilder«", "Jura", "Gælder til og med"): ("–", "31.03.2027"),
        ("Listen »Henvisningskilder«", "Ny kilde", "Tilføjet"): ("–", "Ny kilde"),
    }


def _text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_pages_tell_of_versions_and_bring_one_back(
    kontekst: Nøglekontekst, personale: Personale, klient: Callable[[Rolle | None], Any], tmp_path: Path
) -> None:
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        _load(session, tmp_path, TEXT.replace(POLITI, POLITI.replace("68", "70")), "Nye tal")
    leder = klient(Rolle.LEDER)
    for url, words in {
        "/plan": "Version 2 gælder fra 20.11.2026. Nye tal.",
        "/plan/versioner": "Version 2 (gælder nu) 20.11.2026 Nye tal",
        "/plan/versioner/2": "Indikatorer: Tillid til politiet Baseline 68 % i 2023 70 % i 2023",
        "/plan/versioner/1": "Baseline: 68 % i 2023",
        "/plan/forskel": "Fra version 1 til version 2",
        "/plan/forskel?fra=2&til=1": "Tillid til politiet Baseline 70 % i 2023 68 % i 2023",
        "/plan/versioner/1/gendan": "Lad version 1 gælde igen?",
    }.items():
        answer = leder.get(url)
        assert answer.status_code == 200, url
        assert words in _text(answer.text), url
    assert leder.get("/plan/versioner/1/hent").data == ISHØJ.read_bytes()
    assert leder.send("/plan/versioner/1/gendan", {"grund": ""}).status_code == 422
    assert leder.send("/plan/versioner/1/gendan", {"grund": "Fejl"}).status_code == 303
    assert "Version 3 gælder fra 20.11.2026. Tilbage til version 1: Fejl" in _text(leder.get("/plan").text)
    for url in ("/plan/versioner/9", "/plan/versioner/9/hent", "/plan/forskel?fra=9"):
        assert leder.get(url).status_code == 404
    assert klient(Rolle.BEBOERRÅDGIVER).get("/plan").status_code == 403


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_commands_take_a_reason_and_export(
    kontekst: Nøglekontekst, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: Any
) -> None:
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    changed = tmp_path / "ny.toml"
    changed.write_text(TEXT.replace(JURA, 'jura = "Juridisk afdeling"\n'), "utf-8")
    assert main(["plan", "indlæs", str(changed), "--grund", "Nyt navn", "--gælder-fra", "2026-11-01"]) == 0
    out = tmp_path / "ud.toml"
    assert main(["plan", "eksport", "ishøj-2025", "--ud", str(out)]) == 0
    assert out.read_bytes() == changed.read_bytes()
    capfdbinary.readouterr()
    assert main(["plan", "eksport", "ishøj-2025", "--version", "1"]) == 0
    assert capfdbinary.readouterr().out == ISHØJ.read_bytes()
    assert main(["plan", "eksport", "ishøj-2025", "--version", "7"]) == 2
    assert main(["plan", "eksport", "findes-ikke"]) == 2
    with kontekst.session(Aktør()) as session:
        newest = versions.versioner(session, _row(session).id)[0]
        assert (newest.grund, str(newest.gælder_fra)) == ("Nyt navn", "2026-11-01")
