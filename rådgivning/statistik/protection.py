"""From true counts to figures that may leave: make the year's system, and attack every report it can give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.attack import AngrebFejl
from rådgivning.statistik.audit import AuditResult, audit
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.rounding import RundingFejl
from rådgivning.statistik.sharing import Årsgrundlag, udskiftede
from rådgivning.statistik.system import System, rapport
from rådgivning.statistik.tables import Nøgle


class IkkeBeskyttet(Exception):
    """The figures could not be made safe, so they are not shown. `revision` is the attack that found them wanting."""

    def __init__(self, reason: str, revision: AuditResult | None = None) -> None:
        super().__init__(reason)
        self.revision = revision


def beskyt(grundlag: Årsgrundlag, frø: bytes) -> tuple[System, AuditResult]:
    """A year's system, attacked with all its reports and those of the system before it; raises IkkeBeskyttet.

    A plan year gives no more away than its shares of two calendar years, and these are attacked here.
    """
    try:
        system = lav_system(grundlag, frø)
        released = _rapporter(grundlag, system)
        if grundlag.gammel is not None and not udskiftede(grundlag):
            released += _rapporter(grundlag, grundlag.gammel)
        result = audit(released, threshold=grundlag.regel.tærskel, exact=False)
    except (RundingFejl, AngrebFejl) as fejl:
        raise IkkeBeskyttet(str(fejl)) from fejl
    if not result.passed:
        raise IkkeBeskyttet("the attack comes too close to somebody", result)
    return system, result


def _rapporter(grundlag: Årsgrundlag, system: System) -> list[Published]:
    """Every report of a year as the attacker gets it; public totals are told as they are now.

    What the old system showed of a public total stays the agreement's own figure and is no secret to be found.
    """
    found = []
    rule = replace(grundlag.regel, base=system.base)
    for periode in system.deling.rapporter():
        public = grundlag.offentlige if periode.er_kalenderår and system is not grundlag.gammel else ()
        content = rapport([system], periode, grundlag.lister, rule, public)
        if system is grundlag.gammel:
            agreed = [total.som_nøgle() for total in grundlag.offentlige]
            for cell in (cell for table in content["tables"] for cell in table["cells"]):
                cell["agreed"] = periode.er_kalenderår and cell["key"] in agreed
        stande = {month: stand for month, stand in system.stande.items() if month in periode.måneder}
        found.append(Published(content, stande))
    return found


def cell_key(key: Mapping[str, Any]) -> Nøgle:
    """A JSON key as a cell's key."""
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in key.items()))
