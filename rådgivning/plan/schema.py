"""What a plan file may contain. Field names are the names written in the file; docs/planfil.md explains each.

Keys (the dict keys) are stable for ever; `etiket`, `navn` and `tekst` are what people read and may change.
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


class Listenavn(StrEnum):
    """The lists every plan has, its own or the standard one."""

    ART = "art"
    FORM = "form"
    HENVISNINGSKILDE = "henvisningskilde"
    ANLEDNING = "anledning"
    EMNEGRUPPE = "emnegruppe"
    EMNE = "emne"
    UDFALD = "udfald"
    KONTAKTRESULTAT = "kontaktresultat"
    BROBYGNING_TIL = "brobygning_til"
    BROBYGNING_RESULTAT = "brobygning_resultat"
    ALDERSGRUPPE = "aldersgruppe"
    RESTANCE_FASE = "restance_fase"
    RESTANCE_UDFALD = "restance_udfald"
    RESTANCE_ÅRSAG = "restance_årsag"
    KONTAKTFORSØG_MÅDE = "kontaktforsøg_måde"
    SUNDHEDSTJEK_STED = "sundhedstjek_sted"
    SUNDHEDSTJEK_TEMA = "sundhedstjek_tema"
    HENVISNING_GRUND = "henvisning_grund"
    HAST = "hast"
    SAMTYKKE_MODTAGER = "samtykke_modtager"


class ListeVærdi(Gyldig):
    """One choice in a list; in the file also just its label as a string."""

    etiket: Tekst
    gruppe: str = ""
    arter: tuple[Nøgle, ...] = ()
    alder_fra: Antal | None = None
    alder_til: Antal | None = None


def _from_label(value: object) -> object:
    return {"etiket": value} if isinstance(value, str) else value


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


class Indkaldelsestekst(Gyldig):
    """What an invitation to a talk says in one language, as letter and as text message; `navn` is the language."""

    navn: Tekst
    status: Literal["til gennemlæsning", "gennemlæst"] = "til gennemlæsning"
    emne: Tekst
    hilsen: Tekst
    brev: Tekst
    med_tid: Tekst
    uden_tid: Tekst
    ord_tid: Tekst
    ord_sted: Tekst
    ord_telefon: Tekst
    slut: Tekst
    sms: Tekst
    sms_uden_tid: Tekst


class Indkaldelse(Del):
    """How residents are invited; the key of a language is its code (da, en, tr)."""

    sprog: dict[Nøgle, Indkaldelsestekst] = {}


class Fristnavn(StrEnum):
    """What has a time limit, and two that say how a resident's is warned of and prolonged (see plan/limits.py)."""

    BEBOER = "beboer"
    RESTANCESAG = "restancesag"
    HENVISNING = "henvisning"
    ANONYM_KONTAKT = "anonym_kontakt"
    OPGAVE = "opgave"
    SAMTYKKE = "samtykke"
    AFTALE = "aftale"
    RESTANCELISTE = "restanceliste"
    KLADDE = "kladde"
    SESSION = "session"
    ENHED = "enhed"
    BESKED = "besked"
    ARBEJDSFIL = "arbejdsfil"
    ANMODNING = "anmodning"
    KVITTERING = "kvittering"
    NØDADGANG = "nødadgang"
    VIKAR = "vikar"
    GENNEMGANG = "gennemgang"
    KALENDERADRESSE = "kalenderadresse"
    BRUGER = "bruger"
    SPOR = "spor"
    VARSEL = "varsel"
    BEHOLD = "behold"


class Slettefrist(Del):
    """How long one kind is kept, in months or in days, with the reason and where it comes from."""

    måneder: Antal | None = None
    dage: Antal | None = None
    grund: Tekst
    kilde: str = ""


class Samtykkeregler(Del):
    """How long a consent holds unless said otherwise, how long at the most, and when it is told that it ends."""

    gælder_måneder: Annotated[int, Field(ge=1, le=24, strict=True)] = 6
    højst_måneder: Annotated[int, Field(ge=1, le=24, strict=True)] = 24
    påmindelse_dage: Annotated[int, Field(ge=1, le=90, strict=True)] = 30


Værdi = Annotated[ListeVærdi, BeforeValidator(_from_label)]


class PlanIndhold(Del):
    """A whole plan file."""

    helhedsplan: Hoved
    boligorganisation: dict[Nøgle, Boligorganisation]
    boligområde: dict[Nøgle, Boligområde]
    afdeling: dict[Nøgle, Afdeling]
    indsatsområde: dict[Nøgle, Indsatsområde]
    delmål: dict[Nøgle, Delmål]
    indikator: dict[Nøgle, Indikator] = {}
    aktivitet: dict[Nøgle, Aktivitet]
    optælling: dict[Nøgle, Optælling] = {}
    indkaldelse: Indkaldelse = Indkaldelse()
    slettefrister: dict[Fristnavn, Slettefrist] = {}
    samtykke: Samtykkeregler = Samtykkeregler()
    liste: dict[Listenavn, dict[Nøgle, Værdi]]


HOVEDEMNE = "hovedemne"
FASTE_NØGLER = {"ledsaget": ("ja", "nej"), "kontaktet": ("ja", "nej"), "afværget": ("ja", "nej", "ikke_ophævet")}
"""Dimensions of a filter whose keys no plan decides."""
_LISTS = {
    HOVEDEMNE: Listenavn.EMNE,
    "kilde": Listenavn.HENVISNINGSKILDE,
    "modtager": Listenavn.BROBYGNING_TIL,
    "fase": Listenavn.RESTANCE_FASE,
    "sted": Listenavn.SUNDHEDSTJEK_STED,
    "tema": Listenavn.SUNDHEDSTJEK_TEMA,
}
_OUTCOMES = {"restancesag": Listenavn.RESTANCE_UDFALD, "brobygning": Listenavn.BROBYGNING_RESULTAT}


def liste_for(dimension: str, enhed: str) -> str:
    """The list a fact's dimension takes its keys from: brobygning_til for `modtager`, by `enhed` for `udfald`."""
    if dimension == "udfald":
        return _OUTCOMES.get(enhed, Listenavn.UDFALD)
    return _LISTS.get(dimension, dimension)
