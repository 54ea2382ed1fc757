"""The docs are held to the code."""

from __future__ import annotations

import re
from pathlib import Path

from rådgivning.drift.schema import all_tables

ROOT = Path(__file__).resolve().parents[1]


def test_every_setting_stands_in_the_readme_and_the_other_way_round() -> None:
    names = re.compile(r"RAADGIVNING_[A-ZÆØÅ_]+")
    code = set(names.findall((ROOT / "rådgivning" / "settings.py").read_text(encoding="utf-8")))
    readme = set(names.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert readme == code - {"RAADGIVNING_"}


def test_every_setting_has_a_name_that_systemd_and_shells_can_set() -> None:
    """systemd's EnvironmentFile and a shell take names of ASCII alone; one old name is read beside its new one."""
    files = [
        *(ROOT / "rådgivning").rglob("*.py"), *(ROOT / "rådgivning").rglob("*.html"), *(ROOT / "docs").rglob("*.md"),
        ROOT / "README.md", ROOT / "kør",
    ]  # fmt: skip
    found = {name for file in files for name in re.findall(r"RAADGIVNING_\w+", file.read_text(encoding="utf-8"))}
    assert len(found) > 40
    assert {name for name in found if not name.isascii()} == {"RAADGIVNING_TÆRSKEL"}


def test_every_setting_of_the_sign_in_service_stands_in_the_docs() -> None:
    names = re.compile(r"RAADGIVNING_[A-ZÆØÅ_]+")
    code = set(names.findall((ROOT / "rådgivning" / "adgang" / "oidc_setup.py").read_text(encoding="utf-8")))
    assert code <= set(names.findall((ROOT / "docs" / "drift.md").read_text(encoding="utf-8")))


def test_every_link_and_picture_of_the_docs_is_there() -> None:
    link = re.compile(r"\]\((?!https?://)([^)#]+)")
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    missing = [
        (page.name, target)
        for page in pages
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert missing == []


def test_every_room_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {p.parent.name for p in (ROOT / "rådgivning").glob("*/__init__.py")} - {"felter"}
    assert {room for room in rooms if f"{room}/" not in readme} == set()


def test_every_test_that_the_threat_model_names_is_there() -> None:
    model = (ROOT / "docs" / "trusselsmodel.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", model))
    files = (ROOT / "tests").rglob("test_*.py")
    known = {
        name
        for file in files
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 40
    assert named - known == set()


def test_the_threat_model_lists_every_clear_column_of_a_row_about_a_resident() -> None:
    model = (ROOT / "docs" / "trusselsmodel.md").read_text(encoding="utf-8").partition("Column by column")[2]
    told = {
        table: set(re.findall(r"`(\w+)`", columns))
        for table, columns in re.findall(r"^\| `(\w+)` \| (.+) \|$", model.partition("\n## ")[0], re.MULTILINE)
    }
    hers = {
        table.name: {column.name for column in table.columns} - {"id", "helhedsplan_id", "version", "sealed"}
        for table in all_tables().tables.values()
        if {"sealed", "beboer_id", "person_id"} & {column.name for column in table.columns}
    }
    assert told == hers
