"""A plan as TOML, in the form that docs/planfil.md describes: what the leder edits and what is exported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from rådgivning.plan.checks import SEKTIONER
from rådgivning.plan.schema import ListeVærdi, PlanIndhold, Samtykkeregler
from rådgivning.plan.standard import standard_indkaldelse, standard_lister

BREDDE = 120
"""A list that would make a longer line than this is written with one item a line."""
_EGNE_TABELLER = frozenset({"fodnoter"})
_TABELRÆKKER = frozenset({"elementer", "dokumenter", "tvivl"})
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def rå(indhold: PlanIndhold) -> dict[str, Any]:
    """A plan as the parsed file that says it: nothing that is left to a default or to the standard lists."""
    whole: dict[str, Any] = {"helhedsplan": indhold.helhedsplan.model_dump(exclude_defaults=True)}
    for name in SEKTIONER:
        whole[name] = {key: rå_del(value) for key, value in getattr(indhold, name).items()}
    standard = standard_lister()
    lists = {name.value: values for name, values in indhold.liste.items()}
    own = {name: values for name, values in lists.items() if values != standard.get(name)}
    if own:
        whole["liste"] = {name: {key: rå_del(value) for key, value in values.items()} for name, values in own.items()}
    if indhold.indkaldelse != standard_indkaldelse():
        whole["indkaldelse"] = {"sprog": {key: rå_del(text) for key, text in indhold.indkaldelse.sprog.items()}}
    if indhold.slettefrister:
        whole["slettefrister"] = {navn.value: rå_del(frist) for navn, frist in indhold.slettefrister.items()}
    if indhold.samtykke != Samtykkeregler():
        whole["samtykke"] = rå_del(indhold.samtykke)
    return whole


def rå_del(del_: BaseModel) -> Any:
    """One part as it is written in the file; a value of a list that is nothing but its label is the label."""
    dumped = del_.model_dump(exclude_defaults=True)
    fields = {name: dumped[name] for name in sorted(dumped, key=("fra", "til").__contains__)}
    return fields["etiket"] if isinstance(del_, ListeVærdi) and list(fields) == ["etiket"] else fields


def skriv_plan(rå_plan: Mapping[str, Any]) -> str:
    """A whole plan file."""
    tables: list[str] = []
    for section, value in rå_plan.items():
        if section in ("helhedsplan", "samtykke"):
            tables.append(skriv_tabel((section,), value))
        elif section == "indkaldelse":
            tables.append(skriv_tabel((section, "sprog"), {}))
            tables += [skriv_tabel((section, "sprog", key), text) for key, text in value.get("sprog", {}).items()]
        else:
            tables += [skriv_tabel((section, key), part) for key, part in value.items()]
    return "\n\n".join(tables) + "\n"


def skriv_tabel(sti: tuple[str, ...], værdier: Mapping[str, Any]) -> str:
    """One table with its header and the tables inside it, without a line end."""
    name = ".".join(_key(part) for part in sti)
    inner = {key: value for key, value in værdier.items() if _own_table(key, value)}
    lines = [f"[{name}]", *(f"{_key(key)} = {_field(key, v)}" for key, v in værdier.items() if key not in inner)]
    return "\n\n".join(["\n".join(lines), *_inner(name, inner)])


def _own_table(key: str, value: object) -> bool:
    return (key in _EGNE_TABELLER and isinstance(value, Mapping)) or (key in _TABELRÆKKER and bool(value))


def _inner(name: str, inner: Mapping[str, Any]) -> Iterator[str]:
    for key, value in inner.items():
        header = f"{name}.{_key(key)}"
        rows, brackets = ([value], "[{}]") if isinstance(value, Mapping) else (value, "[[{}]]")
        for row in rows:
            yield "\n".join([brackets.format(header), *(f"{_key(k)} = {_field(k, v)}" for k, v in row.items())])


def _field(key: str, value: object) -> str:
    """A value after its name: on one line if it has room there."""
    line = _value(value)
    if isinstance(value, str) and "\n" in value:
        return _long_text(value)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return line
    if len(f"{_key(key)} = {line}") <= BREDDE and not (len(value) > 1 and isinstance(value[0], Mapping)):
        return line
    return "[\n" + "".join(f"  {_item(item)},\n" for item in value) + "]"


def _item(value: object) -> str:
    """An item on a line of its own; a list that ends it goes on over several lines if it must."""
    line = _value(value)
    if not isinstance(value, Mapping) or len(line) + 3 <= BREDDE or not isinstance(last := [*value.values()][-1], list):
        return line
    head = line.removesuffix(_value(last) + " }")
    return head + "[\n" + "".join(f"    {_value(inner)},\n" for inner in last) + "  ] }"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(_ESCAPES.get(sign, _sign(sign)) for sign in str(value)) + '"'
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return str(value)


def _sign(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if sign < " " or sign == "\x7f" else sign


def _long_text(text: str) -> str:
    """Several lines as they stand, the first on a line of its own."""
    escaped = "".join(sign if sign in '"\n\t' else _ESCAPES.get(sign, _sign(sign)) for sign in text)
    return '"""\n' + escaped.replace('"""', '""\\"').removesuffix('"') + ('\\"' if text.endswith('"') else "") + '"""'


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)
