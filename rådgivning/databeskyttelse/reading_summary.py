"""Reading told by resident, by user, by day or by kind: who was read how often, by how many, and when last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rådgivning.database import COPENHAGEN
from rådgivning.databeskyttelse.readings import Læsning

PÅ_EN_SIDE = 50


class Efter(StrEnum):
    """What the readings are gathered by."""

    BEBOER = "beboer"
    BRUGER = "bruger"
    DAG = "dag"
    SLAGS = "slags"


class Orden(StrEnum):
    """The order of the rows."""

    FLEST = "flest"
    SENEST = "senest"
    NØGLE = "nøgle"


@dataclass
class Række:
    """One resident, user, day or kind. `gange`: how often it was read; a list counts each resident in it once."""

    nøgle: str
    gange: int = 0
    beboere: set[str] = field(default_factory=set)
    brugere: set[str] = field(default_factory=set)
    sidste: datetime | None = None


def saml(læsninger: Iterable[Læsning], efter: Efter) -> list[Række]:
    """Gather what was read; what was written is left out."""
    rows: dict[str, Række] = {}
    keys = _KEYS[efter]
    for læsning in læsninger:
        if læsning.skrev:
            continue
        for key in keys(læsning):
            row = rows.setdefault(key, Række(key))
            row.gange += 1 if efter == Efter.BEBOER else len(læsning.beboere)
            row.beboere.update(læsning.beboere if efter != Efter.BEBOER else (key,))
            row.brugere.add(læsning.bruger)
            row.sidste = læsning.tidspunkt
    return list(rows.values())


_KEYS: Mapping[Efter, Callable[[Læsning], Sequence[str]]] = {
    Efter.BEBOER: lambda læsning: læsning.beboere,
    Efter.BRUGER: lambda læsning: (læsning.bruger,),
    Efter.DAG: lambda læsning: (læsning.tidspunkt.astimezone(COPENHAGEN).date().isoformat(),),
    Efter.SLAGS: lambda læsning: (læsning.genstand,),
}


def side(rows: Sequence[Række], orden: Orden, efter_nøgle: str = "") -> tuple[list[Række], str]:
    """One page of the rows, beginning after the row of a key, and the key to go on from ("" on the last page)."""
    if orden == Orden.NØGLE:
        ordered = sorted(rows, key=lambda row: row.nøgle)
    elif orden == Orden.SENEST:
        ordered = sorted(rows, key=lambda row: (row.sidste or datetime.min.replace(tzinfo=COPENHAGEN), row.nøgle))[::-1]
    else:
        ordered = sorted(rows, key=lambda row: (-row.gange, row.nøgle))
    start = next((at + 1 for at, row in enumerate(ordered) if row.nøgle == efter_nøgle), 0)
    page = ordered[start : start + PÅ_EN_SIDE]
    return page, page[-1].nøgle if len(ordered) > start + PÅ_EN_SIDE else ""
