"""How long things are kept: the plan's rules over the standard ones, as data for who deletes, shows or prints them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from rådgivning.dansk import om_måneder
from rådgivning.plan.lines import Sti
from rådgivning.plan.schema import Fristnavn, PlanIndhold, Slettefrist

STANDARD = Path(__file__).resolve().parents[1] / "planer" / "standard" / "slettefrister.toml"


@dataclass(frozen=True)
class Slags:
    """A kind: what it is called, what its time is counted from, and the shortest and longest a plan may choose.

    Whether it is told in months or in days is not the plan's choice.
    """

    hvad: str
    fra: str
    enhed: str
    mindst: int
    højst: int


SLAGS: dict[Fristnavn, Slags] = {
    Fristnavn.BEBOER: Slags("Beboere", "den sidste kontakt, eller den sidste sag, der sluttede", "måneder", 6, 60),
    Fristnavn.RESTANCESAG: Slags("Restancesager", "den dag, sagen sluttede", "måneder", 6, 60),
    Fristnavn.HENVISNING: Slags("Henvisninger uden beboer", "den dag, den kom, eller blev afsluttet", "måneder", 1, 24),
    Fristnavn.ANONYM_KONTAKT: Slags("Anonyme kontakter", "kontaktens dag", "måneder", 1, 36),
    Fristnavn.OPGAVE: Slags("Opgaver uden beboer", "den dag, opgaven blev udført", "måneder", 1, 36),
    Fristnavn.SAMTYKKE: Slags("Samtykker", "den dag, samtykket udløb eller blev trukket tilbage", "måneder", 1, 60),
    Fristnavn.AFTALE: Slags("Aftaler i kalenderen", "besøgets dag", "måneder", 1, 6),
    Fristnavn.RESTANCELISTE: Slags("Indlæste restancelister", "den dag, listen blev indlæst", "måneder", 1, 24),
    Fristnavn.KLADDE: Slags("Kladder", "den dag, der sidst blev skrevet i den", "dage", 1, 14),
    Fristnavn.SESSION: Slags("Sessioner", "den dag, sessionen løb ud", "dage", 1, 30),
    Fristnavn.ENHED: Slags("Kendte enheder", "den dag, brugeren sidst loggede ind derfra", "dage", 7, 365),
    Fristnavn.BESKED: Slags("Beskeder", "den dag, beskeden kom", "dage", 7, 90),
    Fristnavn.ARBEJDSFIL: Slags("Mellemregninger til tal", "den dag, de blev begyndt", "dage", 1, 90),
    Fristnavn.ANMODNING: Slags("Afgjorte anmodninger", "den dag, anmodningen blev afgjort", "måneder", 12, 120),
    Fristnavn.KVITTERING: Slags("Kvitteringer for sletning", "den dag, der blev slettet", "måneder", 12, 120),
    Fristnavn.NØDADGANG: Slags("Nødadgange", "den dag, adgangen sluttede", "måneder", 12, 120),
    Fristnavn.VIKAR: Slags("Hvem der var vikar for hvem", "vikariatets sidste dag", "måneder", 12, 120),
    Fristnavn.GENNEMGANG: Slags("Gennemgange af rettigheder", "den dag, gennemgangen begyndte", "måneder", 12, 120),
    Fristnavn.KALENDERADRESSE: Slags(
        "Tilbagekaldte kalenderadresser", "den dag, adressen blev kaldt tilbage", "dage", 1, 365
    ),
    Fristnavn.BRUGER: Slags("Spærrede brugeres navne", "den dag, brugeren blev spærret", "måneder", 24, 120),
    Fristnavn.SPOR: Slags("Sporet", "den dag, det skete", "måneder", 24, 120),
    Fristnavn.VARSEL: Slags("Varsel", "den dag, varslet gives", "dage", 14, 90),
    Fristnavn.BEHOLD: Slags("Forlængelse", "den dag, beboeren skulle være slettet", "måneder", 1, 12),
}
MÅDER = frozenset({Fristnavn.VARSEL, Fristnavn.BEHOLD})
"""Not kinds of their own: how a resident's deletion is warned of and put off."""


@dataclass(frozen=True)
class Regel:
    """One rule as it holds. `egen`: the plan has written it itself."""

    navn: Fristnavn
    hvad: str
    fra: str
    måneder: int | None
    dage: int | None
    grund: str
    kilde: str
    egen: bool

    @property
    def længde(self) -> str:
        """`24 måneder`, `1 dag`."""
        if self.måneder is not None:
            return f"{self.måneder} {'måned' if self.måneder == 1 else 'måneder'}"
        return f"{self.dage} {'dag' if self.dage == 1 else 'dage'}"

    def udløber(self, dag: date) -> date:
        """The last day on which something counted from `dag` is kept."""
        return om_måneder(dag, self.måneder) if self.måneder is not None else dag + timedelta(days=self.dage or 0)

    def grænse(self, i_dag: date) -> date:
        """The first day that is still kept: whatever is counted from an earlier one has run out today.

        Walked down to, since a month added to the 31st is no month taken from the 28th.
        """
        back = -self.måneder if self.måneder is not None else 0
        dag = om_måneder(i_dag, back) + timedelta(days=4) if back else i_dag - timedelta(days=self.dage or 0)
        while self.udløber(dag - timedelta(days=1)) >= i_dag:
            dag -= timedelta(days=1)
        return dag


@cache
def standard_frister() -> dict[Fristnavn, Slettefrist]:
    """The rules of a plan that writes none."""
    parsed = tomllib.loads(STANDARD.read_text("utf-8"))
    return TypeAdapter(dict[Fristnavn, Slettefrist]).validate_python(parsed)


def slettefrister(indhold: PlanIndhold) -> dict[Fristnavn, Regel]:
    """Every rule as it holds in a plan, in the order of the kinds. Names are kept for as long as the trail that names
    them, unless the plan says more of them."""
    standard, own = standard_frister(), indhold.slettefrister
    rules = {navn: _regel(navn, own.get(navn, standard[navn]), egen=navn in own) for navn in Fristnavn}
    names, trail = rules[Fristnavn.BRUGER], rules[Fristnavn.SPOR]
    if not names.egen and (names.måneder or 0) < (trail.måneder or 0):
        rules[Fristnavn.BRUGER] = replace(names, måneder=trail.måneder)
    return rules


def mangler(indhold: PlanIndhold) -> Iterator[tuple[Sti, str]]:
    """What a plan's own rules may not say."""
    for navn, frist in indhold.slettefrister.items():
        slags, sti = SLAGS[navn], ("slettefrister", navn.value)
        wanted, other = (frist.måneder, frist.dage) if slags.enhed == "måneder" else (frist.dage, frist.måneder)
        if wanted is None or other is not None:
            written = '"måneder"' if slags.enhed == "måneder" else "dage"
            yield sti, f"Fristen skal skrives i {slags.enhed}, fx {written} = {standard_antal(navn)}."
        elif not slags.mindst <= wanted <= slags.højst:
            yield (*sti, slags.enhed), f"Skal være fra {slags.mindst} til {slags.højst} {slags.enhed}."
    holds = slettefrister(indhold)
    if (holds[Fristnavn.BRUGER].måneder or 0) < (holds[Fristnavn.SPOR].måneder or 0):
        besked = "Brugernes navne skal gemmes mindst så længe som sporet, der nævner dem."
        yield ("slettefrister", Fristnavn.BRUGER.value), besked
    if indhold.samtykke.gælder_måneder > indhold.samtykke.højst_måneder:
        yield ("samtykke", "gælder_måneder"), "Kan ikke være længere end det, et samtykke højst gælder."


def standard_antal(navn: Fristnavn) -> int:
    """The standard rule's number, in its own unit."""
    frist = standard_frister()[navn]
    return frist.måneder or frist.dage or 0


def _regel(navn: Fristnavn, frist: Slettefrist, *, egen: bool) -> Regel:
    slags = SLAGS[navn]
    return Regel(navn, slags.hvad, slags.fra, frist.måneder, frist.dage, frist.grund, frist.kilde, egen)
