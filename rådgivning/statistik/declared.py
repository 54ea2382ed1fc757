"""Reads and checks `tabeller.toml`: the standard tables, the names of units and dimensions, the reports' lists."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rådgivning.statistik.tables import DIMENSIONER, ENHEDER, FLEST_DIMENSIONER, GROVE, Tabel

FIL = Path(__file__).with_name("tabeller.toml")
Navn = Annotated[str, Field(pattern=r"^[0-9a-zæøå][0-9a-zæøå_+\-]*$", max_length=60)]
Tekst = Annotated[str, Field(min_length=1)]


class TabelFejl(ValueError):
    """The file cannot be used; each line of the message says where and why in Danish."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Enhed(_Part):
    navn: Tekst
    tærskel: Literal["personer", "hoveder"]


class Aldersgruppe(_Part):
    """A coarse age group: from one age to another, both included; without `til` there is no upper end."""

    nøgle: Navn
    etiket: Tekst
    fra: int = Field(ge=0)
    til: int | None = None


class Grov(_Part):
    """A coarser dimension: its name, the fine one it gathers, and its groups when the plan does not have them."""

    navn: Tekst
    fin: Navn
    grupper: list[Aldersgruppe] = []


class _Tabel(_Part):
    navn: Navn
    enhed: Navn
    dimensioner: list[Navn]
    titel: Tekst
    note: str = ""
    kun_kalenderår: bool = False


class _Rapport(_Part):
    titel: Tekst
    tabeller: list[Navn]


class _Fil(_Part):
    enhed: dict[Navn, _Enhed]
    dimension: dict[Navn, Tekst]
    grov: dict[Navn, Grov]
    tabel: list[_Tabel]
    rapport: dict[Navn, _Rapport]


class Rapportliste(NamedTuple):
    """A report: its title and the names of its tables in order."""

    titel: str
    tabeller: tuple[str, ...]


class Erklæring(NamedTuple):
    """What the file says."""

    tabeller: tuple[Tabel, ...]
    rapporter: Mapping[str, Rapportliste]
    enheder: Mapping[str, str]
    dimensioner: Mapping[str, str]
    grove: Mapping[str, Grov]


@cache
def erklæret() -> Erklæring:
    """What `tabeller.toml` says. Raises TabelFejl."""
    return læs_tabeller(FIL.read_bytes())


def standard() -> tuple[Tabel, ...]:
    """The standard tables in the report's order. Those with a coarser dimension have no groups before a plan gives
    them (`plan_tables.py`)."""
    return erklæret().tabeller


def rapporter() -> Mapping[str, Rapportliste]:
    """The reports by name: `årsstatus`, `kvartalsstatus`."""
    return erklæret().rapporter


def læs_tabeller(data: bytes) -> Erklæring:
    """Read and check a file of tables. Raises TabelFejl with everything that is wrong."""
    try:
        read = _Fil.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fejl:
        raise TabelFejl(f"tabeller.toml er ikke gyldig TOML: {fejl}") from None
    except ValidationError as fejl:
        lines = [
            f"tabeller.toml: {' → '.join(str(part) for part in error['loc'])}: {_said(error['type'])}."
            for error in fejl.errors(include_url=False, include_input=False)
        ]
        raise TabelFejl("\n".join(lines)) from None
    if wrong := [f"tabeller.toml: {text}" for text in _wrong(read)]:
        raise TabelFejl("\n".join(wrong))
    return Erklæring(
        tuple(Tabel(t.navn, t.enhed, tuple(t.dimensioner), t.kun_kalenderår, t.titel, t.note) for t in read.tabel),
        {name: Rapportliste(report.titel, tuple(report.tabeller)) for name, report in read.rapport.items()},
        {name: unit.navn for name, unit in read.enhed.items()},
        {**read.dimension, **{name: coarse.navn for name, coarse in read.grov.items()}},
        read.grov,
    )


def _said(kind: str) -> str:
    return {"missing": "mangler", "extra_forbidden": "kendes ikke"}.get(kind, "har ikke den rigtige form")


def _wrong(read: _Fil) -> Iterator[str]:
    yield from _wrong_names(read)
    if {name: coarse.fin for name, coarse in read.grov.items()} != GROVE:
        yield f"de grovere dimensioner skal være {', '.join(f'{name} over {fine}' for name, fine in GROVE.items())}"
    names = [table.navn for table in read.tabel]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"tabellen »{name}« står der to gange"
    for table in read.tabel:
        for text in forkert(table.enhed, table.dimensioner):
            yield f"tabellen »{table.navn}«: {text}"
    for name, report in read.rapport.items():
        for chosen in set(report.tabeller) - set(names):
            yield f"rapporten »{name}«: tabellen »{chosen}« findes ikke"


def _wrong_names(read: _Fil) -> Iterator[str]:
    for name in ENHEDER.keys() ^ read.enhed.keys():
        yield f"enheden »{name}« {'kendes ikke' if name in read.enhed else 'mangler'}"
    for name, unit in read.enhed.items():
        if name in ENHEDER and ENHEDER[name].hoveder != (unit.tærskel == "hoveder"):
            yield f"enheden »{name}« kan ikke have tærsklen »{unit.tærskel}«"
    for name in set(DIMENSIONER) ^ read.dimension.keys():
        yield f"dimensionen »{name}« {'kendes ikke' if name in read.dimension else 'mangler'}"


def forkert(enhed: str, dimensioner: Sequence[str]) -> Iterator[str]:
    """What makes a unit and some dimensions no table, in Danish."""
    if enhed not in ENHEDER:
        yield f"enheden »{enhed}« findes ikke"
        return
    if not 1 <= len(dimensioner) <= FLEST_DIMENSIONER:
        yield f"en tabel har en til {FLEST_DIMENSIONER} dimensioner"
    for name in dict.fromkeys(dimensioner):
        if GROVE.get(name, name) not in ENHEDER[enhed].kolonner:
            yield f"enheden »{enhed}« kan ikke deles efter »{name}«"
    fine = [GROVE.get(name, name) for name in dimensioner]
    for name in {name for name in fine if fine.count(name) > 1}:
        yield f"der deles efter »{name}« to gange"
