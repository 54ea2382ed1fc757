"""Making a calendar year's system: the year is rounded, then shared out over its quarters, blocks and months.

Each sharing splits values in two, so that it always can be done (everything on one side is a solution), and a
correction keeps every figure that it does not concern.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.blocks import Knude, Måneder, Årsdeling, kode
from rådgivning.statistik.counting import Optalt, Tæller, tæl
from rådgivning.statistik.periods import Periode
from rådgivning.statistik.rounding import (
    BUNDET,
    LILLE,
    UENDELIG,
    UÆNDRET,
    Opgave,
    Regel,
    Ønske,
    afrund,
    løs,
    naturligt,
)
from rådgivning.statistik.system import System, Værdier
from rådgivning.statistik.tables import (
    ENHEDER,
    IKKE_ADDITIVE,
    Nøgle,
    OffentligtTal,
    Tabel,
    liste,
    nøgle,
)

Celler = dict[Nøgle, int]
SPÆND = "spænd"
"""Where a model has the same cell of several stretches of time, which one it is."""


@dataclass(frozen=True)
class Årsgrundlag:
    """What a year's system is made from. `gammel` is the one before it, `lister` each dimension's keys in order,
    `lukkede` the months whose figures never change any more, `tabeller` the tables it must have besides those of the
    one before it."""

    helhedsplan_id: uuid.UUID
    deling: Årsdeling
    fakta: Iterable[Fakta]
    stande: Mapping[str, str]
    lister: Mapping[str, Sequence[str]]
    offentlige: Sequence[OffentligtTal]
    regel: Regel
    tabeller: Sequence[Tabel]
    gammel: System | None = None
    lukkede: frozenset[str] = frozenset()


class Deling:
    """One year's work."""

    def __init__(self, grundlag: Årsgrundlag, frø: bytes) -> None:
        self.grundlag, self.regel, self.frø = grundlag, grundlag.regel, frø
        old = grundlag.gammel
        self.gammel = old if old and old.passer(grundlag.deling, self.regel.base) else None
        known = {name: list(keys) for name, keys in grundlag.lister.items()}
        for name, keys in (old.dims if old else {}).items():
            listed = known.setdefault(name, [])
            listed += [key for key in keys if key not in listed]
        self.tabeller = tuple(
            dict.fromkeys([tabel.ren for tabel in grundlag.tabeller] + list(old.tabeller if old else ()))
        )
        self.personer = [tabel for tabel in self.tabeller if tabel.enhed in IKKE_ADDITIVE]
        self.additive = [tabel for tabel in self.tabeller if tabel.enhed not in IKKE_ADDITIVE]
        self.over_tid = [tabel for tabel in self.additive if tabel.over_tid]
        stretches = [knude.måneder for knude in grundlag.deling.træ().alle()]
        self.tæller = Tæller(grundlag.fakta, self.tabeller, known, map(frozenset, dict.fromkeys(stretches)))
        year = Periode(grundlag.deling.år, grundlag.deling.måneder, ())
        self.dims = self.tæller.tæl(year, (), None).dims
        self.i_blokke = tæl((), year, self.dims, self.additive).celler.keys()
        self.i_måneder = tæl((), year, self.dims, self.over_tid).celler.keys()
        self.fri = udskiftede(grundlag)
        self.blokke: Værdier = {}
        self.mærker: dict[str, dict[Nøgle, str]] = {}
        self.uløst: list[bool] = []

    def system(self) -> System:
        """The year's system."""
        tree = self.grundlag.deling.træ()
        counted = self.optæl(tree)
        floors = self.gulve(counted)
        found: Celler = {}
        for unit, keys in _by_unit(counted).items():
            wishes = {key: [*self._wishes(tree, counted, key), *filter(None, [floors.get(key)])] for key in keys}
            found |= løs(
                wishes, dict.fromkeys(keys, UENDELIG), _sums(counted, unit), knuder=self.regel.knuder, uløst=self.uløst
            )
        self._share(tree, found)
        base, dims = self.regel.base, {name: keys for name, keys in self.dims.items() if name not in ("tid", "enhed")}
        self.blokke = {code: {key: base * value for key, value in part.items()} for code, part in self.blokke.items()}
        made = System(self.grundlag.deling, base, dims, dict(self.grundlag.stande), self.blokke, {})
        residents = self.beboere(made)
        return replace(made, beboere=residents, mærker=self.mærker, tabeller=self.tabeller, uløst=bool(self.uløst))

    def _share(self, knude: Knude, values: Celler) -> None:
        """Share a stretch's values, in units of the base, between its two parts, and so on."""
        if knude.blok or (knude.i_blok and not knude.dele):
            self.blokke[kode(knude.måneder)] = values
        if not knude.dele:
            return
        first, second = knude.dele
        counted, other = self.optæl(first), self.optæl(second)
        one: Celler = {}
        for unit, keys in _by_unit(counted).items():
            wishes = {
                key: [
                    *self._wishes(first, counted, key),
                    *(wish.spejlet(values[key]) for wish in self._wishes(second, other, key)),
                ]
                for key in keys
            }
            ceilings = {key: values[key] for key in keys}
            total, rest = counted.celler[nøgle(unit)].antal, other.celler[nøgle(unit)].antal
            otherwise = ceilings if total >= rest else dict.fromkeys(keys, 0)
            one |= løs(
                wishes, ceilings, _sums(counted, unit), knuder=self.regel.knuder, ellers=otherwise, uløst=self.uløst
            )
        self._share(first, one)
        self._share(second, {key: values[key] - value for key, value in one.items()})

    def optæl(self, knude: Knude) -> Optalt:
        """The true counts of a stretch: inside a block, of the tables over time only."""
        return self._count_months(knude.måneder, self.over_tid if knude.i_blok else self.additive)

    def _count_months(self, måneder: Måneder, tabeller: Sequence[Tabel]) -> Optalt:
        return self.tæller.tæl(Periode(kode(måneder), måneder, ()), tabeller, frozenset(måneder))

    def _wishes(self, knude: Knude, counted: Optalt, key: Nøgle) -> list[Ønske]:
        """What a cell ought to be by itself, and for what was published before."""
        name = self.navn(knude.måneder, key)
        wishes = [naturligt(counted.celler[key], self.regel, self.frø, name)]
        same = self.ens_optalt(knude.måneder, counted, key)
        if not any(month in self.grundlag.stande for month in knude.måneder):
            return [Ønske(0, 0, BUNDET)]  # months to come are known to be empty
        if self.gammel is None:
            return wishes
        old = self.gammel.værdi(knude.måneder, key) // self.regel.base
        if self._stands(knude.måneder) == "ens" and self._binds(knude.måneder, key):
            return [Ønske(old, old, BUNDET)]
        if least := self._least(knude, key):
            wishes.append(Ønske(least, UENDELIG, BUNDET))
        if same:
            wishes.append(Ønske(old, old, UÆNDRET))
        return wishes

    def _least(self, knude: Knude, key: Nøgle) -> int:
        """What of a cell cannot have become less: the parts that have only grown since they were published."""
        assert self.gammel is not None  # noqa: S101
        if self._stands(knude.måneder) in ("ens", "vokset") and self._binds(knude.måneder, key):
            return self.gammel.værdi(knude.måneder, key) // self.regel.base
        return sum(self._least(part, key) for part in knude.dele if key in self.i_måneder or not part.i_blok)

    def _binds(self, måneder: Måneder, key: Nøgle) -> bool:
        """Whether a cell's old figure binds: always when all of its months are closed."""
        return dict(key)["enhed"] not in self.fri or set(måneder) <= self.grundlag.lukkede

    def _stands(self, måneder: Måneder) -> str:
        """How months differ from what the old system counted: `ens`, `vokset` or `ændret`."""
        assert self.gammel is not None  # noqa: S101
        before = [self.gammel.stande.get(month) for month in måneder]
        now = [self.grundlag.stande.get(month) for month in måneder]
        if before == now:
            return "ens"
        pairs = zip(before, now, strict=True)
        grown = all(a is None or (b is not None and a.split(".")[0] == b.split(".")[0]) for a, b in pairs)
        return "vokset" if grown else "ændret"

    def ens_optalt(self, måneder: Måneder, counted: Optalt, key: Nøgle) -> bool:
        """Whether a cell's count is what the old system counted. Notes the count's mark for the next system."""
        count, code = counted.celler[key], kode(måneder)
        mark = ""
        if count.antal:
            text = self.navn(måneder, key) + b"%d/%d" % count
            mark = hmac.new(self.frø, b"count:" + text, hashlib.sha256).hexdigest()[:10]
        self.mærker.setdefault(code, {})[key] = mark
        return self.gammel is not None and self.gammel.mærker.get(code, {}).get(key, "") == mark

    def navn(self, måneder: Måneder, key: Nøgle) -> bytes:
        """What a cell's draw is made over."""
        name = [str(self.grundlag.helhedsplan_id), key, kode(måneder)]
        return json.dumps(name, ensure_ascii=False).encode()

    def gulve(self, counted: Optalt) -> dict[Nøgle, Ønske]:
        """Cells of the year known not to be small: of a category that no list has, or around a public total."""
        floors = {}
        for key, count in counted.celler.items():
            dims = {name: value for name, value in key if name != "enhed" and isinstance(value, str)}
            if count.antal and any(value not in self.grundlag.lister.get(name, ()) for name, value in dims.items()):
                floors[key] = Ønske(1, UENDELIG, LILLE)
            if least := _public_floor(self.grundlag, key):
                floors[key] = Ønske(least, UENDELIG, BUNDET)
        return floors

    def beboere(self, made: System, kendte: Container[Nøgle] | None = None) -> Værdier:
        """Round the residents of every stretch together: nobody is in a quarter who is not in its year.

        Stretches that differ only in months without residents, such as those to come, are one and the same. `kendte`
        are the cells whose old figures count (default: all).
        """
        used = self.tæller.brugte_måneder("beboere") if self.personer else frozenset[str]()
        own = {span: tuple(month for month in span if month in used) for span in self.grundlag.deling.spænd}
        opgave = Opgave({}, [], _resident_order(self.grundlag.deling, own) if self.personer else [], {}, {})
        for span, months in own.items() if self.personer else ():
            self._add_residents(opgave, made, span, months, kendte)
        plan = str(self.grundlag.helhedsplan_id)
        marks = {cell: json.dumps([plan, cell], ensure_ascii=False).encode() for cell in opgave.celler}
        rounded: dict[str, Celler] = {}
        for cell, value in afrund(opgave, self.regel, self.frø, marks, self.uløst).items():
            key = tuple(part for part in cell if part[0] != SPÆND)
            rounded.setdefault(str(dict(cell)[SPÆND]), {})[key] = value
        return {kode(span): rounded.get(",".join(months), {}) for span, months in own.items()}

    def _add_residents(
        self, opgave: Opgave, made: System, span: Måneder, months: Måneder, kendte: Container[Nøgle] | None
    ) -> None:
        counted = self._count_months(span, self.personer)
        for key, count in counted.celler.items():
            cell = _in(months, key)
            wishes = self._resident_wishes(span, counted, key, known=kendte is None or key in kendte)
            if months:
                opgave.celler[cell] = count
                opgave.ønsker.setdefault(cell, []).extend(wishes)
                contact = kontaktcelle(key)
                if contact in self.i_blokke:
                    contacts = made.værdi(span, contact) // self.regel.base
                    opgave.lofter[cell] = min(contacts, opgave.lofter.get(cell, contacts))
        sums = [(_in(months, whole), tuple(_in(months, part) for part in parts)) for whole, parts in counted.summer]
        opgave.summer.extend(sums if months else [])

    def _resident_wishes(self, span: Måneder, counted: Optalt, key: Nøgle, *, known: bool) -> list[Ønske]:
        same = self.ens_optalt(span, counted, key)
        if self.gammel is None or not known:
            return []
        old = self.gammel.værdi(span, key) // self.regel.base
        if self._stands(span) == "ens":
            return [Ønske(old, old, BUNDET)]
        if same:
            return [Ønske(old, old, UÆNDRET)]
        return [Ønske(old, UENDELIG, BUNDET)] if len(key) == 1 and self._stands(span) == "vokset" else []


def kontaktcelle(key: Nøgle) -> Nøgle:
    """The contacts of the same cell as some residents."""
    return nøgle("kontakter", **{name: value for name, value in key if name != "enhed"})


def _in(months: Måneder, key: Nøgle) -> Nøgle:
    return tuple(sorted((*key, (SPÆND, ",".join(months)))))


def _resident_order(deling: Årsdeling, own: Mapping[Måneder, Måneder]) -> list[tuple[Nøgle, tuple[Nøgle, ...]]]:
    """A stretch has at most the residents of one around it, and of those that cover it together."""
    total = nøgle("beboere")
    spans = list(dict.fromkeys(months for months in own.values() if months))
    pairs: list[tuple[Nøgle, tuple[Nøgle, ...]]] = []
    for span in spans:
        pairs += [(_in(span, total), (_in(other, total),)) for other in spans if set(span) < set(other)]
        for cover in (deling.kvartaler, deling.planstykker):
            parts = dict.fromkeys(own[part] for part in cover if set(own[part]) & set(span))
            if span not in parts:
                pairs.append((_in(span, total), tuple(_in(part, total) for part in parts)))
    return pairs


def _public_floor(grundlag: Årsgrundlag, key: Nøgle) -> int:
    """The least a cell of the year may show beside the public totals inside it, in units of the base."""
    dims = dict(key)
    unit = dims.pop("enhed")
    inside = [
        total.antal
        for total in grundlag.offentlige
        if total.enhed == unit
        and all(name in total.nøgle and set(total.nøgle[name]) <= set(liste(value)) for name, value in dims.items())
    ]
    return max((-(-antal // grundlag.regel.base) for antal in inside), default=0)


def udskiftede(grundlag: Årsgrundlag) -> frozenset[str]:
    """The units where a public total has outgrown the old figures, so that these no longer bind."""
    old, found = grundlag.gammel, set()
    for total in grundlag.offentlige if old else ():
        shown = ENHEDER[total.enhed].kolonner
        limits = {name: values[0] for name, values in total.nøgle.items() if name in shown and len(values) == 1}
        for key in (nøgle(total.enhed), *(nøgle(total.enhed, **{name: value}) for name, value in limits.items())):
            if old and old.værdi(old.deling.måneder, key) < _public_floor(grundlag, key) * old.base:
                found.add(total.enhed)
    return frozenset(found)


def _by_unit(counted: Optalt) -> dict[str, list[Nøgle]]:
    units: dict[str, list[Nøgle]] = {}
    for key in counted.celler:
        units.setdefault(str(dict(key)["enhed"]), []).append(key)
    return units


def _sums(counted: Optalt, unit: str) -> list[tuple[Nøgle, tuple[Nøgle, ...]]]:
    return list(dict.fromkeys((whole, parts) for whole, parts in counted.summer if ("enhed", unit) in whole))
