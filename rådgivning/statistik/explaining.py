"""How a table was protected and what that means for reading it: one sentence that page, print and every file carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rådgivning.statistik.release import Release

UDELADELSE = "suppression"
_OFFENTLIG = "offentlig_"


def beskyttelse(release: Release, tabel: str) -> str:
    """The sentence of a table of a release, named as in its JSON; `offentlig_…` is a total that the plan publishes."""
    if tabel.startswith(_OFFENTLIG):
        return "Tallet er præcist, fordi aftalen selv offentliggør det."
    rule = release.indhold["known_rule"]
    if rule["method"] == UDELADELSE:
        return _omitted(rule, _values(release, tabel))
    return _rounded(release, int(rule["base"]), egen=any(own.navn == tabel for own in release.egne))


def _rounded(release: Release, base: int, *, egen: bool) -> str:
    """A plan year is the sum of two calendar years' rounded figures, and so may lie twice as far from the truth. The
    leder's own table (`egen`) is fitted between figures that are published already (adding.py)."""
    years = len({month[:4] for month in release.periode.måneder})
    steps = f"0, {base}, {2 * base} og så videre"
    how = f"Tallene er afrundet op eller ned til {steps}"
    if years > 1:
        how = f"Tallene er summer af to kalenderårs tal, som hver for sig er afrundet op eller ned til {steps}"
    warm = " Beregningen blev afbrudt, før den var færdig: nogle tal ligger længere fra de rigtige end nødvendigt."
    further = "" if release.revision.get("strict", True) else " (enkelte måtte længere væk, for at summerne kan gå op)"
    if egen:
        further = " (her somme tider længere, for tabellen er lagt ind mellem tal, der lå fast)"
    return (
        f"{how}: et tal ligger som regel højst {years * (base - 1)} fra det rigtige{further}, summerne går op, og 0 "
        "kan dække over nogle få." + (warm if release.indhold["known_rule"].get("warm") else "")
    )


def _omitted(rule: Mapping[str, Any], values: list[int | None]) -> str:
    few = f"færre end {rule.get('threshold', 5)} personer"
    if None in values:
        return (
            f"Tal, der bygger på {few}, er udeladt (∙), og så mange andre, at de ikke kan regnes ud: et udeladt tal er "
            "ikke 0, og de tal, der vises, er præcise."
        )
    return f"Tallene er præcise: ingen af dem bygger på {few}, så intet er udeladt."


def _values(release: Release, tabel: str) -> list[int | None]:
    return next(
        [cell["value"] for cell in table["cells"]] for table in release.indhold["tables"] if table["name"] == tabel
    )
