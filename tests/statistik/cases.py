"""Invented facts for the tests of the figures."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from rådgivning.fakta.facts import tilføj
from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.counting import Optalt, tæl
from rådgivning.statistik.declared import standard
from rådgivning.statistik.periods import Periode, læs_periode
from rådgivning.statistik.rounding import Opgave
from rådgivning.statistik.tables import FASTE, Grupper, Nøgle, Tabel, tabelnøgler

FRØ = b"x" * 32
PLAN = (date(2025, 11, 1), date(2029, 10, 31))
LISTER: Mapping[str, Sequence[str]] = {
    "art": ["en_til_en", "opsøgende", "indflytningssyn", "servicebesøg"],
    "afdeling": ["aab55", "steenbjerggård"],
    "hovedemne": ["husleje_restance", "gæld", "ydelser", "vold", "andet"],
    "aldersgruppe": ["18-24", "25-29", "30-39", "65+"],
    "kilde": ["ejendomsdrift", "jura", "beboeren_selv"],
    "udfald": ["råd_givet", "ny_aftale", "afsluttet"],
    "restance_udfald": ["betalt", "betalingsaftale", "udsat"],
    "modtager": ["cvv", "jobcenter", "forening"],
    "sted": ["vejleåparken", "vildtbanegård"],
    "fase": ["forfalden", "påkrav", "ophævet", "udsat"],
    **{name: list(keys) for name, keys in FASTE.items()},
}
GRUPPER: Mapping[str, Grupper] = {
    "boligområde": (("vejleåparken", ("aab55", "steenbjerggård")),),
    "emnegruppe": (("økonomi", ("husleje_restance", "gæld", "ydelser")), ("familie", ("vold",))),
    "aldersgruppe_grov": (("18-29", ("18-24", "25-29")), ("30-49", ("30-39",)), ("50+", ("65+",))),
}
TABELLER: Sequence[Tabel] = [
    tabel._replace(grupper=tuple((name, GRUPPER[name]) for name in tabel.dimensioner if name in GRUPPER))
    for tabel in standard()
]
ÅRET = [f"2026-{month:02}" for month in range(1, 12)]


def periode(navn: str) -> Periode:
    """A period of the Ishøj plan."""
    return læs_periode(navn, *PLAN)


def faktum(enhed: str, måned: str, **dims: Any) -> Fakta:
    """One fact; what is not said does not apply."""
    tom: dict[str, Any] = dict.fromkeys(Fakta._fields, "")
    return Fakta(**{**tom, "antal": 1, "pseudonym": None, "enhed": enhed, "måned": måned, **dims})


def kontakt(måned: str = "2026-03", person: int | None = None, **dims: Any) -> Fakta:
    """A contact with sensible values."""
    values = {"art": "en_til_en", "afdeling": "aab55", "hovedemne": "gæld", "aldersgruppe": "30-39", "kilde": "jura"}
    code = None if person is None else f"{måned[:4]}-{person}".encode()
    return faktum("kontakt", måned, **{**values, "udfald": "råd_givet", "pseudonym": code, **dims})


def fakta(antal: int, frø: int = 1, måneder: Sequence[str] = ÅRET) -> list[Fakta]:
    """A skewed year: many contacts, some brobygninger, restancesager and head counts, a few keys missing."""
    draw = random.Random(frø)

    def pick(name: str) -> str:
        values = LISTER[name]
        return values[min(int(draw.paretovariate(1.2)) - 1, len(values) - 1)]

    found = []
    for _ in range(antal):
        month, person = draw.choice(måneder), draw.randrange(max(antal // 5, 1))
        own = random.Random(person)
        home = {"afdeling": own.choice(LISTER["afdeling"]), "aldersgruppe": own.choice(LISTER["aldersgruppe"])}
        named = person if draw.random() < 0.85 else None
        dims = {name: pick(name) for name in ("art", "hovedemne", "kilde", "udfald")}
        found.append(kontakt(month, named, **{**home, **dims}))
        if draw.random() < 0.2:
            away = {"modtager": pick("modtager"), "ledsaget": draw.choice(["ja", "nej", ""])}
            found.append(faktum("brobygning", month, **away, pseudonym=found[-1].pseudonym))
        if draw.random() < 0.05:
            ended = pick("restance_udfald") if draw.random() < 0.8 else ""
            road = {name: pick(name) for name in ("fase", "kontaktet", "ventetid")}
            found.append(faktum("restancesag", month, udfald=ended, afdeling="aab55", pseudonym=b"%d" % person, **road))
        if draw.random() < 0.05:
            heads = draw.randrange(1, 9)
            found.append(faktum("fremmøde", month, sted=pick("sted"), aldersgruppe=pick("aldersgruppe"), antal=heads))
    return found


def optalt(rows: Sequence[Fakta], navn: str = "2026") -> Optalt:
    """The counts of a period."""
    own = set(periode(navn).måneder)
    return tæl((row for row in rows if row.måned in own), periode(navn), LISTER, TABELLER)


def opgave(counted: Optalt) -> Opgave:
    """What is to be rounded, with residents at most the contacts of the same cell."""
    pairs = [(key, tuple(sorted({**dict(key), "enhed": "kontakter"}.items()))) for key in counted.celler]
    known = [(key, (other,)) for key, other in pairs if ("enhed", "beboere") in key and other in counted.celler]
    return Opgave(counted.celler, counted.summer, known)


def som_json(counted: Optalt, values: Mapping[Nøgle, int], method: str = "controlled-rounding") -> dict[str, Any]:
    """A release as the attacker gets it."""
    return {
        "tables": [
            {
                "name": tabel.navn,
                "cells": [
                    {"key": dict(key), "value": values[key]}
                    for part in tabelnøgler(tabel, counted.dims)
                    for key in part
                ],
            }
            for tabel in TABELLER
        ],
        "dims": counted.dims,
        "known_rule": {"method": method, "base": 5},
    }


def gem(session: Session, helhedsplan_id: uuid.UUID, rows: Sequence[Fakta]) -> list[uuid.UUID]:
    """Store facts the way the casework rooms do, and commit."""
    ids = [tilføj(session, helhedsplan_id=helhedsplan_id, **row._asdict()) for row in rows]
    session.commit()
    return ids
