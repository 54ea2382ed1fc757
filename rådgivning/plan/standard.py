"""The lists and invitations a plan takes over when it writes none of its own: one file for all plans."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rådgivning.plan.agreement import Nøgle
from rådgivning.plan.schema import Indkaldelse, ListeVærdi, Værdi

STANDARD = Path(__file__).resolve().parents[1] / "planer" / "standard" / "lister.toml"


@cache
def _standard() -> dict[str, Any]:
    return tomllib.loads(STANDARD.read_text("utf-8"))


def med_standard(raw: dict[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """A parsed plan file with what it leaves to the standard, and the names of the lists it left.

    A list is taken whole or not at all, so a plan's own list never gets keys it did not write.
    """
    standard, own = _standard(), raw.get("liste", {})
    if not isinstance(own, dict):
        return raw, frozenset()
    whole = {"indkaldelse": standard["indkaldelse"]} | raw | {"liste": standard["liste"] | own}
    return whole, frozenset(standard["liste"].keys() - own.keys())


@cache
def standard_lister() -> dict[str, dict[str, ListeVærdi]]:
    """The standard lists as values."""
    values: dict[str, dict[str, ListeVærdi]] = TypeAdapter(dict[str, dict[Nøgle, Værdi]]).validate_python(
        _standard()["liste"]
    )
    return values


@cache
def standard_indkaldelse() -> Indkaldelse:
    """The standard invitations as a value."""
    return Indkaldelse.model_validate(_standard()["indkaldelse"])
