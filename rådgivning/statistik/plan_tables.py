"""The tables of one helhedsplan: the standard ones and the leder's own, with the plan's coarser groups."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from rådgivning.plan.plans import plan
from rådgivning.plan.schema import Listenavn, PlanIndhold
from rådgivning.statistik.declared import Aldersgruppe, erklæret, standard
from rådgivning.statistik.models import EgenTabel
from rådgivning.statistik.tables import GROVE, Tabel


def tabeller(session: Session, helhedsplan_id: uuid.UUID) -> list[Tabel]:
    """Every table of a helhedsplan's figures: the standard ones, then the leder's own in the order they came."""
    own = [som_tabel(row) for row in egne_tabeller(session, helhedsplan_id)]
    return med_grupper([*standard(), *own], plan(session, helhedsplan_id))


def egne_tabeller(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[EgenTabel]:
    """The leder's own tables that are not taken away."""
    own = (EgenTabel.helhedsplan_id == helhedsplan_id, col(EgenTabel.fjernet).is_(None))
    return session.exec(select(EgenTabel).where(*own).order_by(col(EgenTabel.oprettet), col(EgenTabel.id))).all()


def som_tabel(row: EgenTabel) -> Tabel:
    """An own table, before a plan gives it groups."""
    note = "Kun for hele kalenderår." if row.kun_kalenderår else ""
    return Tabel(f"egen_{row.id.hex}", row.enhed, tuple(row.dimensioner), row.kun_kalenderår, row.titel, note)


def plantabeller(indhold: PlanIndhold) -> list[Tabel]:
    """The standard tables as they are for a plan."""
    return med_grupper(standard(), indhold)


def med_grupper(tabeller: Sequence[Tabel], indhold: PlanIndhold) -> list[Tabel]:
    """Tables with a plan's groups in their coarser dimensions."""
    groups = {
        name: tuple((key, keys) for key, (_label, keys) in found.items()) for name, found in grove(indhold).items()
    }
    return [
        tabel._replace(grupper=tuple((name, groups[name]) for name in tabel.dimensioner if name in GROVE))
        for tabel in tabeller
    ]


def grove(indhold: PlanIndhold) -> Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]]:
    """Each coarser dimension's groups in a plan: key, label, and the fine categories in it; none that is empty."""
    found: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
        "boligområde": {
            key: (area.navn, tuple(name for name, own in indhold.afdeling.items() if own.boligområde == key))
            for key, area in indhold.boligområde.items()
        },
        "emnegruppe": {
            key: (group.etiket, tuple(n for n, own in indhold.liste[Listenavn.EMNE].items() if own.gruppe == key))
            for key, group in indhold.liste.get(Listenavn.EMNEGRUPPE, {}).items()
        },
    }
    for name, coarse in erklæret().grove.items():
        found.setdefault(name, {group.nøgle: (group.etiket, _of_age(indhold, group)) for group in coarse.grupper})
    return {name: {key: group for key, group in groups.items() if group[1]} for name, groups in found.items()}


def _of_age(indhold: PlanIndhold, group: Aldersgruppe) -> tuple[str, ...]:
    """The plan's age groups that lie inside a coarse one."""
    top = 1000 if group.til is None else group.til
    return tuple(
        key
        for key, own in indhold.liste[Listenavn.ALDERSGRUPPE].items()
        if own.alder_fra is not None and own.alder_fra >= group.fra and _end(own.alder_til) <= top
    )


def _end(til: int | None) -> int:
    return 999 if til is None else til
