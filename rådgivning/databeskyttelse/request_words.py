"""The rights in words: what each is called, how identity may be made sure of, and why a request may be refused.

Reasons are keys with the paragraph they rest on; what a letter says beyond them is sealed with the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rådgivning.databeskyttelse.models import Slags


@dataclass(frozen=True)
class Rettighed:
    """A right: its name, its paragraph of the databeskyttelsesforordning, what a resident asks for by it, and what a
    letter says that she did (with a place for the day)."""

    titel: str
    artikel: str
    tekst: str
    brev: str


RETTIGHEDER: Final = {
    Slags.INDSIGT: Rettighed(
        "Indsigt", "art. 15", "Beboeren vil se, hvad vi har skrevet", "Du bad os {dag} om at se, hvad vi har om dig"
    ),
    Slags.RETTELSE: Rettighed(
        "Rettelse", "art. 16", "Noget er forkert og skal rettes", "Du bad os {dag} om at rette oplysninger om dig"
    ),
    Slags.SLETNING: Rettighed(
        "Sletning", "art. 17", "Beboeren vil slettes", "Du bad os {dag} om at slette oplysningerne om dig"
    ),
    Slags.BEGRÆNSNING: Rettighed(
        "Begrænsning",
        "art. 18",
        "Oplysningerne skal ligge stille indtil videre",
        "Du bad os {dag} om at lade oplysningerne om dig ligge stille",
    ),
    Slags.DATAPORTABILITET: Rettighed(
        "Dataportabilitet",
        "art. 20",
        "Beboeren vil have sine egne oplysninger med sig",
        "Du bad os {dag} om at få det med dig, du selv har givet os",
    ),
    Slags.INDSIGELSE: Rettighed(
        "Indsigelse",
        "art. 21",
        "Beboeren vil ikke have, at vi bruger oplysningerne",
        "Du gjorde {dag} indsigelse mod, at vi bruger oplysninger om dig",
    ),
}
SLAGSVALG: Final = [(slags.value, f"{om.titel} ({om.artikel}): {om.tekst}") for slags, om in RETTIGHEDER.items()]

IDENTITET: Final = {
    "kendt": "Beboerrådgiveren kender beboeren, og de har talt sammen",
    "legitimation": "Legitimation er set ved personligt fremmøde",
    "mitid": "Henvendelsen kom gennem Digital Post eller med MitID",
    "telefon": "Ringet op på det nummer, der står på beboeren",
    "fuldmagt": "Fuldmagt er set, og fuldmagtshaverens legitimation",
}

_FÆLLES: Final = {
    "identitet": "Vi kan ikke være sikre på, at det er dig, der spørger (databeskyttelsesforordningen art. 12, stk. 6)",
    "overdreven": "Anmodningen er åbenbart grundløs eller overdreven (art. 12, stk. 5)",
    "ikke_fundet": "Vi har ingen oplysninger om dig",
}
_SÆRLIGE: Final[dict[Slags, dict[str, str]]] = {
    Slags.INDSIGT: {
        "andre": "Det ville krænke andres rettigheder at give dig oplysningerne (art. 15, stk. 4)",
        "hensyn": "Afgørende hensyn til dig selv eller andre vejer tungere (databeskyttelsesloven § 22, stk. 1)",
    },
    Slags.RETTELSE: {
        "rigtigt": "Efter vores opfattelse er oplysningerne rigtige (art. 16); din egen bemærkning står ved siden af",
        "vurdering": "Det er en faglig vurdering, som ikke kan rettes; din egen bemærkning står ved siden af",
    },
    Slags.SLETNING: {
        "restancesag": "Du har en åben restancesag, og oplysningerne er stadig nødvendige (art. 17, stk. 1, litra a)",
        "retskrav": "Oplysningerne er nødvendige for et retskrav (art. 17, stk. 3, litra e)",
        "pligt": "Vi har pligt til at gemme oplysningerne (art. 17, stk. 3, litra b)",
        "nødvendige": "Oplysningerne er stadig nødvendige for det, de er indsamlet til (art. 17, stk. 1, litra a)",
    },
    Slags.BEGRÆNSNING: {"betingelser": "Betingelserne for begrænsning er ikke opfyldt (art. 18, stk. 1)"},
    Slags.DATAPORTABILITET: {
        "grundlag": "Oplysningerne behandles ikke på grundlag af samtykke eller en aftale (art. 20, stk. 1)"
    },
    Slags.INDSIGELSE: {
        "vægtige": "Vægtige legitime grunde til at bruge oplysningerne går forud for dine interesser (art. 21, stk. 1)",
        "retskrav": "Oplysningerne er nødvendige for et retskrav (art. 21, stk. 1)",
        "samtykke": "Vi bruger oplysningerne, fordi du har sagt ja. Det kan du altid trække tilbage (art. 7, stk. 3)",
        "pligt": "Vi har pligt efter loven til at bruge oplysningerne, så retten til indsigelse gælder ikke (art. 21)",
    },
}
AFSLAG: Final = {slags: {**_SÆRLIGE[slags], **_FÆLLES} for slags in Slags}
"""Why a request may be refused, by right: key to the sentence of the letter."""

OVERSTREGNING: Final = {
    "anden_person": "hensyn til en anden person (art. 15, stk. 4)",
    "anmelder": "hensyn til den, der har henvendt sig (art. 15, stk. 4)",
    "beboeren": "afgørende hensyn til dig selv (databeskyttelsesloven § 22, stk. 1)",
    "myndighed": "hensyn til det offentlige (databeskyttelsesloven § 22, stk. 2)",
}
"""Why words of a text are struck out."""

BEGRÆNSNINGSGRUNDE: Final = {  # told the resident as they stand
    "rigtighed": "Oplysningerne er måske forkerte, og det undersøges (art. 18, stk. 1, litra a)",
    "ulovlig": "Oplysningerne må ikke bruges, men skal efter ønske ikke slettes (art. 18, stk. 1, litra b)",
    "retskrav": "Oplysningerne skal efter ønske gemmes til brug for et retskrav (art. 18, stk. 1, litra c)",
    "indsigelse": "Der er gjort indsigelse, og den vurderes (art. 18, stk. 1, litra d)",
}

INDSIGELSE_UDFALD: Final = {
    "stopper": "En bestemt behandling stopper; resten går videre",
    "begrænses": "Al behandling stopper: oplysningerne gemmes, og ingen ændrer eller bruger dem (art. 18)",
}
"""What an objection that is upheld leads to; the third is erasure (art. 17(1)(c)), on its own page."""

GENÅBNING: Final = {
    "ikke fået": "Beboeren har ikke fået filen, eller den kan ikke åbnes",
    "spørgsmål": "Beboeren har spurgt om noget i det, der blev udleveret",
    "klage": "Der er klaget over svaret, og det skal undersøges",
    "tilsyn": "Datatilsynet eller en domstol har bedt om at se det udleverede",
}
"""Why what was handed out is opened again; the key stands in the trail."""
