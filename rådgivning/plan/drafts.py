"""The leder's revision of the plan: a draft, checked like a plan file at every edit and published as a version."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from rådgivning.adgang.permissions import IkkeFundet, Konflikt
from rådgivning.database import now, today
from rådgivning.plan import checks
from rådgivning.plan.agreement import Gyldig
from rådgivning.plan.models import Helhedsplan, HelhedsplanVersion, Plankladde
from rådgivning.plan.plans import nuværende, plan, revidér
from rådgivning.plan.reader import læs
from rådgivning.plan.retiring import behold
from rådgivning.plan.schema import Listenavn, PlanIndhold
from rådgivning.plan.text import Plantekst
from rådgivning.plan.versions import hent_plan
from rådgivning.plan.writing import rå_del
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

FIL = "planen"


class KladdeÆndret(Konflikt):
    """Somebody else changed the draft, or published a version, after the page was shown."""

    def __init__(self) -> None:
        super().__init__("En anden har ændret planen, mens du skrev. Se, hvad der står nu, og gem igen.")


@dataclass(frozen=True)
class Kladde:
    """The plan as it is being revised; without a draft (`nr` 0) the plan in force."""

    række: Helhedsplan
    gældende: PlanIndhold
    tekst: Plantekst
    indhold: PlanIndhold
    nr: int
    bygger_på: int
    ændret: datetime | None

    @property
    def findes(self) -> bool:
        """Whether there is a draft."""
        return self.nr > 0

    @property
    def forældet(self) -> bool:
        """Whether a version has been made since the draft began."""
        return self.bygger_på != self.række.version

    def del_(self, afsnit: str, nøgle: str) -> Gyldig:
        """One part of the draft. Raises IkkeFundet."""
        found = dele(self.indhold, afsnit).get(nøgle)
        if found is None:
            raise IkkeFundet("planens dele")
        return found

    def ny(self, afsnit: str, nøgle: str) -> bool:
        """Whether a part has come with the draft, so that nothing can carry its key."""
        return nøgle not in dele(self.gældende, afsnit)

    def rå(self, afsnit: str, nøgle: str) -> dict[str, Any]:
        """A part as it stands in the text, or as it would; a list's value always as a table."""
        sti = delsti(afsnit)
        there = self.tekst.rå.get(sti[0], {})
        found = (there.get(sti[1], {}) if len(sti) > 1 else there).get(nøgle)
        found = rå_del(self.del_(afsnit, nøgle)) if found is None else found
        return {"etiket": found} if isinstance(found, str) else dict(found)


def dele(indhold: PlanIndhold, afsnit: str) -> Mapping[str, Gyldig]:
    """The parts of a section or a list by key. Raises IkkeFundet."""
    if afsnit in checks.SEKTIONER or afsnit in set(Listenavn):
        return checks.nøgler(indhold, afsnit)
    raise IkkeFundet("planens dele")


def delsti(afsnit: str) -> tuple[str, ...]:
    """Where a section's or a list's parts stand in the text."""
    return (afsnit,) if afsnit in checks.SEKTIONER else ("liste", afsnit)


def kladde(session: Session, helhedsplan_id: uuid.UUID) -> Kladde:
    """The draft, or the plan in force where there is none. Raises IkkeFundet."""
    row = hent_plan(session, helhedsplan_id)
    valid = plan(session, helhedsplan_id)
    draft = session.get(Plankladde, helhedsplan_id)
    if draft is None:
        return Kladde(row, valid, Plantekst(nuværende(session, row).tekst), valid, 0, row.version, None)
    content = behold(læs(draft.tekst.encode(), FIL, valid), valid, today())
    return Kladde(row, valid, Plantekst(draft.tekst), content, draft.nr, draft.bygger_på, draft.ændret)


def gem(session: Session, fra: Kladde, tekst: Plantekst, nr: int) -> None:
    """Make a text the draft; `nr` is the draft the page was shown from. Raises KladdeÆndret, PlanFejl."""
    if nr != fra.nr:
        raise KladdeÆndret
    læs(tekst.tekst.encode(), FIL, fra.gældende)
    draft = session.get(Plankladde, fra.række.id, with_for_update=True)
    if draft is None:
        draft = Plankladde(helhedsplan_id=fra.række.id, bygger_på=fra.række.version, nr=0, tekst="", ændret=now())
    if draft.nr != nr:
        raise KladdeÆndret
    draft.nr, draft.tekst, draft.ændret, draft.ændret_af = nr + 1, tekst.tekst, now(), aktør(session).bruger_id
    session.add(draft)
    skriv(session, Handling.ÆNDRET, "plankladde", [fra.række.id], detaljer={"nr": draft.nr})


def sæt_del(fra: Kladde, afsnit: str, nøgle: str, rå: Mapping[str, Any]) -> Plantekst:
    """The text with one part as given. A list that was left to the standard becomes the plan's own, whole."""
    if afsnit in checks.SEKTIONER:
        return fra.tekst.med((afsnit, nøgle), rå)
    value: Any = rå["etiket"] if list(rå) == ["etiket"] else dict(rå)
    return fra.tekst.med(("liste", afsnit), {**_liste(fra, afsnit), nøgle: value})


def _liste(fra: Kladde, afsnit: str) -> dict[str, Any]:
    own = fra.tekst.rå.get("liste", {}).get(afsnit)
    return dict(own) if own is not None else {key: rå_del(v) for key, v in dele(fra.indhold, afsnit).items()}


def flyttet(fra: Kladde, afsnit: str, nøgle: str, skridt: int) -> Plantekst:
    """The text with one part moved up (-1) or down (1) among those that stand in it."""
    keys = list(_liste(fra, afsnit) if afsnit in set(Listenavn) else fra.tekst.rå.get(afsnit, {}))
    if nøgle not in keys:
        return fra.tekst
    at = keys.index(nøgle)
    keys.insert(max(at + skridt, 0), keys.pop(at))
    return ordnet(fra, afsnit, keys)


def ordnet(fra: Kladde, afsnit: str, nøgler: Sequence[str]) -> Plantekst:
    """The text with the parts of a section or a list in this order."""
    if afsnit in checks.SEKTIONER:
        return fra.tekst.ordnet(afsnit, nøgler)
    values = _liste(fra, afsnit)
    return fra.tekst.med(("liste", afsnit), {key: values[key] for key in nøgler})


def uden(fra: Kladde, afsnit: str, nøgle: str) -> Plantekst:
    """The text without a part that came with the draft. Raises Konflikt for any other: those are retired instead."""
    if not fra.ny(afsnit, nøgle):
        raise Konflikt("Den kan være i brug og kan ikke fjernes. Ret den, og giv den en sidste dag i stedet.")
    if afsnit in checks.SEKTIONER:
        return fra.tekst.uden((afsnit, nøgle))
    return fra.tekst.med(("liste", afsnit), {key: v for key, v in _liste(fra, afsnit).items() if key != nøgle})


def kassér(session: Session, fra: Kladde, nr: int) -> None:
    """Drop the draft. Raises KladdeÆndret."""
    draft = session.get(Plankladde, fra.række.id)
    if draft is None or draft.nr != nr:
        raise KladdeÆndret
    session.delete(draft)
    skriv(session, Handling.SLETTET, "plankladde", [fra.række.id])


def udgiv(session: Session, fra: Kladde, nr: int, grund: str, gælder_fra: date) -> Helhedsplan:
    """Make the draft the plan's next version. Raises KladdeÆndret, PlanFejl."""
    draft = session.get(Plankladde, fra.række.id, with_for_update=True)
    if draft is None or draft.nr != nr or fra.forældet:
        raise KladdeÆndret
    row = fra.række
    session.refresh(row, with_for_update=True)
    session.delete(draft)
    return revidér(session, row, draft.tekst, FIL, grund=grund, gælder_fra=gælder_fra)


def tidligst(session: Session, fra: Kladde) -> date:
    """The first day a new version may hold from: not before the one in force."""
    found = session.get(HelhedsplanVersion, (fra.række.id, fra.række.version))
    return min(found.gælder_fra if found else fra.række.fra, today())


_SIGNS = re.compile(r"[^0-9a-zæøå]+")


def ny_nøgle(indhold: PlanIndhold, afsnit: str, navn: str) -> str:
    """A key for a new part, made from its name; never one that is or was in use."""
    base = _SIGNS.sub("_", navn.casefold()).strip("_")[:50].rstrip("_") or afsnit
    used = dele(indhold, afsnit)
    return next(
        key for number in range(1, len(used) + 3) if (key := base + (f"_{number}" if number > 1 else "")) not in used
    )
