"""The forms of the plan's parts, made from one table of fields: what stands in the plan file, in the words of people.

A form's values become the part as it is written in the file; what a form does not ask for stays as it was. Whatever is
wrong with the whole plan then comes back from the checks of a plan file, and is put at the field it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from wtforms import Field

from rådgivning.felter import FlervalgFelt, Formular, SkjultFelt
from rådgivning.plan.part_fields import Gruppe, LinjerFelt, felter_for
from rådgivning.plan.reader import Fejl
from rådgivning.plan.schema import PlanIndhold

MANGE = 60


class DelForm(Formular):
    """One part of the plan; the fields are added by `form_for`."""

    enkle: ClassVar[tuple[str, ...]] = ()
    grupper: ClassVar[tuple[Gruppe, ...]] = ()
    antal: ClassVar[Mapping[str, int]] = {}
    nr = SkjultFelt()

    def afsnit(self) -> Iterator[tuple[Gruppe | None, list[list[Field]]]]:
        """The fields for laying out: those of the part itself, then each group with its rows."""
        yield None, [[self[name] for name in self.enkle]]
        for gruppe in self.grupper:
            yield gruppe, [[self[f"{start}_{name}"] for name in gruppe.felter()] for start in self._starts(gruppe)]

    def vis(self, rå: Mapping[str, Any], nr: int) -> None:
        """Fill the fields from a part as it stands in the file."""
        for name in self.enkle:
            _show(self[name], rå.get(name))
        for gruppe in self.grupper:
            for start, row in zip(self._starts(gruppe), _rows(gruppe, rå), strict=False):
                for name in gruppe.felter():
                    _show(self[f"{start}_{name}"], row.get(name))
        self.nr.process_data(nr)

    def rå(self, før: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[int]]]:
        """The part as it is to stand in the file, and which row of the form each row of a group came from."""
        made, origin = dict(før), {}
        for name in self.enkle:
            _set(made, name, self[name])
        for gruppe in self.grupper:
            old = _rows(gruppe, før)
            rows = {}
            for number, start in enumerate(self._starts(gruppe)):
                row = dict(old[number]) if number < len(old) else {}
                for name in gruppe.felter():
                    _set(row, name, self[f"{start}_{name}"])
                if row:
                    rows[number] = row
            origin[gruppe.navn] = list(rows)
            _put(made, gruppe, list(rows.values()))
        return {**made, **{name: made.pop(name) for name in ("fra", "til") if name in made}}, origin

    def _starts(self, gruppe: Gruppe) -> list[str]:
        if not gruppe.mange:
            return [gruppe.navn]
        return [f"{gruppe.navn}_{number}" for number in range(self.antal.get(gruppe.navn, 0))]

    def med_fejl(self, fejl: Iterable[Fejl], del_: str, origin: Mapping[str, list[int]]) -> None:
        """Put each mistake of the plan at the field it is about, or above the form."""
        above: list[str] = []
        for found in fejl:
            field = self._field(found.sti.removeprefix(del_), origin) if found.sti.startswith(del_) else None
            if field is None:
                place = f"{found.sti}: " if not found.sti.startswith(del_) else ""
                above.append(place + found.besked)
            else:
                field.errors = [*field.errors, found.besked]
        self.form_errors = above

    def _field(self, rest: str, origin: Mapping[str, list[int]]) -> Field | None:
        """The field of a path inside the part: `.baseline.værdi`, `.historik[2].år`; for the part itself its name."""
        parts = re.findall(r"[^.\[\]]+", rest)
        if len(parts) > 1 and parts[0] in origin and parts[1].isdigit() and f"{parts[0]}_0_" in " ".join(self._fields):
            rows = origin[parts[0]]
            parts[1] = str(rows[min(int(parts[1]), len(rows)) - 1]) if rows else "0"
        while parts:
            name = "_".join(parts)
            near = [field for field in self._fields if field == name or field.startswith(name + "_")]
            if near:
                return self[near[0]]
            parts.pop()
        return next((self[name] for name in ("etiket", "navn", "tekst") if not rest and name in self._fields), None)


def _rows(gruppe: Gruppe, rå: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = rå.get(gruppe.navn)
    if not found:
        return []
    if gruppe.opslag:
        return [{"mærke": key, "tekst": text} for key, text in found.items()]
    return list(found) if gruppe.mange else [found]


def _put(made: dict[str, Any], gruppe: Gruppe, rows: list[dict[str, Any]]) -> None:
    if not rows:
        made.pop(gruppe.navn, None)
    elif gruppe.opslag:
        made[gruppe.navn] = {row.get("mærke", "?"): row.get("tekst", "") for row in rows}
    else:
        made[gruppe.navn] = rows if gruppe.mange else rows[0]


def _show(field: Field, value: object) -> None:
    """Show a value; one key alone may stand for a list of one."""
    field.process_data([value] if isinstance(field, FlervalgFelt) and isinstance(value, str) else value)


def _set(made: dict[str, Any], name: str, field: Field) -> None:
    """Set a field's value, or take it away when it is empty; what is the same stays written as it was."""
    value = field.linjer if isinstance(field, LinjerFelt) else field.data
    if value is None or value is False or value in ("", []):
        made.pop(name, None)
    elif str(made.get(name)) != str(value) and [made.get(name)] != value:
        made[name] = value


def form_for(afsnit: str, plan: PlanIndhold, rå: Mapping[str, Any], sendt: Iterable[str] = ()) -> type[DelForm]:
    """The form of a part of a section or a list; `sendt` are the names of the fields that came with a POST, from which
    it has as many rows as the page had."""
    fields, groups = felter_for(afsnit, plan)
    simple, names = tuple(fields), list(sendt)
    count = {g.navn: _count(g, rå, names) for g in groups if g.mange}
    for group in groups:
        starts = [f"{group.navn}_{number}" for number in range(count[group.navn])] if group.mange else [group.navn]
        for start in starts:
            fields |= {f"{start}_{name}": field for name, field in group.felter().items()}
    return type("DelFormMedFelter", (DelForm,), {**fields, "enkle": simple, "grupper": groups, "antal": count})


def _count(gruppe: Gruppe, rå: Mapping[str, Any], sendt: Sequence[str]) -> int:
    """As many rows as the page had; on a fresh page those there are and one to write in."""
    found = [int(m[1]) for name in sendt if (m := re.match(rf"{gruppe.navn}_(\d{{1,2}})_", name))]
    return min(max(found) + 1 if found else len(_rows(gruppe, rå)) + 1, MANGE)
