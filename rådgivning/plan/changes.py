"""What changed between two versions of a plan, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from rådgivning.plan import checks, words
from rådgivning.plan.agreement import Gyldig, Hoved
from rådgivning.plan.limits import slettefrister
from rådgivning.plan.schema import PlanIndhold

SAMTYKKE = {
    "gælder_måneder": "Gælder, når intet andet er sagt (måneder)",
    "højst_måneder": "Gælder højst (måneder)",
    "påmindelse_dage": "Påmindelse før udløb (dage)",
}
TILFØJET, FJERNET, RÆKKEFØLGE = "Tilføjet", "Fjernet", "Rækkefølge"


@dataclass(frozen=True)
class Ændring:
    """One change: in which section, of which part, of which field, and what stood there before and stands there now."""

    afsnit: str
    navn: str
    felt: str
    før: str
    nu: str


def ændringer(før: PlanIndhold, nu: PlanIndhold) -> list[Ændring]:
    """Every change, in the plan's order."""
    found = list(_fields("Helhedsplanen", nu.helhedsplan.navn, (før.helhedsplan, før), (nu.helhedsplan, nu)))
    before = checks.tabeller(før)
    for sti, values in checks.tabeller(nu).items():
        found += _table(
            "Indkaldelser" if sti[0] == "indkaldelse" else words.afsnit(sti), before.get(sti, {}), values, før, nu
        )
    return [*found, *_limits(før, nu), *_consents(før, nu)]


def _limits(før: PlanIndhold, nu: PlanIndhold) -> Iterator[Ændring]:
    """Time limits that became others, whether the plan wrote them or stopped doing so."""
    before = slettefrister(før)
    for navn, regel in slettefrister(nu).items():
        for felt, one, other in (
            ("Frist", before[navn].længde, regel.længde),
            ("Grund", before[navn].grund, regel.grund),
            ("Kilde", before[navn].kilde, regel.kilde),
        ):
            if one != other:
                yield Ændring("Slettefrister", regel.hvad, felt, one or "–", other or "–")


def _consents(før: PlanIndhold, nu: PlanIndhold) -> Iterator[Ændring]:
    for navn, ord_ in SAMTYKKE.items():
        one, other = (getattr(part.samtykke, navn) for part in (før, nu))
        if one != other:
            yield Ændring("Samtykker", "", ord_, str(one), str(other))


def _table(
    afsnit: str, before: Mapping[str, Gyldig], after: Mapping[str, Gyldig], før: PlanIndhold, nu: PlanIndhold
) -> Iterator[Ændring]:
    for key, value in after.items():
        if key not in before:
            told = "; ".join(f"{name}: {text}" for name, text in words.felter(value, nu))
            yield Ændring(afsnit, checks.navn(value), TILFØJET, "–", told or checks.navn(value))
        else:
            yield from _fields(afsnit, checks.navn(value), (before[key], før), (value, nu))
    for key, value in before.items():
        if key not in after:
            yield Ændring(afsnit, checks.navn(value), FJERNET, checks.navn(value), "–")
    common = [key for key in before if key in after]
    moved = [key for key in after if key in before]
    if common != moved:
        names = ["; ".join(checks.navn(after[key]) for key in keys) for keys in (common, moved)]
        yield Ændring(afsnit, "", RÆKKEFØLGE, *names)


def _fields(
    afsnit: str,
    navn: str,
    before: tuple[Gyldig | Hoved, PlanIndhold],
    after: tuple[Gyldig | Hoved, PlanIndhold],
) -> Iterator[Ændring]:
    one: BaseModel = before[0]
    other: BaseModel = after[0]
    for name in type(other).model_fields:
        if getattr(one, name) != getattr(other, name):
            texts = [words.ord_(name, getattr(part, name), part, plan) for part, plan in (before, after)]
            yield Ændring(afsnit, navn, words.felt(name), *texts)
