"""Documents of accountability follow what runs: another plan, setting, right or table gives another document."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from flask import Flask
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import RETTIGHEDER, ÅBNER, Ret, Rolle
from rådgivning.databeskyttelse.accountability_views import ALLE
from rådgivning.databeskyttelse.descriptions import FORMÅL, TABELLER, beskrevne_felter, feltnavn, kuverter
from rådgivning.databeskyttelse.documents import Dokument, Grundlag, fortegnelse, rettigheder, slettepolitik
from rådgivning.databeskyttelse.retention_kinds import ARBEJDER
from rådgivning.drift.kommandoer import main
from rådgivning.drift.schema import all_tables
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def text(dokument: Dokument) -> str:
    """All of a document's words."""
    parts = [dokument.titel, dokument.manchet]
    for del_ in dokument.afsnit:
        parts += [del_.titel, *del_.tekst, *del_.hoved, *(cell for row in del_.rækker for cell in row)]
    return "\n".join(parts)


def rows(dokument: Dokument, titel: str) -> dict[str, tuple[str, ...]]:
    """A part's rows by their first cell."""
    return {row[0]: row[1:] for del_ in dokument.afsnit if del_.titel == titel for row in del_.rækker}


def test_every_table_and_every_sealed_field_is_described(databasetype: str) -> None:
    """Whoever adds a table or a sealed field describes it in databeskyttelse/descriptions.py."""
    tables = set(all_tables().tables)
    assert tables - set(TABELLER) == set()
    assert set(TABELLER) - tables == set()
    used = {field for fields in kuverter().values() for field in fields}
    assert used - beskrevne_felter() == set()
    assert beskrevne_felter() - used == set()
    kept_by_nothing = [name for name, table in TABELLER.items() if (table.frist is None) == (not table.gemmes)]
    assert kept_by_nothing == [], "each table has a rule, or says in words how long it is kept and why"
    told = {table.frist for table in TABELLER.values()} | {Fristnavn.ANONYM_KONTAKT, Fristnavn.OPGAVE}
    assert set(ARBEJDER) | {Fristnavn.BEBOER} == told - {None}
    assert {table.formål for table in TABELLER.values()} == set(FORMÅL)


def test_the_fortegnelse_follows_the_plan_and_the_settings(
    db: Session, settings: Settings, personale: Personale
) -> None:
    plan_id = personale.helhedsplan.id
    made = fortegnelse(Grundlag(db, plan_id, settings))
    said = text(made)
    for needed in (
        "Opkrævning og inkasso, boligforeningen AAB",
        "Testa Databeskyttelse",
        "24 måneder",
        "notat",
        "HTTPS er slået fra",
    ):
        assert needed in said
    categories = rows(made, "Registrerede og oplysninger")
    assert len(categories) == len(kuverter())
    assert "tredjepart" not in said
    assert feltnavn("tredjepart") in categories["Kontakter: samtaler, besøg og notater"][1]
    other = replace(settings, https=True, session_idle=timedelta(minutes=7), person_threshold=9)
    changed = rows(fortegnelse(Grundlag(db, plan_id, other)), "Sikkerhed")
    assert "7 minutter" in changed["Session"][0]
    assert "Mindst 9 personer" in changed["Tal"][0]
    assert changed["Forbindelse"] == ("HTTPS med HSTS",)


def test_the_slettepolitik_is_the_plans_rules(db: Session, settings: Settings, personale: Personale) -> None:
    plan_id = personale.helhedsplan.id
    told = rows(slettepolitik(Grundlag(db, plan_id, settings)), "Frister")
    rules = frister(db, plan_id)
    assert {hvad: row[0] for hvad, row in told.items()} == {rule.hvad: rule.længde for rule in rules.values()}


def test_the_rights_are_those_the_program_goes_by(db: Session, settings: Settings, personale: Personale) -> None:
    made = rettigheder(Grundlag(db, personale.helhedsplan.id, settings))
    table = rows(made, "Hvad hver rolle må")
    roles = made.afsnit[1].hoved[1:]
    assert len(table) == len(Ret)
    for ret in Ret:
        told = {role for role, cell in zip(roles, table[ret.value], strict=True) if cell == "ja"}
        assert len(told) == sum(ret in RETTIGHEDER[rolle] for rolle in Rolle)
    opens = made.afsnit[2].rækker
    assert len(opens) == sum(len(tables) for tables in ÅBNER.values())
    assert "Boligsocial leder" in made.afsnit[2].tekst[0]
    inkasso = next(row for row in opens if row[0] == "Opkrævning og inkasso" and row[1] == "Restancesager")
    assert feltnavn("note") not in inkasso[3].split(", ")


def test_each_document_is_a_page_and_a_tagged_pdf_for_databeskyttelse_alone(
    klient: Klienter, app: Flask, db: Session
) -> None:
    dpo, leder = klient(Rolle.DATABESKYTTELSE), klient(Rolle.LEDER)
    index = dpo.get("/databeskyttelse/dokumenter").text
    for navn in ALLE:
        sti = f"/databeskyttelse/dokumenter/{navn}"
        assert sti in index
        page = dpo.get(sti)
        assert page.status_code == 200
        assert "Lavet af programmet" in page.text
        assert leder.get(sti).status_code == 403
        paper = dpo.get(f"{sti}/hent")
        assert paper.headers["Content-Disposition"] == f"attachment; filename={navn}.pdf"
        reader = pypdf.PdfReader(io.BytesIO(paper.data))
        assert b"/Marked true" in paper.data
        title = re.search(r"<h1>([^<]+)</h1>", page.text)
        assert title is not None
        assert reader.metadata is not None
        assert reader.metadata.title == title[1]
    taken = db.exec(select(Spor.anledning).where(Spor.handling == Handling.EKSPORTERET).order_by(col(Spor.nr))).all()
    assert taken == [f"{navn} pdf" for navn in ALLE]


def test_the_verb_writes_every_document_into_a_folder(
    settings: Settings, personale: Personale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    folder = tmp_path / "dokumenter"
    assert main(["databeskyttelse", "dokumenter", "--ud", str(folder)]) == 0
    assert {file.name for file in folder.iterdir()} == {*(f"{navn}.pdf" for navn in ALLE), "biblioteker.cdx.json"}
    assert "6 filer" in capsys.readouterr().out
    (tmp_path / "fil").write_text("x", encoding="utf-8")
    assert main(["databeskyttelse", "dokumenter", "--ud", str(tmp_path / "fil")]) == 2
