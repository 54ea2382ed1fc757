"""What both protections cost on the same simulated years: blanks and what is in them, rounding and how far it moves."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from rådgivning.statistik.audit import audit
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.rounding import Opgave, Regel, afrund
from rådgivning.statistik.suppression import UdeladelseFejl, Udeladt, regel, udelad
from rådgivning.statistik.tables import Nøgle
from tests.statistik.simulated import Simuleret, simuleret

FRØ = b"m" * 32
ANTAL = (50, 300, 1000, 20_000)
_HOVED = (
    "sæt    n     | tomme (supplerende) mindst | LP-grådig | ryddet | tomme felter | i dem | sek. (processor) | angreb"
    " | afrunding: afvigelse indre/ikke 0/rand | sek. | angreb\n"
)


def run() -> None:
    """Print one line for each set of tables and number of events."""
    sys.stdout.write(_HOVED)
    for sæt in "CAB":
        for antal in ANTAL:
            year = simuleret(sæt, antal)
            sys.stdout.write(f"{sæt} {antal:>7} | {_left_out(year)} | {_rounded(year)}\n")
            sys.stdout.flush()


def _left_out(year: Simuleret) -> str:
    new = Published(year.som_json({key: count.antal for key, count in year.celler.items()}, regel(5)))
    started, worked = time.monotonic(), time.process_time()
    try:
        found = udelad(new, {new.cell(dict(key)): count for key, count in year.celler.items()})
    except UdeladelseFejl as fejl:
        return f"ikke sikker: {fejl}"
    seconds, own = time.monotonic() - started, time.process_time() - worked
    fields, events = _loss(year, found)
    total, least = found.primære + found.supplerende, found.primære + found.mindst
    proven = "bevist" if found.bevist else f"hul {total - least}"
    return (
        f"{total:>4} ({found.supplerende:>2}) {proven:<7} | {found.grådigt:>2} | {found.ryddet:>2} | {fields:>4.0%} | "
        f"{events:>4.0%} | {seconds:>5.1f} ({own:>4.1f}) | {_verdict(found.revision.summary())}"
    )


def _loss(year: Simuleret, found: Udeladt) -> tuple[float, float]:
    """The shares of the fields that are not 0, and of the events in the finest ones, that are blank."""
    fields: dict[Nøgle, bool] = {}
    inside = gone = 0
    for table in found.indhold["tables"]:
        for cell in table["cells"]:
            key = tuple(sorted(cell["key"].items()))
            count = year.celler[key].antal
            fields |= {key: cell["value"] is None} if count else {}
            if len(key) == len(year.tabeller[table["name"]]) + 1:
                inside += count
                gone += count * (cell["value"] is None)
    return sum(fields.values()) / len(fields), gone / inside


def _rounded(year: Simuleret) -> str:
    started = time.monotonic()
    values = afrund(Opgave(dict(year.celler), list(year.summer)), Regel(), FRØ)
    seconds = time.monotonic() - started
    longest = {names: len(names) + 1 for names in year.tabeller.values()}
    inner = [key for key in year.celler if len(key) in longest.values()]
    margins = [key for key in year.celler if key not in set(inner)]
    result = audit([year.som_json(values, {"method": "controlled-rounding", "base": 5})], exact=False)
    some = [key for key in inner if year.celler[key].antal]
    near = "/".join(f"{_error(year, values, keys):.2f}" for keys in (inner, some, margins))
    return f"{near} | {seconds:.2f} | {_verdict(result.summary())}"


def _error(year: Simuleret, values: Mapping[Nøgle, int], keys: Sequence[Nøgle]) -> float:
    return sum(abs(values[key] - year.celler[key].antal) for key in keys) / len(keys)


def _verdict(found: Mapping[str, int]) -> str:
    bad = {name: number for name, number in found.items() if number and name != "OK"}
    return "intet fundet" if not bad else str(bad)
