"""The kinds of notices, what each says and where it belongs: one table for queue, mail, pages and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rådgivning.adgang.permissions import RETTIGHEDER, Ret, Rolle


class Slags(StrEnum):
    """What a notice is about. Closed: a new kind is a new word here and a new line in SLAGS."""

    NY_HENVISNING = "ny_henvisning"
    HENVISNING_STATUS = "henvisning_status"
    NY_AFTALE = "ny_aftale"
    AFTALE_SVAR = "aftale_svar"
    OPGAVE_OVERDRAGET = "opgave_overdraget"
    OPGAVE_OVERTAGET = "opgave_overtaget"
    SLETTES_SNART = "slettes_snart"
    NØDADGANG = "nødadgang"
    NØDADGANG_TILSYN = "nødadgang_tilsyn"
    VIKAR = "vikar"
    OVERDRAGELSE = "overdragelse"
    OPGAVER_FULGTE = "opgaver_fulgte"
    SAGER_FULGTE = "sager_fulgte"
    SAGER_OVERDRAGET = "sager_overdraget"
    RETTIGHEDER = "rettigheder"
    DAGENS_OVERBLIK = "dagens_overblik"
    NY_ENHED = "ny_enhed"
    DATABESKYTTELSE_ENHED = "databeskyttelse_enhed"
    NY_ANMODNING = "ny_anmodning"
    ANMODNING_FRIST = "anmodning_frist"
    ADGANG_ÆNDRET = "adgang_ændret"
    ADGANG_FORSØG = "adgang_forsøg"
    MAIL_OPGIVET = "mail_opgivet"
    SPOR_HOVED = "spor_hoved"
    PRØVE = "prøve"


class Levering(StrEnum):
    """How a user wants a kind; e-mail and digest show it in the app as well."""

    APP = "app"
    STRAKS = "straks"
    OVERBLIK = "overblik"
    INGEN = "ingen"


LEVERINGER: Mapping[Levering, str] = {
    Levering.STRAKS: "I programmet og med e-mail med det samme",
    Levering.OVERBLIK: "I programmet og i dagens overblik på e-mail",
    Levering.APP: "Kun i programmet",
    Levering.INGEN: "Slet ikke",
}
# Hers to hear of in any case: somebody may be in who should not be.
_SIKKERHED: Mapping[Levering, str] = {v: LEVERINGER[v] for v in (Levering.STRAKS, Levering.APP)}
_OVERBLIK: Mapping[Levering, str] = {Levering.STRAKS: "Ja, på e-mail", Levering.INGEN: "Nej"}


@dataclass(frozen=True)
class Beskrivelse:
    """A kind's words. `en` and `flere` are what is told, `råd` what to do about it, `url` where one sees more.

    `retter`: a user with one of them may get it. `standard` holds until she chooses; `valg` is what she may choose,
    nothing when there is nothing to choose.
    """

    titel: str
    en: str
    flere: str
    url: str
    retter: frozenset[Ret]
    standard: Levering = Levering.STRAKS
    valg: Mapping[Levering, str] = field(default_factory=lambda: LEVERINGER)
    råd: str = ""

    def i_ord(self, antal: int) -> str:
        """`1 ny henvisning`, `2 nye henvisninger`."""
        return self.en if antal == 1 else self.flere.format(antal)


SLAGS: Mapping[Slags, Beskrivelse] = {
    Slags.NY_HENVISNING: Beskrivelse(
        "Nye henvisninger",
        "1 ny henvisning",
        "{} nye henvisninger",
        "/henvisninger",
        frozenset({Ret.HENVISNINGER}),
    ),
    Slags.HENVISNING_STATUS: Beskrivelse(
        "Nyt om dine henvisninger",
        "nyt om 1 af dine henvisninger",
        "nyt om {} af dine henvisninger",
        "/henvisninger",
        frozenset({Ret.HENVIS}),
        Levering.OVERBLIK,
    ),
    Slags.NY_AFTALE: Beskrivelse(
        "Nye aftaler i kalenderen", "1 ny aftale", "{} nye aftaler", "/kalender", frozenset({Ret.KALENDER})
    ),
    Slags.AFTALE_SVAR: Beskrivelse(
        "Svar og rettelser til aftaler i kalenderen",
        "nyt om 1 aftale",
        "nyt om {} aftaler",
        "/kalender",
        frozenset({Ret.KALENDER}),
    ),
    Slags.OPGAVE_OVERDRAGET: Beskrivelse(
        "Opgaver, en kollega giver dig",
        "1 opgave givet videre til dig",
        "{} opgaver givet videre til dig",
        "/opgaver",
        frozenset({Ret.OPGAVER}),
    ),
    Slags.OPGAVE_OVERTAGET: Beskrivelse(
        "Dine opgaver, som en anden flytter",
        "1 af dine opgaver er flyttet til en anden",
        "{} af dine opgaver er flyttet til en anden",
        "/opgaver?vis=alle",
        frozenset({Ret.OPGAVER}),
        Levering.APP,
        {},
    ),
    Slags.RETTIGHEDER: Beskrivelse(
        "Kvartalets gennemgang af rettigheder",
        "1 gennemgang af rettigheder mangler dette kvartal",
        "{} gennemgange af rettigheder mangler",
        "/rettigheder",
        frozenset({Ret.RETTIGHEDER}),
        valg={},
    ),
    Slags.SLETTES_SNART: Beskrivelse(
        "Beboere, hvis slettefrist er nær",
        "1 beboer slettes snart",
        "{} beboere slettes snart",
        "/beboere/slettes-snart",
        frozenset({Ret.BEBOERE}),
        valg={},
    ),
    Slags.NØDADGANG: Beskrivelse(
        "Nødadgang til dine beboere",
        "en kollega har åbnet 1 af dine beboere eller sager med nødadgang",
        "kolleger har åbnet {} af dine beboere eller sager med nødadgang",
        "/nødadgang",
        frozenset({Ret.NØDADGANG}),
        valg={},
    ),
    Slags.NØDADGANG_TILSYN: Beskrivelse(
        "Nødadgange",
        "1 beboer eller sag er åbnet med nødadgang",
        "{} beboere eller sager er åbnet med nødadgang",
        "/nødadgang",
        frozenset({Ret.RETTIGHEDER}),
        valg={},
    ),
    Slags.VIKAR: Beskrivelse(
        "Planlagte vikarer", "nyt om 1 vikar", "nyt om {} vikarer", "/nødadgang", frozenset({Ret.NØDADGANG}), valg={}
    ),
    Slags.OVERDRAGELSE: Beskrivelse(
        "Overdragne beboere",
        "1 beboer er overdraget eller givet tilbage",
        "{} beboere er overdraget eller givet tilbage",
        "/overdragelser",
        frozenset({Ret.BEBOERE}),
        valg={},
    ),
    Slags.OPGAVER_FULGTE: Beskrivelse(
        "Overdragne opgaver, der ikke hører til en overdraget beboer",
        "1 opgave er overdraget eller givet tilbage",
        "{} opgaver er overdraget eller givet tilbage",
        "/overdragelser",
        frozenset({Ret.BEBOERE}),
        valg={},
    ),
    Slags.SAGER_FULGTE: Beskrivelse(
        "Overdragne sager, der ikke hører til en overdraget beboer",
        "1 henvisning, restancesag eller anonym kontakt er overdraget eller givet tilbage",
        "{} henvisninger, restancesager og anonyme kontakter er overdraget eller givet tilbage",
        "/overdragelser",
        frozenset({Ret.BEBOERE}),
        valg={},
    ),
    Slags.SAGER_OVERDRAGET: Beskrivelse(
        "Sager om dine beboere efter en, der er holdt op",
        "1 henvisning eller restancesag om en af dine beboere er blevet din",
        "{} henvisninger og restancesager om dine beboere er blevet dine",
        "/beboere",
        frozenset({Ret.BEBOERE}),
        valg={},
    ),
    Slags.DAGENS_OVERBLIK: Beskrivelse(
        "Dagens overblik på arbejdsdage",
        "et overblik over dagen",
        "et overblik over dagen",
        "/",
        frozenset({Ret.OPGAVER, Ret.HENVIS, Ret.KALENDER}),
        valg=_OVERBLIK,
    ),
    Slags.NY_ENHED: Beskrivelse(
        "Log ind på en ny enhed",
        "logget ind som dig på 1 ny enhed",
        "logget ind som dig på {} nye enheder",
        "/sessioner",
        frozenset({Ret.EGEN_ADGANG}),
        valg=_SIKKERHED,
        råd="Var det ikke dig? Så log ind, afslut den under Mine sessioner, og skift adgangskode.",
    ),
    Slags.DATABESKYTTELSE_ENHED: Beskrivelse(
        "En kollega i databeskyttelse på en ny enhed",
        "1 kollega i databeskyttelse har logget ind på en ny enhed",
        "{} gange har en kollega i databeskyttelse logget ind på en ny enhed",
        "/brugere",
        frozenset({Ret.BRUGERE}),
        valg={},
        råd="Ved du ikke, hvem det er, så spørg kollegaen, og spær brugeren, hvis det ikke var kollegaen selv.",
    ),
    Slags.NY_ANMODNING: Beskrivelse(
        "Anmodninger om indsigt, rettelse, sletning og begrænsning",
        "1 ny anmodning fra en beboer",
        "{} nye anmodninger fra beboere",
        "/databeskyttelse/anmodninger",
        frozenset({Ret.REGISTREREDE}),
        valg=_SIKKERHED,
    ),
    Slags.ANMODNING_FRIST: Beskrivelse(
        "Anmodninger, der snart skal være besvaret",
        "1 anmodning skal besvares inden for en uge eller er over fristen",
        "{} anmodninger skal besvares inden for en uge eller er over fristen",
        "/databeskyttelse/anmodninger",
        frozenset({Ret.REGISTREREDE}),
        valg=_SIKKERHED,
    ),
    Slags.ADGANG_ÆNDRET: Beskrivelse(
        "Ændringer af, hvordan du logger ind og får besked",
        "1 ændring af, hvordan du logger ind eller får besked",
        "{} ændringer af, hvordan du logger ind eller får besked",
        "/to-trin",
        frozenset({Ret.LOGIN}),
        valg={},
        råd="Var det ikke dig? Så skift adgangskode, fjern det, du ikke kender, og sig det til jeres databeskyttelse.",
    ),
    Slags.ADGANG_FORSØG: Beskrivelse(
        "Forsøg på at logge ind som dig",
        "1 mislykket forsøg på at logge ind som dig",
        "{} mislykkede forsøg på at logge ind som dig",
        "/kodeord",
        frozenset({Ret.LOGIN}),
        valg={},
        råd="Var det ikke dig, kender nogen din adgangskode: skift den, og sig det til jeres databeskyttelse.",
    ),
    Slags.MAIL_OPGIVET: Beskrivelse(
        "E-mails, der ikke kom frem",
        "1 e-mail kunne ikke leveres",
        "{} e-mails kunne ikke leveres",
        "/beskeder/udsendelse",
        frozenset({Ret.BRUGERE}),
        Levering.APP,
        {},
    ),
    Slags.SPOR_HOVED: Beskrivelse(
        "Sporets hoved, en gang om ugen",
        "1 nyt hoved af sporet at gemme",
        "{} nye hoveder af sporet at gemme",
        "/spor/hoved",
        frozenset({Ret.SPOR}),
        valg={},
    ),
    Slags.PRØVE: Beskrivelse(
        "Prøvebesked", "1 prøvebesked", "{} prøvebeskeder", "/beskeder/valg", frozenset({Ret.BESKEDER}), valg={}
    ),
}


# The lines of a digest that are no notices of their own.
TAL: Mapping[str, tuple[str, str]] = {
    "besøg": ("1 besøg i kalenderen i dag", "{} besøg i kalenderen i dag"),
    "opgaver": ("1 opgave har frist i dag eller før", "{} opgaver har frist i dag eller før"),
    "henvisninger": ("1 henvisning er ikke taget op", "{} henvisninger er ikke taget op"),
    "restancer_i_dag": ("1 restancesag har frist i dag", "{} restancesager har frist i dag"),
    "restancer_overskredet": ("1 restancesag er over fristen", "{} restancesager er over fristen"),
}


def tal_i_ord(ord_: str, antal: int) -> str:
    """One line of a digest: of a count in TAL, or of a kind."""
    if ord_ in TAL:
        en, flere = TAL[ord_]
        return en if antal == 1 else flere.format(antal)
    text = SLAGS[Slags(ord_)].i_ord(antal)
    return text[0].upper() + text[1:]


def valgbare(rolle: str) -> list[Slags]:
    """The kinds a role may get and choose about."""
    rights = RETTIGHEDER[Rolle(rolle)]
    return [slags for slags, om in SLAGS.items() if om.valg and om.retter & rights]
