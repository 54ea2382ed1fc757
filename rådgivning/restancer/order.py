"""What is impossible about an event and is refused, and what is only unusual and is noted. Pure functions.

Phases may be jumped and events come late: an unusual order is written down as it was told, with a note that says what
to look at. Whether a step is valid is not for this program to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from rådgivning.restancer.deadlines import er_arbejdsdag, sidste_betaling, tidligste_påkrav
from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.phases import FASER, i_orden, regnes_fra


def umuligt(hændelse: Hændelse, i_dag: date) -> tuple[str, str] | None:
    """The field that cannot be right and why, in Danish; None for an event that can have happened."""
    h = hændelse
    if h.dato > i_dag and not FASER[h.fase].berammes:
        return "dato", "Datoen ligger i fremtiden."
    if h.fremme and h.fremme < h.dato:
        return "fremme", "Påkravet kan ikke være kommet frem, før det blev sendt."
    if h.fremme and h.fremme > i_dag:
        return "fremme", "Datoen ligger i fremtiden."
    if h.frist and h.frist < regnes_fra(h):
        return "frist", "Fristen kan ikke ligge før det, der er sket."
    return None


def sket_efter(hændelser: Sequence[Hændelse], slut: Hændelse) -> bool:
    """Whether something else happened on a later day than an event that closes the case."""
    return any(h.id != slut.id and not h.annulleret and h.dato > slut.dato for h in hændelser)


class Slags(StrEnum):
    """What is noted about an event."""

    SPRUNGET = "sprunget"
    TILBAGE = "tilbage"
    TIDLIGT_PÅKRAV = "tidligt_påkrav"
    TIDLIG_OPHÆVELSE = "tidlig_ophævelse"
    LUKKEDAG = "lukkedag"
    FREMME_UKENDT = "fremme_ukendt"


@dataclass(frozen=True)
class Bemærkning:
    """A note about an event: the day it speaks of, or the phases."""

    slags: Slags
    dag: date | None = None
    faser: tuple[str, ...] = ()


def bemærkninger(hændelser: Sequence[Hændelse]) -> Mapping[UUID, list[Bemærkning]]:
    """The notes of each event that has any, from the events that count."""
    found: dict[UUID, list[Bemærkning]] = {}
    før: list[Hændelse] = []
    for h in i_orden(hændelser):
        if notes := [*_order(h, før), *_days(h, før)]:
            found[h.id] = notes
        før = [] if FASER[h.fase].lukker else [*før, h]
    return found


def _order(h: Hændelse, før: Sequence[Hændelse]) -> list[Bemærkning]:
    """Unusual for what came before in this round; the first event of a round may be any."""
    fase = FASER[h.fase]
    if not før or not fase.efter:
        return []
    længst = max((FASER[f.fase] for f in før), key=lambda f: f.rang)
    if længst.rang > fase.rang:
        return [Bemærkning(Slags.TILBAGE, faser=(længst.nøgle,))]
    if fase.rang > 1 and not any(f.fase in (*fase.efter, h.fase) for f in før):
        return [Bemærkning(Slags.SPRUNGET, faser=fase.efter)]
    return []


def _days(h: Hændelse, før: Sequence[Hændelse]) -> list[Bemærkning]:
    """Days earlier than the rule allows, an arrival nobody wrote down, and a date on which nothing is open."""
    notes = []
    if h.fase == "påkrav":
        tidligst = [tidligste_påkrav(f.dato) for f in før if f.fase == "forfalden"][-1:]
        notes += [Bemærkning(Slags.TIDLIGT_PÅKRAV, dag) for dag in tidligst if h.dato < dag]
        if h.fremme is None and h.frist is None:
            notes.append(Bemærkning(Slags.FREMME_UKENDT, h.dato))
    if h.fase == "ophævet":
        sidste = [sidste_betaling(regnes_fra(f)) for f in før if f.fase == "påkrav"][-1:]
        notes += [Bemærkning(Slags.TIDLIG_OPHÆVELSE, dag) for dag in sidste if h.dato <= dag]
    if h.frist and not er_arbejdsdag(h.frist):
        notes.append(Bemærkning(Slags.LUKKEDAG, h.frist))
    return notes
