"""How urgent a deadline is, in words. Pure functions of dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import Enum

from rådgivning.dansk import er_helligdag
from rådgivning.opgaver.tasks import Opgavelinje


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
    return Hast.DENNE_UGE if frist <= dag + timedelta(days=6 - dag.weekday()) else Hast.SENERE


def i_ord(frist: date, dag: date) -> str:
    """`i dag`, `i morgen`, `om 3 dage`, `2 dage over`."""
    dage = (frist - dag).days
    near = {0: "i dag", 1: "i morgen", -1: "1 dag over"}
    return near.get(dage) or (f"om {dage} dage" if dage > 0 else f"{-dage} dage over")


def udskudt(frist: date, dag: date, dage: int) -> date:
    """The deadline so many days later; one that has passed counts from today."""
    return max(frist, dag) + timedelta(days=dage)


def første_frist(dag: date) -> date:
    """What a new task is offered: a week from now, or the next working day after it."""
    frist = dag + timedelta(days=7)
    while frist.weekday() > 4 or er_helligdag(frist):
        frist += timedelta(days=1)
    return frist


def i_grupper(linjer: Iterable[Opgavelinje], dag: date) -> dict[Hast, list[Opgavelinje]]:
    """The tasks under each heading that has any, most urgent first."""
    groups: dict[Hast, list[Opgavelinje]] = {h: [] for h in Hast}
    for linje in linjer:
        groups[hast(linje.opgave.frist, dag)].append(linje)
    return {h: found for h, found in groups.items() if found}
