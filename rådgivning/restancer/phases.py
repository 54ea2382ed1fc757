"""The road of a restancesag as data: which phases there are, what deadline each starts, and by which rule.

State is always derived from the events and is the same in whatever order they were written down. The dates are
reminders, never legal advice: whether a påkrav or an ophævelse is valid is for the boligorganisation and the fogedret.

Sources: almenlejeloven § 44 (timely payment), § 90, stk. 1, nr. 1 and stk. 2 (påkrav and the 14 days), retsplejeloven
kap. 55 (fogedsag), almenlejeloven § 92, stk. 2 (notice to the kommune at the latest together with the request to the
fogedret). Saturdays count among the three hverdage (UfR 2022.1586 V); the 14 days are calendar days (ØLK 3 July 2012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rådgivning.dansk import er_helligdag
from rådgivning.restancer.models import Hændelse

DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


def _is_hverdag(day: date) -> bool:
    """Monday to Saturday, unless it is a helligdag."""
    return day.weekday() != SUNDAY and not er_helligdag(day)


def _moved(day: date) -> date:
    """The day itself, or the first one after it that is no Saturday, Sunday, helligdag or grundlovsdag."""
    while not _is_hverdag(day) or day.weekday() == SATURDAY or (day.month, day.day) == (6, 5):
        day += DAY
    return day


def sidste_rettidige(forfaldsdag: date) -> date:
    """The last day on which rent due on `forfaldsdag` is paid in time (almenlejeloven § 44, stk. 2)."""
    return _moved(forfaldsdag)


def tidligste_påkrav(forfaldsdag: date) -> date:
    """The first day for a påkrav: after the third hverdag after the last timely day (almenlejeloven § 90, stk. 2)."""
    day = sidste_rettidige(forfaldsdag)
    for _hverdag in range(4):
        day += DAY
        while not _is_hverdag(day):
            day += DAY
    return day


def sidste_betaling(påkrav_fremme: date) -> date:
    """The last day to pay after a påkrav that arrived on this day: 14 calendar days, moved over weekend, helligdag and
    grundlovsdag (almenlejeloven § 90, stk. 2)."""
    return _moved(påkrav_fremme + 14 * DAY)


def fogedsag_ventes(ophævet: date) -> date:
    """When a request to the fogedret can be expected: about a week after the ophævelse. Practice, not law."""
    return _moved(ophævet + 7 * DAY)


def næste_hverdag(day: date) -> date:
    """The next working day."""
    return _moved(day + DAY)


@dataclass(frozen=True)
class Fase:
    """One phase. `beregn` gives its next deadline from the day of the event; one named in the letter wins over it.

    `berammes`: the event is an appointment, so a coming date is its deadline and not the day it happened.
    `frist_navn` and `regel` are what the page says about the deadline; without a rule it is practice.
    """

    nøgle: str
    rang: int
    lukker: bool = False
    berammes: bool = False
    beregn: Callable[[date], date] | None = None
    frist_navn: str = ""
    regel: str = ""


FASER = {
    fase.nøgle: fase
    for fase in (
        Fase(
            "forfalden",
            0,
            beregn=tidligste_påkrav,
            frist_navn="Påkrav kan tidligst komme",
            regel="almenlejelovens § 44, stk. 2, og § 90, stk. 2",
        ),
        Fase(
            "påkrav",
            1,
            beregn=sidste_betaling,
            frist_navn="Sidste dag at betale",
            regel="almenlejelovens § 90, stk. 2: 14 dage efter, at påkravet er kommet frem",
        ),
        Fase("ophævet", 2, beregn=fogedsag_ventes, frist_navn="Fogedsag kan ventes", regel="praksis, ingen lovfrist"),
        Fase(
            "fogedsag",
            3,
            berammes=True,
            beregn=næste_hverdag,
            frist_navn="Fogedmøde",
            regel="dagen i indkaldelsen; er den ukendt, så spørg næste hverdag",
        ),
        Fase(
            "udsættelse_berammet",
            4,
            berammes=True,
            beregn=næste_hverdag,
            frist_navn="Udsættelse berammet",
            regel="fogedrettens dag; er den ukendt, så spørg næste hverdag",
        ),
        Fase("udsat", 5, lukker=True),
        Fase("afværget", 5, lukker=True),
        Fase("lukket", 5, lukker=True),
    )
}
VEJEN = tuple(fase for fase in FASER.values() if not fase.lukker)
BOLIGEN_REDDET = frozenset({"betalt", "betalingsaftale", "enkeltydelse", "genhusning"})


@dataclass(frozen=True)
class Tilstand:
    """Where a case stands. `nået` is the furthest phase of the road; `lukket` and `udfald` only when it is closed."""

    fase: str
    nået: str
    frist: date | None = None
    frist_er_oplyst: bool = False
    lukket: date | None = None
    udfald: str = ""


def tilstand(hændelser: Sequence[Hændelse]) -> Tilstand:
    """The state that the events add up to; annulled ones count for nothing.

    A closing event closes the case until something happens on a later day, which opens it again.
    """
    gyldige = sorted((h for h in hændelser if not h.annulleret), key=lambda h: (h.dato, h.registreret, str(h.id)))
    lukkende = [h for h in gyldige if FASER[h.fase].lukker]
    vejen = [h for h in gyldige if not FASER[h.fase].lukker]
    sidste = lukkende[-1] if lukkende else None
    senere = [h for h in vejen if sidste is not None and h.dato > sidste.dato]
    if sidste is not None and not senere:
        return _closed(sidste, _furthest(vejen))
    gældende = senere or vejen
    if not gældende:
        return Tilstand("forfalden", "forfalden")
    fase = FASER[max(gældende, key=lambda h: FASER[h.fase].rang).fase]
    seneste = [h for h in gældende if h.fase == fase.nøgle][-1]
    frist = seneste.frist or (fase.beregn(seneste.dato) if fase.beregn else None)
    return Tilstand(fase.nøgle, _furthest(vejen).nøgle, frist, seneste.frist is not None)


def _furthest(vejen: Sequence[Hændelse]) -> Fase:
    return max((FASER[h.fase] for h in vejen), key=lambda fase: fase.rang, default=VEJEN[0])


def _closed(slut: Hændelse, nået: Fase) -> Tilstand:
    """How a closing event leaves the case. Who moved out after an ophævelse is counted as that, whichever of the two
    was chosen, and had an ophævelse, also when nobody wrote it down."""
    udfald = slut.udfald or ("udsat" if slut.fase == "udsat" else "andet")
    if udfald == "fraflyttet" and nået.rang >= FASER["ophævet"].rang:
        udfald = "fraflyttet_efter_ophævelse"
    if udfald == "fraflyttet_efter_ophævelse":
        nået = max(nået, FASER["ophævet"], key=lambda fase: fase.rang)
    fase = lukkefase(udfald, nået.nøgle)
    return Tilstand(fase, "udsat" if fase == "udsat" else nået.nøgle, lukket=slut.dato, udfald=udfald)


def lukkefase(udfald: str, nået: str) -> str:
    """The phase a case ends in: a udsættelse is `udsat`; it is `afværget` when the case had come as far as ophævet and
    the household kept or got a home. Who moved out after the ophævelse is neither."""
    if udfald == "udsat":
        return "udsat"
    ophævet = FASER[nået].rang >= FASER["ophævet"].rang
    return "afværget" if ophævet and udfald in BOLIGEN_REDDET else "lukket"
