"""A period's release with blanks: counted from closed months, protected beside every release that it overlaps."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rådgivning.fakta.rows import Fakta, bord
from rådgivning.statistik.cell_counts import tæl_celler
from rådgivning.statistik.counting import tæl
from rådgivning.statistik.knowledge import Cell, Published
from rådgivning.statistik.periods import Periode
from rådgivning.statistik.protection import IkkeBeskyttet
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.suppression import FRIST, UdeladelseFejl, Udeladt, celler, regel, udelad
from rådgivning.statistik.suppression_cuts import ARBEJDE
from rådgivning.statistik.tables import GROVE, OffentligtTal, Tabel, Tælling, i_perioden, tabelnøgler


@dataclass(frozen=True)
class Udeladelsesgrundlag:
    """What a release with blanks is made from. `tidligere` are the recorded ones it overlaps, `fakta` all that it and
    they count, `stande` which copies of its own months those are; `nummer` that of the newest release of all."""

    helhedsplan_id: uuid.UUID
    periode: Periode
    fakta: Iterable[Fakta]
    stande: Mapping[str, str]
    lister: Mapping[str, Sequence[str]]
    tabeller: Sequence[Tabel]
    offentlige: Sequence[OffentligtTal]
    regel: Regel
    tidligere: Sequence[Published]
    nummer: int

    def mærke(self, frø: bytes) -> str:
        """A keyed fingerprint of what it is made from. The facts cannot change: its months are closed."""
        made_from = [
            self.periode.navn,
            self.nummer,
            sorted(self.stande.items()),
            [tabel.ren for tabel in self.tabeller],
        ]
        text = json.dumps(made_from, ensure_ascii=False, sort_keys=True)
        return hmac.new(frø, b"omitting:" + text.encode(), hashlib.sha256).hexdigest()


def udelad_periode(grundlag: Udeladelsesgrundlag) -> Udeladt:
    """The period's release, attacked together with all that it overlaps. Raises IkkeBeskyttet."""
    new = Published(_sande_tal(grundlag), grundlag.stande)
    known = tæl_celler(celler([*grundlag.tidligere, new]), grundlag.fakta, grundlag.lister)
    return udelad_med_plads(new, known, grundlag.tidligere, grundlag.regel.tærskel, ARBEJDE)


def udelad_med_plads(
    new: Published, known: Mapping[Cell, Tælling], earlier: Sequence[Published], threshold: int, arbejde: int
) -> Udeladt:
    """A new release beside earlier ones. Raises IkkeBeskyttet.

    What is published already may leave a table no room: noughts and blanks by month say how few a quarter's blank can
    be. Such a table is not in the release. Which ones these are is seen without looking for the fewest blanks.
    """
    safe, effort, end = None, arbejde, time.monotonic() + FRIST
    while True:
        try:
            found = udelad(new, known, earlier, tærskel=threshold, arbejde=effort, slut=end)
        except UdeladelseFejl as fejl:
            fewer = _without(new, fejl, len(earlier))
            if safe is not None:
                return safe
            if fewer is None:
                raise IkkeBeskyttet(str(fejl), fejl.revision) from fejl
            new, effort = fewer, 0
        else:
            if effort == arbejde:
                return found
            safe, effort = found, arbejde


def _without(new: Published, fejl: UdeladelseFejl, tidligere: int) -> Published | None:
    """The release without the tables that the attack came too close through; None when that is not the trouble."""
    if fejl.revision is None:
        return None
    refused = fejl.revision.open
    names = {finding.table for finding in refused if finding.release == tidligere}
    units = {finding.key.get("enhed") for finding in refused}
    tables = new.content["tables"]
    kept = [table for table in tables if table["name"] not in names]
    if len(kept) == len(tables):
        kept = [table for table in tables if not any(cell["key"].get("enhed") in units for cell in table["cells"])]
    return Published({**new.content, "tables": kept}, new.stande) if len(kept) < len(tables) else None


def viste_tabeller(
    tabeller: Sequence[Tabel], periode: Periode, offentlige: Sequence[OffentligtTal]
) -> tuple[Tabel, ...]:
    """The tables of a release with blanks: none that would set a public total beside its complement."""
    return tuple(
        tabel
        for tabel in i_perioden(tabeller, periode)
        if not any(
            total.enhed == tabel.enhed and set(total.nøgle) <= {GROVE.get(name, name) for name in tabel.dimensioner}
            for total in offentlige
        )
    )


def _sande_tal(grundlag: Udeladelsesgrundlag) -> dict[str, Any]:
    """The release with every true count: never stored, never shown."""
    counted = tæl(
        bord(grundlag.fakta).i(grundlag.periode.måneder), grundlag.periode, grundlag.lister, grundlag.tabeller
    )
    tables: list[dict[str, Any]] = [
        {
            "name": tabel.navn,
            "cells": [
                {"key": dict(key), "value": counted.celler[key].antal}
                for part in tabelnøgler(tabel, counted.dims)
                for key in part
            ],
        }
        for tabel in grundlag.tabeller
    ]
    for total in grundlag.offentlige:
        cell = {"key": total.som_nøgle(), "value": total.antal, "public": True}
        tables.append({"name": f"offentlig_{total.navn}", "cells": [cell]})
    return {"tables": tables, "dims": counted.dims, "known_rule": regel(grundlag.regel.tærskel)}
