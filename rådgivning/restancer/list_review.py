"""What a restance list would do, held against its sender's cases before anything is done. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from rådgivning.beboere.households import nøgle
from rådgivning.dansk import fold
from rådgivning.restancer.list_matching import (
    Fund,
    Kendt,
    Sager,
    egne_lister,
    frosne_sager,
    ikke_gjort,
    kendte_sager,
    sidst_sagt,
    valgt,
)
from rådgivning.restancer.list_rows import Kontrolleret
from rådgivning.restancer.models import Listefejl

VENTER = "Rækken kan passe på flere sager. Vælg på siden, hvilken sag den er, eller ret lejemålets nummer."


@dataclass
class Gennemgang:
    """What a list would do, in the order of the file, and the sender's cases that are not on it any more."""

    fund: list[Fund]
    væk: list[Kendt]
    fejl: list[Listefejl] = field(default_factory=list)
    afvist: int = 0

    def som(self, hvad: str) -> list[Fund]:
        """The rows that are ny, ændret, uændret or tvivl."""
        return [fund for fund in self.fund if fund.hvad == hvad]


def gennemgå(
    session: Session,
    kontrolleret: Kontrolleret,
    boligorganisation: str,
    dag: date,
    *,
    hel: bool = True,
    svar: Mapping[int, str] | None = None,
) -> Gennemgang:
    """Hold every row against the sender's cases; the list is as of `dag`, and with `hel` it names all of them.

    `svar` are the answers to doubtful rows by row number; a row that waits is refused. Nothing is saved.
    """
    kendte = kendte_sager(session, boligorganisation)
    sager = Sager(kendte)
    found = Gennemgang([], [], list(kontrolleret.fejl), kontrolleret.afvist)
    for række in kontrolleret.rækker:
        fund = sager.find(række, dag)
        if fund.tvivl and svar is not None:
            answered = valgt(fund, svar.get(række.nummer, ""), dag)
            if answered is None:
                found.fejl.append(Listefejl(række=række.nummer, kolonne="lejemål", grund=VENTER))
                found.afvist += 1
                continue
            fund = answered
        found.fund.append(fund)
    _one_row_a_case(found)
    if hel:
        on_list = {k.id for fund in found.fund for k in (fund.sag, *fund.tvivl) if k}
        on_list |= {k.id for k in kendte if {nøgle(k.data.lejemål), fold(k.data.navn)} & kontrolleret.omtalte}
        on_list |= {k.id for række in kontrolleret.rækker for k in sager.by_number.get(nøgle(række.lejemål), [])}
        found.væk = _gone(session, kendte, on_list, boligorganisation, dag)
    _leave_frozen(found, frosne_sager(session))
    found.fejl.sort(key=lambda fejl: fejl.række)
    return found


def _leave_frozen(found: Gennemgang, frozen: Collection[uuid.UUID]) -> None:
    """A row that would change a restricted resident's case is refused, after it has counted as being on the list."""
    for fund in found.som("ændret"):
        if fund.sag is not None and fund.sag.id in frozen:
            found.fejl.append(ikke_gjort(fund.række))
            found.afvist += 1
            found.fund.remove(fund)


def _one_row_a_case(found: Gennemgang) -> None:
    """Of two rows about one case the second is refused: it would otherwise overwrite the first."""
    seen: dict[uuid.UUID, int] = {}
    for fund in list(found.fund):
        if fund.sag is None:
            continue
        first = seen.setdefault(fund.sag.id, fund.række.nummer)
        if first != fund.række.nummer:
            grund = f"Sagen står også i række {first}. Læg beløbene sammen i én række."
            found.fejl.append(Listefejl(række=fund.række.nummer, kolonne="lejemål", grund=grund))
            found.afvist += 1
            found.fund.remove(fund)


def _gone(
    session: Session, kendte: Sequence[Kendt], on_list: set[uuid.UUID], boligorganisation: str, dag: date
) -> list[Kendt]:
    """Open cases that stood on an earlier list of the same sender, and on this one do not.

    Not those of which that has been said before, and none at all when a newer list of hers is here already.
    """
    if any(liste.dato > dag for liste in egne_lister(session, boligorganisation)):
        return []
    last = sidst_sagt(session, boligorganisation)
    return [k for k in kendte if k.lukket is None and k.id not in on_list and last.get(k.id, ("væk", dag))[0] != "væk"]
