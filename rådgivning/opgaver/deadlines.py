"""How urgent a deadline is, in words. Pure functions of dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from rådgivning.opgaver.recurring import arbejdsdag

UGEDAGE = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")


class Hast(Enum):
    """Label, and the kind of mark it is shown with."""

    OVERSKREDET = ("Overskredet", "fejl")
    I_DAG = ("I dag", "advarsel")
    DENNE_UGE = ("Denne uge", "info")
    SENERE = ("Senere", "neutral")

    @property
    def etiket(self) -> str:
        """What people read."""
        return self.value[0]

    @property
    def slags(self) -> str:
        """The mark's kind, see docs/udseende.md."""
        return self.value[1]


def hast(frist: date, dag: date) -> Hast:
    """How a deadline stands on a day; the week ends on Sunday."""
    if frist < dag:
        return Hast.OVERSKREDET
    if frist == dag:
        return Hast.I_DAG
    return Hast.DENNE_UGE if frist <= ugens_slutning(dag) else Hast.SENERE


def ugens_slutning(dag: date) -> date:
    """The Sunday of a day's week."""
    return dag + timedelta(days=6 - dag.weekday())


def i_ord(frist: date, dag: date) -> str:
    """`i dag`, `i morgen`, `om 3 dage`, `2 dage over`."""
    dage = (frist - dag).days
    near = {0: "i dag", 1: "i morgen", -1: "1 dag over"}
    return near.get(dage) or (f"om {dage} dage" if dage > 0 else f"{-dage} dage over")


@dataclass(frozen=True)
class Udsættelse:
    """A button that moves a deadline: what it says, and to which day."""

    tekst: str
    frist: date


def udsættelser(frist: date, dag: date) -> list[Udsættelse]:
    """The two days a task can be put off to with one tap, working days both; a missed deadline counts from today."""
    base = max(frist, dag)
    næste, uge = arbejdsdag(base + timedelta(days=1)), arbejdsdag(base + timedelta(days=7))
    if base > dag:
        return [Udsættelse("Én dag senere", næste), Udsættelse("Én uge senere", uge)]
    tomorrow = "I morgen" if næste == dag + timedelta(days=1) else f"På {UGEDAGE[næste.weekday()]}"
    return [Udsættelse(tomorrow, næste), Udsættelse("Om en uge", uge)]


def første_frist(dag: date) -> date:
    """What a new task is offered: a week from now, or the next working day after it."""
    return arbejdsdag(dag + timedelta(days=7))
