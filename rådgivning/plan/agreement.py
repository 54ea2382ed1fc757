"""What an agreement says, as a plan file holds it: its parts, places, delmål, indicators, activities and counts.

Field names are the names written in the file; docs/planfil.md explains each. Keys (the dict keys) are stable for ever;
`etiket`, `navn` and `tekst` are what people read and may change.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Tekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Nøgle = Annotated[str, StringConstraints(pattern=r"^[0-9a-zæøå][0-9a-zæøå_+\-]*$", max_length=60)]
År = Annotated[int, Field(ge=1990, le=2100, strict=True)]
Tal = Annotated[Decimal, Field(ge=0, lt=10_000_000)]
Antal = Annotated[int, Field(ge=0, strict=True)]


class Del(BaseModel):
    """A piece of a plan: unknown fields are refused, so a misspelt one is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Gyldig(Del):
    """Something that holds from one day to another, both included; an open end holds as long as the plan."""

    fra: date | None = None
    til: date | None = None

    def gælder(self, dag: date) -> bool:
        """Whether it may be chosen for something that happened on `dag`."""
        return self.gælder_mellem(dag, dag)

    def gælder_mellem(self, første: date, sidste: date) -> bool:
        """Whether it held on at least one day of a span."""
        return (self.fra is None or self.fra <= sidste) and (self.til is None or første <= self.til)


class Dokument(Del):
    """A source document and which edition of it the plan was written from."""

    titel: Tekst
    udgave: Tekst


class Tvivl(Del):
    """Something the sources contradict each other about, or leave open."""

    om: Tekst
    tekst: Tekst


class Oplysning(Del):
    """A figure the agreement tells of a place, which no indicator asks for."""

    hvad: Tekst
    år: År | None = None
    værdi: Tal


class Hoved(Del):
    """The helhedsplan itself. `vision` and `baggrund` are what the agreement says, word for word. `noter_deles`: the
    beboerrådgivere read each other's notes (nøgler/covering.py)."""

    id: Nøgle
    navn: Tekst
    fra: date
    til: date
    noter_deles: bool = False
    udkast: str = ""
    vision: str = ""
    baggrund: tuple[Tekst, ...] = ()
    oplysninger: tuple[Oplysning, ...] = ()
    parter: tuple[Tekst, ...] = ()
    dokumenter: tuple[Dokument, ...] = ()
    tvivl: tuple[Tvivl, ...] = ()


class Boligorganisation(Gyldig):
    """A landlord. Restancer are walled between them."""

    navn: Tekst
    note: str = ""


class Boligområde(Gyldig):
    """An area of the plan."""

    navn: Tekst
    note: str = ""
    oplysninger: tuple[Oplysning, ...] = ()


class Afdeling(Gyldig):
    """An estate section. Its number is unique only inside its boligorganisation."""

    etiket: Tekst
    boligorganisation: Nøgle
    boligområde: Nøgle
    nummer: str = ""
    note: str = ""


class Ressource(Del):
    """A post: hours a week, or its extent in the agreement's words, and the share (%) given to the indsatsområde."""

    funktion: Tekst
    timer: Tal | None = None
    omfang: str = ""
    andel: Annotated[Decimal, Field(ge=0, le=100)]


class Indsatsområde(Gyldig):
    """One of Landsbyggefonden's areas of effort, with a delaftale of its own."""

    navn: Tekst
    vægt: str = ""
    problemkompleks: tuple[Tekst, ...] = ()
    målgruppe: str = ""
    ressourcer: tuple[Ressource, ...] = ()
    fagcentre: tuple[Tekst, ...] = ()


class Delmål(Gyldig):
    """A local step towards the overall goal, word for word; `overordnet` when it is such an overall goal itself."""

    tekst: Tekst
    indsatsområde: Nøgle
    overordnet: bool = False


class Figur(Del):
    """One figure of an indicator in one year, as the agreement states it."""

    år: År
    værdi: Tal
    tæller: Antal | None = None
    nævner: Antal | None = None
    n: Antal | None = None
    område: str = ""
    note: str = ""
    fodnoter: tuple[str, ...] = ()

    @property
    def decimaler(self) -> int:
        """How many decimals the agreement writes the value with: 4,40 has two."""
        return decimaler(self.værdi)


def decimaler(værdi: Decimal) -> int:
    """How many decimals a number is written with."""
    return max(0, -cast("int", værdi.as_tuple().exponent))


class Sammenligning(Figur):
    """The same figure for the group the area is compared with."""

    gruppe: Tekst


class Retning(StrEnum):
    """Which way an indicator should go; `under` means staying below a ceiling."""

    OP = "op"
    NED = "ned"
    UNDER = "under"


class Indikator(Gyldig):
    """A variable that shows whether a delmål is met: a survey's value, an official count, or with `formel` worked out
    from the plan's own optællinger. `mål` is the value to reach, where the agreement names one."""

    delmål: Nøgle
    navn: Tekst
    enhed: Tekst
    retning: Retning
    datakilde: Tekst
    decimaler: Annotated[int, Field(ge=0, le=3, strict=True)] = 1
    gruppe: str = ""
    svar: str = ""
    tælles: str = ""
    registertal: bool = False
    grænse: Tal | None = None
    mål: Tal | None = None
    formel: str = ""
    område: str = ""
    baseline: Figur | None = None
    sammenligning: Sammenligning | None = None
    historik: tuple[Figur, ...] = ()
    andre_tal: tuple[Figur, ...] = ()
    note: str = ""
    fodnoter: dict[str, Tekst] = {}

    def figurer(self) -> tuple[Figur, ...]:
        """The agreement's own figures of the area, oldest first: history and baseline."""
        own = (*self.historik, *((self.baseline,) if self.baseline else ()))
        return tuple(sorted(own, key=lambda figur: figur.år))


class Rolle(Del):
    """Who does what in an activity."""

    hvem: Tekst
    opgaver: tuple[Tekst, ...]


class Element(Gyldig):
    """An element of an activity and the kind of contact in which it is logged."""

    navn: Tekst
    indhold: Tekst
    aktører: tuple[Tekst, ...] = ()
    bemærkning: str = ""
    art: str = ""


class Aktivitet(Gyldig):
    """An activity. `rådgivning` marks an advice offer: contacts are logged on exactly one of them."""

    navn: Tekst
    indsatsområde: Nøgle
    understøtter: tuple[Nøgle, ...] = ()
    rådgivning: bool = False
    arter: tuple[Nøgle, ...] = ()
    status: str = ""
    beskrivelse: str = ""
    formål: tuple[Tekst, ...] = ()
    aktivitetsmål: tuple[Tekst, ...] = ()
    målgruppe: str = ""
    hyppighed: str = ""
    roller: tuple[Rolle, ...] = ()
    elementer: tuple[Element, ...] = ()


Enhed = Literal["kontakt", "brobygning", "restancesag", "fremmøde", "henvisning"]
Nøgler = Annotated[tuple[Nøgle, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class Filter(Del):
    """Which facts are counted: each dimension named must have one of the values given."""

    enhed: Enhed
    afdeling: Nøgler = ()
    aktivitet: Nøgler = ()
    art: Nøgler = ()
    hovedemne: Nøgler = ()
    aldersgruppe: Nøgler = ()
    kilde: Nøgler = ()
    form: Nøgler = ()
    udfald: Nøgler = ()
    anledning: Nøgler = ()
    modtager: Nøgler = ()
    ledsaget: Nøgler = ()
    fase: Nøgler = ()
    afværget: Nøgler = ()
    kontaktet: Nøgler = ()
    sted: Nøgler = ()
    tema: Nøgler = ()

    def dimensioner(self) -> dict[str, tuple[str, ...]]:
        """The dimensions that are restricted, in the order of the fields."""
        chosen = {name: getattr(self, name) for name in type(self).model_fields if name != "enhed"}
        return {name: values for name, values in chosen.items() if values}


class Optælling(Gyldig):
    """A count of casework that belongs to delmål. `offentlig` shows it exact, as a total only, for a stated reason."""

    etiket: Tekst
    delmål: tuple[Nøgle, ...]
    filter: Filter
    indikator: str = ""
    offentlig: bool = False
    begrundelse: str = ""
