"""docs/planfil.md names everything a plan file may contain."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from rådgivning.plan import schema

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "planfil.md").read_text("utf-8")


def test_every_field_and_list_is_described() -> None:
    models = [m for m in vars(schema).values() if isinstance(m, type) and issubclass(m, BaseModel)]
    fields = {name for model in models for name in model.model_fields}
    words = set(re.findall(r"[\wæøå]+", DOCS))
    assert fields - words == set()
    assert {name.value for name in schema.Listenavn} - words == set()
