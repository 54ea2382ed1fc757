"""The road of a restancesag as one table: phases, ends, what each event needs and which deadline it starts.

Code, help page (`/hjælp/restancer`) and tests read this table; the rules and their paragraphs are in `rules.py`, the
counting of days in `deadlines.py`. State is always derived from the events and is the same in whatever order they
were written down. Phases may be jumped: a case is often heard of late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rådgivning.restancer import rules
from rådgivning.restancer.deadlines import arbejdsdag, at_handle_på, skrevet
from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.rules import Regel


@dataclass(frozen=True)
class Fase:
    """One phase. `starter` is the deadline that its event starts; a date named in the letter wins over it.

    `dag` says which day the event's date is, `efter` which phases usually come before (none: it may come first),
    `kræver` which fields an event has beside who wrote it down. `berammes`: the event is an appointment, so a coming
    date is its deadline and not the day it happened. `husk` are dates and things to remember while the case is here.
    """

    nøgle: str
    rang: int
    dag: str
    efter: tuple[str, ...] = ()
    kræver: tuple[str, ...] = ("dato", "kilde")
    starter: Regel | None = None
    husk: tuple[Regel, ...] = ()
    berammes: bool = False
    lukker: bool = False

    @property
    def beregn(self) -> Callable[[date], date] | None:
        """How the deadline is counted from the day that starts it."""
        return self.starter.beregn if self.starter else None

    @property
    def frist_navn(self) -> str:
        """What the deadline is called."""
        return self.starter.navn if self.starter else ""

    @property
    def regel(self) -> str:
        """Where the rule of the deadline stands."""
        return self.starter.kilde if self.starter else ""


FASER = {
    fase.nøgle: fase
    for fase in (
        Fase(
            "forfalden",
            0,
            "Dagen, huslejen skulle være betalt (forfaldsdagen).",
            starter=rules.TIDLIGSTE_PÅKRAV,
            husk=(rules.RETTIDIG,),
        ),
        Fase(
            "påkrav",
            1,
            "Dagen, påkravet blev sendt; for sig dagen, det kom frem, som de 14 dage regnes fra.",
            ("forfalden",),
            ("dato", "fremme", "kilde"),
            rules.SIDSTE_BETALING,
            (rules.PÅKRAVETS_INDHOLD, rules.TIDLIGSTE_OPHÆVELSE, rules.OPHÆVELSER_VENTES, rules.ENKELTYDELSE),
        ),
        Fase(
            "ophævet",
            2,
            "Dagen, ophævelsen blev sendt.",
            ("påkrav",),
            starter=rules.FOGEDSAG_VENTES,
            husk=(rules.ENKELTYDELSE, rules.KOMMUNEN_FÅR_BESKED),
        ),
        Fase(
            "fogedsag",
            3,
            "Dagen, sagen blev kendt; mødet er datoen i brevet.",
            ("ophævet",),
            ("dato", "frist", "kilde"),
            rules.FOGEDMØDE,
            (rules.KOMMUNEN_FÅR_BESKED, rules.KOMMUNEN_SER_PÅ_HJÆLP, rules.ENKELTYDELSE),
            berammes=True,
        ),
        Fase(
            "udsættelse_berammet",
            4,
            "Dagen, det blev kendt; udsættelsen er datoen i brevet.",
            ("fogedsag",),
            ("dato", "frist", "kilde"),
            rules.UDSÆTTELSE,
            (rules.KOMMUNEN_SER_PÅ_HJÆLP, rules.ENKELTYDELSE),
            berammes=True,
        ),
        Fase(
            "udsat",
            5,
            "Dagen, fogeden gennemførte udsættelsen: den tælles i det år.",
            ("fogedsag", "udsættelse_berammet"),
            ("dato", "udfald", "kilde"),
            husk=(rules.KOMMUNENS_AFGØRELSE,),
            lukker=True,
        ),
        Fase(
            "afværget",
            5,
            "Dagen, sagen endte, uden at boligen gik tabt.",
            ("ophævet", "fogedsag", "udsættelse_berammet"),
            ("dato", "udfald", "kilde"),
            lukker=True,
        ),
        Fase("lukket", 5, "Dagen, sagen endte.", kræver=("dato", "udfald", "kilde"), lukker=True),
    )
}
VEJEN = tuple(fase for fase in FASER.values() if not fase.lukker)
OPHÆVET = FASER["ophævet"].rang


@dataclass(frozen=True)
class Ende:
    """A way a case can end: an outcome of the plan's list, whether the household has a home, and how it is counted."""

    udfald: str
    boligen_reddet: bool
    tælles: str


_REDDET = "Afværget, når sagen var kommet til ophævelsen eller længere; ellers lukket tidligt."
ENDER = (
    Ende("betalt", True, _REDDET),
    Ende("betalingsaftale", True, _REDDET),
    Ende("enkeltydelse", True, _REDDET),
    Ende("genhusning", True, _REDDET),
    Ende("fraflyttet", False, "For sig selv; efter en ophævelse som fraflyttet efter ophævelse."),
    Ende("fraflyttet_efter_ophævelse", False, "For sig selv: hverken afværget eller en udsættelse."),
    Ende("udsat", False, "En udsættelse, i det kalenderår og den afdeling, hvor fogeden gennemførte den."),
    Ende("andet", False, "Lukket."),
)
BOLIGEN_REDDET = frozenset(ende.udfald for ende in ENDER if ende.boligen_reddet)


@dataclass(frozen=True)
class Tilstand:
    """Where a case stands. `nået` is the furthest phase of the road; `lukket` and `udfald` only when it is closed.

    `lovfrist` is what the rule alone gives. `frist` is the date to act on: the one named in the letter as it stands
    there, else the working day of the rule's, which was never in the past when the event was written down. A deadline
    is overdue from the day after it.
    """

    fase: str
    nået: str
    frist: date | None = None
    frist_er_oplyst: bool = False
    lukket: date | None = None
    udfald: str = ""
    lovfrist: date | None = None
    gældende: Hændelse | None = None

    @property
    def skrevet_sent(self) -> bool:
        """Whether the rule's day had passed already when the event was written down."""
        return not self.frist_er_oplyst and bool(
            self.lovfrist and self.frist and self.frist > arbejdsdag(self.lovfrist)
        )


def regnes_fra(hændelse: Hændelse) -> date:
    """The day that starts the deadline: the day a påkrav arrived when it is known, else the event's own."""
    return hændelse.fremme or hændelse.dato


def ordnet(hændelse: Hændelse) -> Hændelse:
    """The event as it is kept: an appointment with a coming date alone means that date and was made known on the day
    it was written down; only a påkrav arrives."""
    fase, dag = FASER[hændelse.fase], skrevet(hændelse.registreret)
    ændret: dict[str, object] = {}
    if fase.berammes and hændelse.dato > dag:
        ændret = {"frist": hændelse.frist or hændelse.dato, "dato": dag}
    if hændelse.fremme and "fremme" not in fase.kræver:
        ændret["fremme"] = None
    return hændelse.model_copy(update=ændret) if ændret else hændelse


def i_orden(hændelser: Sequence[Hændelse]) -> list[Hændelse]:
    """The events that count, by day, and those of one day as they were written down."""
    return sorted((h for h in hændelser if not h.annulleret), key=lambda h: (h.dato, h.registreret, str(h.id)))


def tilstand(hændelser: Sequence[Hændelse]) -> Tilstand:
    """The state that the events add up to; annulled ones count for nothing.

    A closing event closes the case until something happens on a later day, which opens it again.
    """
    gyldige = i_orden(hændelser)
    lukkende = [h for h in gyldige if FASER[h.fase].lukker]
    vejen = [h for h in gyldige if not FASER[h.fase].lukker]
    sidste = lukkende[-1] if lukkende else None
    senere = [h for h in vejen if sidste is not None and h.dato > sidste.dato]
    if sidste is not None and not senere:
        return _closed(sidste, _furthest(vejen))
    aktuelle = senere or vejen
    if not aktuelle:
        return Tilstand("forfalden", "forfalden")
    fase = FASER[max(aktuelle, key=lambda h: FASER[h.fase].rang).fase]
    seneste = [h for h in aktuelle if h.fase == fase.nøgle][-1]
    lovfrist = fase.beregn(regnes_fra(seneste)) if fase.beregn else None
    beregnet = at_handle_på(lovfrist, skrevet(seneste.registreret)) if lovfrist else None
    return Tilstand(
        fase.nøgle,
        _furthest(vejen).nøgle,
        seneste.frist or beregnet,
        seneste.frist is not None,
        lovfrist=lovfrist,
        gældende=seneste,
    )


def _furthest(vejen: Sequence[Hændelse]) -> Fase:
    return max((FASER[h.fase] for h in vejen), key=lambda fase: fase.rang, default=VEJEN[0])


def _closed(slut: Hændelse, nået: Fase) -> Tilstand:
    """How a closing event leaves the case. Who moved out after an ophævelse is counted as that, whichever of the two
    was chosen, and had an ophævelse, also when nobody wrote it down."""
    udfald = slut.udfald or ("udsat" if slut.fase == "udsat" else "andet")
    if udfald == "fraflyttet" and nået.rang >= OPHÆVET:
        udfald = "fraflyttet_efter_ophævelse"
    if udfald == "fraflyttet_efter_ophævelse":
        nået = max(nået, FASER["ophævet"], key=lambda fase: fase.rang)
    fase = lukkefase(udfald, nået.nøgle)
    return Tilstand(fase, "udsat" if fase == "udsat" else nået.nøgle, lukket=slut.dato, udfald=udfald, gældende=slut)


def lukkefase(udfald: str, nået: str) -> str:
    """The phase a case ends in: a udsættelse is `udsat`; it is `afværget` when the case had come as far as ophævet and
    the household kept or got a home. Who moved out after the ophævelse is neither."""
    if udfald == "udsat":
        return "udsat"
    return "afværget" if FASER[nået].rang >= OPHÆVET and udfald in BOLIGEN_REDDET else "lukket"


def huskeliste(stand: Tilstand) -> list[tuple[Regel, date | None]]:
    """What to remember where the case stands: each rule of the phase with its day, when it has one."""
    if stand.gældende is None:
        return []
    dag = regnes_fra(stand.gældende)
    return [(regel, regel.beregn(dag) if regel.beregn else None) for regel in FASER[stand.fase].husk]
