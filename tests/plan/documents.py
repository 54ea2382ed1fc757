"""The plan files that are not Ishøj's, and the documents they were written from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from rådgivning.plan.plans import PLANER
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import PlanIndhold

KILDER = Path(__file__).resolve().parent / "kilder"
SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
VEJLEÅPARKEN, SLAGELSE, SØNDERBORG = "vejleåparken-2021", "slagelse-2021", "sønderborg-2021"
TEKST = {
    VEJLEÅPARKEN: ("001", "samarbejdsaftale-vejleåparken.txt"),
    SLAGELSE: ("003", "samarbejdsaftale-slagelse.txt"),
    SØNDERBORG: ("004", "delaftale-sønderborg.txt"),
}
"""Each plan's seed and the copy of it that is kept here."""


def planfil(name: str) -> PlanIndhold:
    """The plan of this name."""
    path = PLANER / f"{name}.toml"
    return læs(path.read_bytes(), path.name)


def kildetekst(name: str) -> str:
    """The document of the plan of this name."""
    return renset(KILDER / TEKST[name][1])


def renset(path: Path) -> str:
    """One source document with its line breaks, hyphenation at line ends and doubled spaces taken out."""
    text = path.read_text("utf-8")
    return " ".join(re.sub(r"(?<=[a-zæøå])-\s*\n\s*(?=[a-zæøå])", "", text).split())


def tæt(text: str) -> str:
    """A text without blanks and hyphens: what the page breaks of a PDF leave alone."""
    return re.sub(r"[\s\-]", "", text)


def tal_i(text: str) -> set[str]:
    """Every number of a Danish text, as a plain decimal."""
    found = re.findall(r"\d+(?:\.\d{3})+|\d+,\d+|\d+", text)
    return {str(Decimal(re.sub(r"\.(?=\d{3})", "", number).replace(",", ".")).normalize()) for number in found}


def _texts(value: object) -> Iterator[str]:
    """Every text and number of a dumped part of a plan; our own notes and doubts are no words of the agreement."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("note", "tvivl", "decimaler"):
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        yield f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)
    elif isinstance(value, str):
        yield value


def sagt(plan: PlanIndhold) -> str:
    """All that a plan says in the agreement's name."""
    parts = plan.model_dump(exclude={"liste", "indkaldelse", "optælling", "helhedsplan", "slettefrister", "samtykke"})
    head = plan.helhedsplan.model_dump(exclude={"id", "fra", "til"})
    return " ; ".join(_texts((parts, head)))
