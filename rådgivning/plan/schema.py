"""A whole plan file: what the agreement says (agreement.py), and the lists, invitations and rules of the plan's own.

Field names are the names written in the file; docs/planfil.md explains each.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from rådgivning.plan.agreement import (
    Afdeling,
    Aktivitet,
    Antal,
    Boligområde,
    Boligorganisation,
    Del,
    Delmål,
    Gyldig,
    Hoved,
    Indikator,
    Indsatsområde,
    Nøgle,
    Optælling,
    Tekst,
)


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

    sprog: dict[Nøgle, Indkaldelsestekst] = Field(default_factory=dict)


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
    indikator: dict[Nøgle, Indikator] = Field(default_factory=dict)
    aktivitet: dict[Nøgle, Aktivitet]
    optælling: dict[Nøgle, Optælling] = Field(default_factory=dict)
    indkaldelse: Indkaldelse = Indkaldelse()
    slettefrister: dict[Fristnavn, Slettefrist] = Field(default_factory=dict)
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
