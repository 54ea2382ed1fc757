"""The verbs: Danish help with an example, exit codes 0, 1 and 2, and errors in one line that says what to do."""

from __future__ import annotations

import json
import socket
from argparse import _SubParsersAction
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger, BrugerFaktor
from rådgivning.adgang.passwords import passer
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.models import Besked
from rådgivning.database import make_engine, now
from rådgivning.drift import brugere, demo, planer, server
from rådgivning.drift.kommandoer import build_parser, main
from rådgivning.drift.parser import DanskParser
from rådgivning.kontakter.sheet import KOLONNER
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import ISHØJ, Personale
from tests.drift.server import run

HEADINGS = ";".join(KOLONNER)
Kald = Callable[..., tuple[int, str, str]]


def verbs(parser: DanskParser, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], DanskParser]]:
    """Every verb that can be run, by its words."""
    groups = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not groups:
        yield path, parser
    for group in groups:
        for name, child in group.choices.items():
            yield from verbs(child, (*path, name))


VERBS = dict(verbs(build_parser()))


@pytest.fixture
def kald(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kald:
    """Run a verb on the test's instance; exit code, what it printed, what it complained of."""
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RAADGIVNING_HTTPS", "0")

    def call(*args: str) -> tuple[int, str, str]:
        try:
            code = main(args)
        except SystemExit as stop:
            code = int(str(stop.code or 0))
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.mark.parametrize("path", list(VERBS), ids=" ".join)
def test_every_verb_explains_itself_in_danish_with_an_example(path: tuple[str, ...]) -> None:
    text = VERBS[path].format_help()
    assert text.startswith("brug: raadgivning " + " ".join(path))
    assert f"eksempel:\n  raadgivning {' '.join(path)}" in text
    for english in ("usage:", "options:", "positional", "show this"):
        assert english not in text


@pytest.mark.parametrize(
    ("args", "besked"),
    [
        ((), "der mangler: kommando"),
        (("findesikke",), "kendes ikke; vælg mellem"),
        (("statistik", "udgiv"), "der mangler: --periode"),
        (("statistik", "udgiv", "--periode"), "--periode skal have en værdi"),
        (("spor", "tjek", "--grundigt"), "ukendt: --grundigt"),
        (("demo", "--port", "otte"), "--port: 'otte' kan ikke bruges"),
    ],
)
def test_a_wrong_call_is_one_danish_line_and_2(kald: Kald, args: tuple[str, ...], besked: str) -> None:
    code, out, err = kald(*args)
    assert (code, out) == (2, "")
    assert besked in err
    assert err.count("\n") == 1
    assert "--help" in err


def test_a_setting_that_cannot_be_used_is_2(kald: Kald, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAADGIVNING_TAERSKEL", "1")
    code, _out, err = kald("plan", "liste")
    assert code == 2
    assert "RAADGIVNING_TAERSKEL" in err


@pytest.mark.parametrize(
    "args", [("spor", "tjek"), ("bruger", "liste"), ("start",), ("statistik", "udgiv", "--periode", "2026")]
)
def test_without_the_key_every_verb_stops_and_says_which_file(
    kald: Kald, settings: Settings, args: tuple[str, ...]
) -> None:
    settings.key_file.unlink()
    code, out, err = kald(*args)
    assert (code, out) == (2, "")
    assert str(settings.key_file) in err


def test_opret_makes_an_instance_once(tmp_path: Path, kald: Kald, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(tmp_path / "ny"))
    code, out, _err = kald("opret", "--bruger", "anna", "--navn", "Anna Opdigtet")
    assert code == 0
    assert "databeskyttelse anna " in out
    assert kald("bruger", "liste")[1] == "databeskyttelse  anna  Anna Opdigtet\n"
    code, _out, err = kald("opret", "--bruger", "anna", "--navn", "Anna Opdigtet")
    assert code == 2
    assert "allerede en nøglefil" in err


def test_opret_refuses_before_it_makes_anything(tmp_path: Path, kald: Kald, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(tmp_path / "ny"))
    assert kald("opret", "--bruger", "a", "--navn", "Anna")[0] == 2
    assert kald("opret", "--bruger", "anna", "--navn", "Anna", "--plan", str(tmp_path / "ingen.toml"))[0] == 2
    assert not (tmp_path / "ny.nøgle").exists()
    assert kald("opret", "--bruger", "anna", "--navn", "Anna")[0] == 0


def test_users_are_made_shown_and_blocked(kald: Kald, personale: Personale) -> None:
    code, out, _err = kald(
        "bruger", "opret", "ejgil", "--navn", "Ejgil Opdigtet", "--rolle", "ejendomsdrift", "--boligorganisation", "aab"
    )
    assert (code, out.split()[:2]) == (0, ["ejendomsdrift", "ejgil"])
    assert kald("bruger", "opret", "ejgil", "--navn", "En anden", "--rolle", "leder")[0] == 2
    assert kald("bruger", "opret", "x1", "--navn", "X", "--rolle", "leder", "--plan", "findes-ikke")[0] == 2
    assert kald("bruger", "spær", "ejgil")[0] == 0
    assert "ejgil  Ejgil Opdigtet  SPÆRRET" in kald("bruger", "liste")[1]
    assert kald("bruger", "spær", "findesikke")[0] == 2


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_what_a_user_signs_in_with_is_reset_from_the_server_and_she_is_told(
    kald: Kald, personale: Personale, kontekst: Nøglekontekst
) -> None:
    her = personale.brugere[Rolle.DATABESKYTTELSE].id
    with kontekst.session(Aktør()) as session:
        session.add(BrugerFaktor(bruger_id=her, slags="passkey", navn="Prøve", nøgle=b"", oprettet=now()))
        session.commit()
    code, out, _err = kald("bruger", "nulstil-to-trin", "databeskyttelse")
    name, password = out.split()
    assert (code, name) == (0, "databeskyttelse")
    with kontekst.session(Aktør()) as session:
        user = session.get_one(Bruger, her)
        assert passer(password, user.kodeord)
        assert user.skal_skifte
        assert session.exec(select(BrugerFaktor)).all() == []
        assert [row.bruger_id for row in session.exec(select(Besked)).all()] == [her]
    assert kald("bruger", "nulstil-to-trin", "findesikke")[0] == 2


def test_plans_are_loaded_and_listed(kald: Kald, tmp_path: Path) -> None:
    assert kald("plan", "indlæs", str(ISHØJ))[0] == 0
    assert "ishøj-2025" in kald("plan", "liste")[1]
    assert kald("plan", "indlæs", str(tmp_path / "ingen.toml"))[0] == 2
    (tmp_path / "forkert.toml").write_text("[helhedsplan]\nnavn = \n", encoding="utf-8")
    code, _out, err = kald("plan", "indlæs", str(tmp_path / "forkert.toml"))
    assert code == 2
    assert "linje 2" in err


def test_the_schema_answers_and_refuses_one_from_the_future_and_none(
    kald: Kald, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kald("database", "opgrader")[0] == 0
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    code, _out, err = kald("database", "opgrader")
    assert (code, "nyere udgave" in err, err.count("\n")) == (2, True, 1)
    (settings.instance / "raadgivning.db").unlink()
    code, _out, err = kald("database", "opgrader")
    assert (code, "raadgivning opret" in err) == (2, True)
    assert not (settings.instance / "raadgivning.db").exists()
    wrong = settings.instance / "raadgivnig.db"
    monkeypatch.setenv("RAADGIVNING_DATABASE_URL", f"sqlite:///{wrong}")
    for verb in (("database", "opgrader"), ("plan", "liste")):
        code, out, err = kald(*verb)
        assert (code, out, "raadgivning opret" in err) == (2, "", True)
        assert not wrong.exists()
    wrong.touch()
    code, out, err = kald("database", "opgrader")
    assert (code, out, "Databasen er tom" in err) == (2, "", True)


def test_spor_tjek_is_1_when_an_entry_was_changed(kald: Kald, settings: Settings, personale: Personale) -> None:
    kald("bruger", "spær", "leder")
    assert kald("spor", "tjek")[:2] == (0, "Sporet er ubrudt.\n")
    engine = make_engine(settings.database_url)
    with Session(engine) as session:
        entry = session.get(Spor, ("system", 1))
        assert entry is not None
        entry.rolle = "en anden"
        session.commit()
    engine.dispose()
    code, out, _err = kald("spor", "tjek")
    assert code == 1
    assert "BRUD i kæden system ved post 1" in out


def test_import_names_bad_rows_and_adds_nothing_twice(kald: Kald, personale: Personale, tmp_path: Path) -> None:
    fil = tmp_path / "kontakter.csv"
    good = "01.11.2026;AAB 55;En-til-en rådgivning;Gæld;30-39;Beboeren selv;Telefon;20;Råd givet;Testa Opdigtet;;;"
    bad = "31.02.2026;AAB 55;En-til-en rådgivning;Gæld;30-39;Beboeren selv;Telefon;20;Råd givet;;;;"
    fil.write_text("\n".join((HEADINGS, good, bad)), encoding="utf-8")
    code, out, _err = kald("import", "kontakter", str(fil))
    assert code == 1
    assert out.startswith("række 3, dato: ")
    assert out.endswith("1 nye, 0 ændrede, 0 uændrede, 1 afvist\n")
    fil.write_text("\n".join((HEADINGS, good)), encoding="utf-8")
    assert kald("import", "kontakter", str(fil))[:2] == (0, "0 nye, 0 ændrede, 1 uændrede, 0 afvist\n")


def test_import_says_what_it_cannot_read(kald: Kald, personale: Personale, tmp_path: Path) -> None:
    assert kald("import", "kontakter", str(tmp_path / "ingen.csv"))[0] == 2
    (tmp_path / "billede.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    assert kald("import", "kontakter", str(tmp_path / "billede.csv"))[0] == 2
    (tmp_path / "tom.csv").write_text(HEADINGS + "\n", encoding="utf-8")
    assert kald("import", "kontakter", str(tmp_path / "tom.csv"), "--bruger", "findesikke")[0] == 2


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_restance_list_names_bad_rows_and_adds_nothing_twice(
    kald: Kald, personale: Personale, tmp_path: Path
) -> None:
    fil = tmp_path / "november.csv"
    good, bad = "55-1;Zxq Prøvesen;8.450,50;02.11.2026", "55-2;Testa Opdigtet;0;02.11.2026"
    fil.write_text("\n".join(("Lej. nr.;Hvem;Saldo;Forfaldsdato", good, bad)), encoding="utf-8")
    navn = ("--kolonne", "navn=Hvem")
    assert kald("import", "restancer", str(fil), "--bruger", "inkasso", *navn) == (
        1,
        "række 3, beløb: Beløbet skal være over 0 kr.\n1 nye, 0 ændrede, 0 uændrede, 1 afvist\n",
        "",
    )
    fil.write_text("\n".join(("Lej. nr.;Hvem;Saldo;Forfaldsdato", good)), encoding="utf-8")
    assert kald("import", "restancer", str(fil))[:2] == (0, "0 nye, 0 ændrede, 1 uændrede, 0 afvist\n")
    for wrong, besked in (
        (("--bruger", "leder"), "Vælg afsenderen"),
        (("--bruger", "beboerrådgiver"), "--boligorganisation: aab"),
        (("--boligorganisation", "vildtbanegård"), "en anden boligorganisation"),
        (("--kolonne", "navn=Findes ikke"), "KOLONNE=OVERSKRIFT"),
        (("--dato", "snart"), "kan ikke bruges"),
        (("--dato", "21.11.2026"), "i fremtiden"),
    ):
        code, out, err = kald("import", "restancer", str(fil), *wrong)
        assert (code, out) == (2, "")
        assert besked in err
    fil.write_text("a;b\n1;2", encoding="utf-8")
    assert "--kolonne 'lejemål=" in kald("import", "restancer", str(fil))[2]
    assert kald("import", "restancer", str(tmp_path / "ingen.csv"))[0] == 2


def test_figures_are_published_as_the_same_bytes_and_only_for_known_periods(kald: Kald, tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    for fil in (first, second):
        assert kald("statistik", "udgiv", "--periode", "2026", "--format", "json", "--ud", str(fil))[0] == 0
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_bytes())["known_rule"] == {"method": "controlled-rounding", "base": 5}
    code, out, _err = kald("statistik", "angrib", str(first), str(second))
    assert code == 0
    assert "EXACT 0, SMALL 0" in out
    code, out, _err = kald("statistik", "gør-klar")
    assert (code, out.splitlines()[-1]) == (0, "ishøj-2025 2026: klar")
    assert kald("statistik", "udgiv", "--periode", "1999")[0] == 2
    assert kald("statistik", "udgiv", "--periode", "2026", "--ud", str(tmp_path / "ingen" / "mappe.json"))[0] == 2


def test_figures_that_give_somebody_away_are_named_and_bad_files_refused(kald: Kald, tmp_path: Path) -> None:
    fil = tmp_path / "tal.json"
    cells = [{"key": {"r": "a"}, "value": None}, {"key": {"r": "b"}, "value": 8}, {"key": {}, "value": 10}]
    told = {"tables": [{"name": "t", "cells": cells}], "dims": {"r": ["a", "b"]}}
    fil.write_text(json.dumps(told), encoding="utf-8")
    code, out, err = kald("statistik", "angrib", str(fil))
    assert (code, err) == (1, "")
    assert "t, r=a: præcis 2 (EXACT)" in out
    for text, reason in (
        ("{", "er ikke JSON"),
        ('{"tables": []}', "tables: er tom"),
        (json.dumps(told | {"dims": {"r": ["a"]}}), "r har ikke kategorien b"),
        (json.dumps(told | {"dims": {}}), "dimensionen r står ikke i dims"),
        (json.dumps(told).replace("8", '"otte"'), "har ikke den form"),
        (json.dumps(told).replace("null", "20"), "modsiger hinanden"),
    ):
        fil.write_text(text, encoding="utf-8")
        code, out, err = kald("statistik", "angrib", str(fil))
        assert (code, out) == (2, "")
        assert reason in err
    assert kald("statistik", "angrib", str(tmp_path / "ingen.json"))[0] == 2


def test_the_demo_is_made_once_and_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAADGIVNING_INSTANCE", raising=False)
    assert main(["demo", "--kun-data", "--seed", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    users = [line.split() for line in lines if line.split()[0] in {str(rolle) for rolle in demo.BRUGERE}]
    assert [len(user) for user in users] == [3] * 5
    made = (tmp_path / "instance" / "demo" / "raadgivning.db").stat().st_mtime_ns
    assert main(["demo", "--kun-data"]) == 0
    assert capsys.readouterr().out.splitlines() == [*(" ".join(user) for user in users), lines[-1]]
    assert lines[-1].startswith("Kollega, også beboerrådgiver: birk ")
    assert (tmp_path / "instance" / "demo" / "raadgivning.db").stat().st_mtime_ns == made
    (tmp_path / "instance" / "demo.nøgle").unlink()
    assert main(["demo", "--kun-data"]) == 2
    assert "ingen nøglefil" in capsys.readouterr().err
    (tmp_path / "instance" / "demo" / demo.KODEORD_FIL).unlink()
    assert main(["demo", "--kun-data"]) == 2
    assert "ikke er en prøveinstans" in capsys.readouterr().err


def test_a_demo_that_was_interrupted_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(tmp_path / "data"))
    with monkeypatch.context() as patched:
        patched.setattr(demo, "fill", interrupted)
        assert main(["demo", "--kun-data"]) == 2
    monkeypatch.setattr(demo, "fill", lambda _kontekst, _seed: None)
    assert main(["demo", "--kun-data"]) == 0
    assert "beboerrådgiver bodil " in capsys.readouterr().out
    assert main(["spor", "tjek"]) == 0


def test_the_demo_wants_a_free_port(kald: Kald) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _out, err = kald("demo", "--port", str(taken.getsockname()[1]))
    assert code == 2
    assert "optaget" in err


def test_ctrl_c_is_2(kald: Kald, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(planer, "_liste", interrupted)
    assert kald("plan", "liste") == (2, "", "afbrudt\n")


def test_the_module_can_be_run(settings: Settings) -> None:
    done = run(settings.instance, "spor", "tjek")
    assert (done.returncode, done.stdout) == (0, "Sporet er ubrudt.\n")


def test_the_modules_of_the_verbs_are_all_reached() -> None:
    assert {module.__name__.rpartition(".")[2] for module in (brugere, demo, planer, server)} <= {
        verb.get_default("verb").__module__.rpartition(".")[2] for verb in VERBS.values()
    }
