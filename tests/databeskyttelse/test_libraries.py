"""The list of libraries: what runs, nothing of the tests, valid as CycloneDX."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.output.xml import XmlV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.xml import XmlValidator

from rådgivning.databeskyttelse.libraries import MEDBRAGT, biblioteker, sbom, sbom_json

AT = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def test_the_list_is_valid_cyclonedx_and_names_what_runs() -> None:
    """Checked against the official XML schema, and that the JSON says the same when it is read back."""
    assert XmlValidator(SchemaVersion.V1_6).validate_str(XmlV1Dot6(sbom(AT)).output_as_string()) is None
    written = json.loads(sbom_json(AT))
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    again = Bom.from_json(written)  # type: ignore[attr-defined]
    assert {c.bom_ref.value for c in again.components} == {c.bom_ref.value for c in sbom(AT).components}
    by_name = {c["name"].lower(): c for c in written["components"]}
    assert by_name["flask"]["version"] == version("flask")
    assert by_name["cryptography"]["purl"] == f"pkg:pypi/cryptography@{version('cryptography')}"
    assert "psycopg-binary" in by_name


def test_what_only_tests_use_is_left_out_and_what_is_copied_in_is_there() -> None:
    names = {one.navn.lower() for one in biblioteker()}
    assert names & {"pytest", "ruff", "bandit", "hypothesis", "playwright"} == set()
    assert {"alembic", "werkzeug", "pydantic_core", "dkfds", "ibm plex sans"} <= names
    assert [one.sti for one in MEDBRAGT if not (ROOT / "rådgivning" / one.sti).is_file()] == []


def test_what_is_locked_for_running_is_in_the_list() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        line.partition("==")[0].strip() for line in lock.splitlines() if "==" in line and not line.startswith(" ")
    }
    known = {one.navn.lower().replace("_", "-").replace(".", "-") for one in biblioteker()}
    optional = {"colorama", "greenlet", "tzdata", "exceptiongroup", "tomli", "cffi", "pycparser"}
    assert {name.lower().replace("_", "-").replace(".", "-") for name in locked} - known - optional == set()
