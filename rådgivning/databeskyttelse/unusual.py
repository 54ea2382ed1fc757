"""Reading that somebody should look at: rules with fixed thresholds, each with its reason in plain words and numbers.

A finding is a question, not a charge: a stand-in, an event on a Saturday or a long list in the morning looks the same.
The thresholds stand in docs/drift.md; a test compares.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final

from rådgivning.dansk import dato, er_helligdag, tal, tidspunkt
from rådgivning.database import COPENHAGEN
from rådgivning.databeskyttelse.readings import Billede, Time

VANE: Final = timedelta(days=90)
"""How far back from the first day looked at a user's own habit is taken."""
VANE_DAGE: Final = 5
MANGE_DAG, MANGE_TIME, GANGE = 40, 20, 3
NAT: Final = (time(22), time(6))
NAT_MINDST, FRIDAG_MINDST = 1, 5
UDENFOR_MINDST, SAMME_TIMER = 10, 5
SKIM_LISTER, SKIM_VIST = 10, 150
FØR_SPÆRRET: Final = timedelta(hours=24)

TITLER: Final[Mapping[str, str]] = {
    "egen": "Eget navn eller egen adresse",
    "dag": "Mange beboere på en dag",
    "time": "Mange beboere på en time",
    "søgning": "Gennemgang af søgeresultater",
    "nat": "Læst om natten",
    "fridag": "Læst i weekend eller på helligdag",
    "udenfor": "Beboere uden for egne sager",
    "samme": "Samme beboer igen og igen",
    "spærret": "Læst lige før brugeren blev spærret",
}
REGLER: Final[Mapping[str, str]] = {
    "egen": (
        "en beboer, der har brugerens eget navn eller bor på brugerens egen adresse, er åbnet. Programmet sammenligner "
        "selv; adressen kræver, at den er skrevet under brugeren"
    ),
    "dag": f"mindst {MANGE_DAG} beboere åbnet enkeltvis på en dag, og mindst {GANGE} gange brugerens egen vane",
    "time": f"mindst {MANGE_TIME} på en time, og mindst {GANGE} gange brugerens egen travleste time",
    "søgning": f"mindst {SKIM_LISTER} søgninger eller lister på en time, som viste mindst {SKIM_VIST} beboere",
    "nat": f"mindst {NAT_MINDST} beboer åbnet mellem kl. {NAT[0]:%H} og {NAT[1]:%H}",
    "fridag": f"mindst {FRIDAG_MINDST} beboere åbnet på en lørdag, søndag eller helligdag",
    "udenfor": (f"mindst {UDENFOR_MINDST} beboere på en dag, og over halvdelen af dagens, som ikke er brugerens egne"),
    "samme": f"en sådan beboer åbnet i mindst {SAMME_TIMER} forskellige timer",
    "spærret": f"noget læst i de sidste {FØR_SPÆRRET // timedelta(hours=1)} timer, før brugeren blev spærret",
}
"""The rules as they are told; the habit is the median of the foregoing VANE days, when there are VANE_DAGE of them."""


@dataclass(frozen=True)
class Fund:
    """One thing to look at: whose, when, why, and the numbers behind. `nr` is the last entry it rests on.

    `nøgle` is the same each time it is found, so that what was looked at can be recognised.
    """

    slags: str
    bruger: str
    fra: datetime
    til: datetime
    nr: int
    forklaring: str
    tal: tuple[tuple[str, int], ...]
    beboere: tuple[str, ...] = ()
    om: str = ""

    @property
    def titel(self) -> str:
        """The heading of its kind."""
        return TITLER[self.slags]

    @property
    def nøgle(self) -> str:
        """Recognises the finding, whatever is read later in the same span."""
        about = self.om or self.fra.astimezone(COPENHAGEN).date().isoformat()
        return hashlib.sha256(f"{self.slags}:{self.bruger}:{about}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Kendt:
    """What is known of a user beside the trail: which residents are hers, and when she was shut out."""

    egne: Collection[str] = ()
    spærret: datetime | None = None
    hjemme: Collection[str] = ()


def find_usædvanligt(billeder: Mapping[str, Billede], fra: datetime, kendte: Mapping[str, Kendt]) -> list[Fund]:
    """Every finding from `fra` on, newest first. `billeder` reach back by VANE, so that each user has a habit."""
    found: list[Fund] = []
    for bruger, billede in billeder.items():
        for rule in RULES:
            found += rule(_Sag(bruger, billede, fra, kendte.get(bruger, Kendt())))
    return sorted(found, key=lambda fund: (fund.til, fund.nr, fund.slags), reverse=True)


class _Sag:
    """One user under the rules: her hours in the span, her days, and her habit before it."""

    def __init__(self, bruger: str, billede: Billede, fra: datetime, kendt: Kendt) -> None:
        self.bruger, self.kendt = bruger, kendt
        self.relation = set(kendt.egne)
        self.timer = {hour: one for hour, one in billede.timer.items() if hour >= fra}
        self.dage = _days(self.timer)
        before = {hour: one for hour, one in billede.timer.items() if hour < fra}
        days = {day: len(_together(hours)) for day, hours in _days(before).items()}
        busiest = [max(len(hour.ene) for hour in hours) for hours in _days(before).values()]
        self.vane_dag = median(days.values()) if len(days) >= VANE_DAGE else 0
        self.vane_time = median(busiest) if len(busiest) >= VANE_DAGE else 0

    def fund(
        self,
        slags: str,
        hours: Iterable[Time],
        forklaring: str,
        beboere: Iterable[str],
        numbers: Mapping[str, float],
        om: str = "",
    ) -> Fund:
        """A finding over some hours, with the numbers behind it."""
        part = list(hours)
        return Fund(
            slags,
            self.bruger,
            min(hour.første for hour in part),
            max(hour.sidste for hour in part),
            max(hour.nr for hour in part),
            forklaring,
            tuple((name, round(number)) for name, number in numbers.items()),
            tuple(sorted(beboere)),
            om,
        )


def _days(timer: Mapping[datetime, Time]) -> dict[date, list[Time]]:
    days: dict[date, list[Time]] = defaultdict(list)
    for hour, one in timer.items():
        days[hour.date()].append(one)
    return days


def _together(hours: Iterable[Time]) -> set[str]:
    return {beboer for hour in hours for beboer in hour.ene}


def _many_a_day(sag: _Sag) -> Iterator[Fund]:
    limit = max(MANGE_DAG, GANGE * sag.vane_dag)
    for hours in sag.dage.values():
        seen = _together(hours)
        if len(seen) >= limit:
            text = f"{_beboere(len(seen))} er åbnet enkeltvis på én dag. {_habit(sag.vane_dag, 'dag')}"
            numbers = {"beboere": len(seen), "brugerens vane": sag.vane_dag, "grænse": limit}
            yield sag.fund("dag", hours, text, seen, numbers)


def _many_an_hour(sag: _Sag) -> Iterator[Fund]:
    limit = max(MANGE_TIME, GANGE * sag.vane_time)
    for start, hour in sag.timer.items():
        if len(hour.ene) >= limit:
            text = f"{_beboere(len(hour.ene))} er åbnet enkeltvis på én time. {_habit(sag.vane_time, 'travleste time')}"
            numbers = {"beboere": len(hour.ene), "brugerens vane": sag.vane_time, "grænse": limit}
            yield sag.fund("time", [hour], text, hour.ene, numbers, start.isoformat())


def _habit(usual: float, what: str) -> str:
    if not usual:
        return "Brugeren har ikke brugt programmet længe nok til at have en vane at sammenligne med."
    return f"Brugerens egen {what} de foregående {VANE.days} dage er {tal(round(usual))} (medianen)."


def _sweeping(sag: _Sag) -> Iterator[Fund]:
    for start, hour in sag.timer.items():
        if hour.lister >= SKIM_LISTER and len(hour.vist) >= SKIM_VIST:
            text = (
                f"{tal(hour.lister)} søgninger og lister på én time viste {_beboere(len(hour.vist))}: som når nogen "
                "bladrer alle igennem i stedet for at slå én op."
            )
            numbers = {"beboere": len(hour.vist), "søgninger og lister": hour.lister}
            yield sag.fund("søgning", [hour], text, hour.vist, numbers, start.isoformat())


def _at_night(sag: _Sag) -> Iterator[Fund]:
    late, early = NAT
    nights: dict[date, list[Time]] = defaultdict(list)
    for start, hour in sag.timer.items():
        if start.time() >= late or start.time() < early:
            nights[(start - timedelta(hours=early.hour)).date()].append(hour)
    for night, hours in nights.items():
        seen = _together(hours)
        if len(seen) >= NAT_MINDST:
            text = f"{_beboere(len(seen))} er åbnet mellem kl. {late:%H} og {early:%H}."
            yield sag.fund("nat", hours, text, seen, {"beboere": len(seen)}, night.isoformat())


def _days_off(sag: _Sag) -> Iterator[Fund]:
    for day, hours in sag.dage.items():
        seen = _together(hours)
        if (day.weekday() >= 5 or er_helligdag(day)) and len(seen) >= FRIDAG_MINDST:
            what = "en helligdag" if er_helligdag(day) else "en lørdag" if day.weekday() == 5 else "en søndag"
            yield sag.fund("fridag", hours, f"{_beboere(len(seen))} er åbnet på {what}.", seen, {"beboere": len(seen)})


def _outside_own_cases(sag: _Sag) -> Iterator[Fund]:
    for day, hours in sag.dage.items():
        seen = _together(hours)
        strange = seen - sag.relation
        if len(strange) >= UDENFOR_MINDST and 2 * len(strange) > len(seen):
            whose = f"{_beboere(len(strange))}, som ikke er brugerens egne"
            text = (
                f"{whose}, er åbnet {dato(day)}. Fælles vagt ser sådan ud. "
                "At have skrevet en opgave eller en kontakt gør ikke beboeren til brugerens."
            )
            yield sag.fund("udenfor", hours, text, strange, {"beboere": len(strange), "åbnet i alt": len(seen)})


def _the_same_again(sag: _Sag) -> Iterator[Fund]:
    hours_of: dict[str, list[Time]] = defaultdict(list)
    for hour in sag.timer.values():
        for beboer in hour.ene - sag.relation:
            hours_of[beboer].append(hour)
    for beboer, hours in hours_of.items():
        if len(hours) >= SAMME_TIMER:
            text = "Den samme beboer er åbnet gang på gang af en, hvis beboer det ikke er, skrevet om hende eller ej."
            yield sag.fund("samme", hours, text, [beboer], {"forskellige timer": len(hours)}, beboer)


def _before_the_end(sag: _Sag) -> Iterator[Fund]:
    end = sag.kendt.spærret
    if end is None:
        return
    hours = [hour for hour in sag.timer.values() if end - FØR_SPÆRRET <= hour.sidste and hour.første <= end]
    seen = _together(hours) | {beboer for hour in hours for beboer in hour.vist}
    if seen:
        text = f"{_beboere(len(seen))} er læst i det sidste døgn, før brugeren blev spærret {tidspunkt(end)}."
        yield sag.fund("spærret", hours, text, seen, {"beboere": len(seen)}, end.isoformat())


def _at_home(sag: _Sag) -> Iterator[Fund]:
    for beboer in sag.kendt.hjemme:
        hours = [hour for hour in sag.timer.values() if beboer in hour.ene]
        if hours:
            text = (
                "Brugeren har åbnet en beboer med sit eget navn eller på sin egen adresse. Programmet har selv "
                "sammenlignet; navn og adresse står ikke i sporet."
            )
            yield sag.fund("egen", hours, text, [beboer], {"forskellige timer": len(hours)}, beboer)


def _beboere(antal: int) -> str:
    return f"{tal(antal)} {'beboer' if antal == 1 else 'beboere'}"


RULES: Final[tuple[Callable[[_Sag], Iterator[Fund]], ...]] = (
    _at_home,
    _many_a_day,
    _many_an_hour,
    _sweeping,
    _at_night,
    _days_off,
    _outside_own_cases,
    _the_same_again,
    _before_the_end,
)


def læste_enkeltvis(billeder: Mapping[str, Billede], fra: datetime) -> dict[str, set[uuid.UUID]]:
    """Whom each user has opened one at a time from `fra` on."""
    return {
        bruger: {uuid.UUID(b) for hour, one in billede.timer.items() if hour >= fra for b in one.ene}
        for bruger, billede in billeder.items()
    }
