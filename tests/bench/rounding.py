"""Controlled rounding of simulated years: time, distance from the truth, and what the attack finds.

`A` is six linked two-way tables, `C` three, `B` one of 8 x 5 x 6 with every margin (tests/statistik/simulated.py).
Inner cells are those limited in every dimension of their table; the mean is over all of them, and over those not 0.
"""

from __future__ import annotations

import sys
from statistics import mean

from rådgivning.statistik.audit import audit
from rådgivning.statistik.rounding import Opgave, Regel, afrund
from tests.bench.measuring import seconds
from tests.statistik.simulated import simuleret

FRØ = b"x" * 32


def run() -> None:
    """Print the table that stands in docs/statistik.md."""
    sys.stdout.write("| sæt | n | base | celler | sekunder | fejl, indre | heraf ikke 0 | største | angreb |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|---|\n")
    for base in (5, 3):
        for sæt in ("A", "B", "C"):
            for antal in (50, 300, 1000, 20_000):
                sys.stdout.write(_line(sæt, antal, Regel(base=base, tærskel=base)))
                sys.stdout.flush()


def _line(sæt: str, antal: int, regel: Regel) -> str:
    year = simuleret(sæt, antal)
    opgave = Opgave(dict(year.celler), list(year.summer))
    values = afrund(opgave, regel, FRØ)
    spent = min(seconds(lambda: afrund(opgave, regel, FRØ)) for _ in range(3))
    inner = [key for names in year.tabeller.values() for key in year.celler if len(key) == len(names) + 1]
    off = {key: abs(values[key] - year.celler[key].antal) for key in inner}
    told = {"method": "controlled-rounding", "base": regel.base}
    found = audit([year.som_json(values, told)], threshold=regel.tærskel, exact=False)
    some = mean(error for key, error in off.items() if year.celler[key].antal)
    return (
        f"| {sæt} | {antal} | {regel.base} | {len(year.celler)} | {spent:.2f} | {mean(off.values()):.2f} | {some:.2f} "
        f"| {max(off.values())} | {'intet' if found.passed else found.summary()} |\n"
    )
