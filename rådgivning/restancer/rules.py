"""The rules that a restancesag is reminded of: name, how it is counted, where it stands. Data, never legal advice.

Whether a påkrav or an ophævelse is valid is for the boligorganisation and the fogedret to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rådgivning.restancer import deadlines

PRAKSIS = "praksis, ingen lovfrist"


@dataclass(frozen=True)
class Regel:
    """One rule. `beregn` counts its day from the day that starts it; without one it is a thing to remember.

    `tekst` says how it is counted, `kilde` where the rule stands, as a page says it.
    """

    navn: str
    tekst: str
    kilde: str
    beregn: Callable[[date], date] | None = None


RETTIDIG = Regel(
    "Sidste rettidige dag",
    "Forfaldsdagen. Er den en lørdag, søndag, helligdag eller grundlovsdag, så næste hverdag.",
    "almenlejelovens § 44, stk. 2",
    deadlines.sidste_rettidige,
)
TIDLIGSTE_PÅKRAV = Regel(
    "Få fat i husstanden, før et påkrav kan komme",
    "Et påkrav kan tidligst komme dagen efter den 3. hverdag efter sidste rettidige dag. Lørdag tæller med som hverdag "
    "(UfR 2022.1586 V).",
    "almenlejelovens § 44, stk. 2, og § 90, stk. 2",
    deadlines.tidligste_påkrav,
)
SIDSTE_BETALING = Regel(
    "Sidste dag at betale",
    "14 dage efter, at påkravet er kommet frem. Alle dage tæller med (Østre Landsret 3. juli 2012), men ender fristen "
    "på en lørdag, søndag, helligdag eller grundlovsdag, flytter den til næste hverdag.",
    "almenlejelovens § 90, stk. 2: 14 dage efter, at påkravet er kommet frem",
    deadlines.sidste_betaling,
)
PÅKRAVETS_INDHOLD = Regel(
    "Påkravet skal være skriftligt",
    "Det skal sige udtrykkeligt, at lejemålet kan ophæves, hvis restancen ikke betales i tide. Gebyret reguleres hvert "
    "år og regnes ikke ud her.",
    "almenlejelovens § 90, stk. 2",
)
TIDLIGSTE_OPHÆVELSE = Regel(
    "Ophævelse kan tidligst komme",
    "Dagen efter sidste dag at betale.",
    "almenlejelovens § 90, stk. 1, nr. 1, og stk. 2",
    deadlines.tidligste_ophævelse,
)
OPHÆVELSER_VENTES = Regel(
    "Ophævelser går ud",
    "Omkring den 27. i måneden; derfra er der gerne omkring otte dage til at nå beboeren.",
    PRAKSIS,
    deadlines.ophævelser_ventes,
)
ENKELTYDELSE = Regel(
    "Hjælp til restancen",
    "Kommunen kan hjælpe med en enkeltudgift. Når udlejer har varslet udsættelse, kan den også give midlertidig "
    "huslejehjælp til den, der er udsættelsestruet på grund af restance. Søg med det samme.",
    "aktivlovens §§ 81 og 81 a",
)
FOGEDSAG_VENTES = Regel("Fogedsag kan ventes", "Omkring en uge efter ophævelsen.", PRAKSIS, deadlines.fogedsag_ventes)
KOMMUNEN_FÅR_BESKED = Regel(
    "Kommunen skal have besked",
    "Udlejer underretter kommunen skriftligt, med lejerens navn og adresse, senest samtidig med, at fogedretten bliver "
    "bedt om at sætte lejeren ud. (Det er ikke en underretning om et barn.)",
    "almenlejelovens § 92, stk. 2",
)
KOMMUNEN_SER_PÅ_HJÆLP = Regel(
    "Kommunen skal straks se på hjælp",
    "Når den får besked, og der er børn eller unge under 18 år i husstanden, eller den ved noget, der gør det "
    "sandsynligt, at der er behov for hjælp.",
    "retssikkerhedslovens § 5 a, stk. 1",
)
FOGEDMØDE = Regel(
    "Fogedmøde",
    "Fogedretten bestemmer tid og sted. Er dagen ukendt, så spørg næste hverdag.",
    "retsplejelovens kapitel 55, § 598, stk. 2, jf. § 491, stk. 1: dagen i indkaldelsen",
    deadlines.næste_hverdag,
)
UDSÆTTELSE = Regel(
    "Udsættelse berammet",
    "Fogedretten bestemmer dagen. Er den ukendt, så spørg næste hverdag.",
    "retsplejelovens kapitel 55, §§ 596-600: fogedrettens dag",
    deadlines.næste_hverdag,
)
KOMMUNENS_AFGØRELSE = Regel(
    "Kommunens afgørelse, hvis den ikke vil hjælpe",
    "Senest 14 dage efter fogedrettens besked om, at udsættelsen er gennemført. Afgørelsen kan påklages.",
    "retssikkerhedslovens § 5 a, stk. 2 og 4",
    deadlines.kommunens_afgørelse,
)

KILDER = {
    "Almenlejeloven": (
        "Lov om leje af almene boliger, lovbekendtgørelse nr. 928 af 4. september 2019 med ændringer: § 44 (rettidig "
        "betaling), § 90 (påkrav, og hvornår udlejer kan hæve lejeaftalen, i daglig tale ophæve) og § 92 (fraflytning "
        "og besked til kommunen)."
    ),
    "Retsplejeloven": "Kapitel 55, §§ 596-600: umiddelbare fogedforretninger.",
    "Retssikkerhedsloven": (
        "Lov om retssikkerhed og administration på det sociale område, § 5 a: kommunens pligt til at se på hjælp."
    ),
    "Aktivloven": "Lov om aktiv socialpolitik, §§ 81 og 81 a: enkeltudgifter og midlertidig huslejehjælp.",
    "Vejledning om kommunernes handlepligt og handlemuligheder (2016)": (
        "I forhold til udsættelsestruede eller udsatte lejere. Opfordrer alle kommuner til at have en strategi."
    ),
    "Ankestyrelsen: Støtte og rådgivning til udsættelsestruede lejere (2014)": (
        "Kommunerne får besked om næsten alle sager, men mange beboere svarer ikke på kommunens brev. Tæt samarbejde "
        "mellem kommune og boligorganisation virker."
    ),
    "Fagbladet Boligen (februar 2022)": "Om rådgivernes måned og dagene efter den 27.",
}
"""Where the rules were looked up, as the help page lists them."""
