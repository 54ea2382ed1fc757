"""A year's system, and adding tables to one whose figures are published already.

What was published stays as it is, so a new table's cells are fitted between fixed margins: not from the year down,
where the margins of a part might have no table inside the year's, but in all blocks and months at once. A table of two
dimensions fits; one of three may find no room between margins that are published. It is then left out of that year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rådgivning.statistik.blocks import Knude, kode
from rådgivning.statistik.counting import Optalt
from rådgivning.statistik.rounding import BUNDET, UENDELIG, Ønske, løs, naturligt
from rådgivning.statistik.sharing import SPÆND, Celler, Deling, Årsgrundlag, kontaktcelle
from rådgivning.statistik.system import System, Værdier
from rådgivning.statistik.tables import IKKE_ADDITIVE, Nøgle, Summer, Tabel, tabelnøgler


def lav_system(grundlag: Årsgrundlag, frø: bytes) -> System:
    """Round and share out a year. Tables that its published system does not have are added to it one by one."""
    old = grundlag.gammel
    if old is None or not old.passer(grundlag.deling, grundlag.regel.base):
        return Deling(grundlag, frø).system()
    made = Deling(replace(grundlag, tabeller=old.tabeller), frø).system()
    for tabel in grundlag.tabeller:
        if tabel.ren not in made.tabeller:
            made = _Tilføjelse(replace(grundlag, tabeller=[tabel], gammel=made), made, frø).system() or made
    return made


class _Tilføjelse:
    """One table on its way into a year's system. A cell of the models is a cell and a stretch of time."""

    def __init__(self, grundlag: Årsgrundlag, system: System, frø: bytes) -> None:
        self.grundlag, self.before = grundlag, system
        self.arbejde = work = Deling(grundlag, frø)
        self.enhed = grundlag.tabeller[0].enhed
        self.dims = {**work.dims, "tid": []}
        self.kendte = _keys(system.tabeller, self.dims)
        self.kendte_i_måneder = _keys([tabel for tabel in system.tabeller if tabel.over_tid], self.dims)
        work.additive = [tabel for tabel in work.additive if tabel.enhed == self.enhed]
        work.over_tid = [tabel for tabel in work.over_tid if tabel.enhed == self.enhed]

    def system(self) -> System | None:
        """The system with the table; None when it does not fit."""
        old, work = self.before, self.arbejde
        added = self._additive()
        if added is None:
            return None
        blokke = {code: {**part, **added.get(code, {})} for code, part in old.blokke.items()}
        made = replace(old, blokke=blokke, tabeller=(*old.tabeller, self.grundlag.tabeller[0].ren))
        if self.enhed in IKKE_ADDITIVE:
            made = replace(made, beboere=work.beboere(made, self.kendte))
            if not self._unmoved(made.beboere):
                return None
        made = replace(made, uløst=old.uløst or bool(work.uløst))
        codes = {*old.mærker, *work.mærker}
        return replace(made, mærker={code: {**work.mærker.get(code, {}), **old.mærker.get(code, {})} for code in codes})

    def _unmoved(self, beboere: Værdier) -> bool:
        """Whether all figures of residents that are published stay."""
        cells = [key for key in self.kendte if ("enhed", self.enhed) in key]
        return all(
            part.get(key, 0) == self.before.beboere.get(code, {}).get(key, 0)
            for code, part in beboere.items()
            for key in cells
        )

    def _additive(self) -> Værdier | None:
        """The new cells' values by block and month; None when they do not fit."""
        wishes: dict[Nøgle, list[Ønske]] = {}
        sums: Summer = []
        nodes = list(self.grundlag.deling.træ().alle()) if self.enhed not in IKKE_ADDITIVE else []
        new: list[tuple[Knude, Nøgle]] = []
        for knude in nodes:
            counted = self.arbejde.optæl(knude)
            for key in counted.celler:
                if not self._known(knude, key):
                    new.append((knude, key))
                    wishes[_cell(knude, key)] = self._wishes(knude, counted, key)
            sums += self._sums(knude, counted, wishes)
        uneven = self._residents(nodes, new, wishes)
        if not new:
            return {}
        found = løs(
            wishes, dict.fromkeys(wishes, UENDELIG), sums, uneven, self.grundlag.regel.knuder, uløst=self.arbejde.uløst
        )
        if any(found[cell] != own[0].mindst for cell, own in wishes.items() if own[0].vægt == BUNDET):
            return None
        values: dict[str, Celler] = {}
        for knude, key in new:
            if _kept(knude):
                values.setdefault(kode(knude.måneder), {})[key] = found[_cell(knude, key)] * self.before.base
        return values

    def _known(self, knude: Knude, key: Nøgle) -> bool:
        return key in (self.kendte_i_måneder if knude.i_blok else self.kendte)

    def _wishes(self, knude: Knude, counted: Optalt, key: Nøgle) -> list[Ønske]:
        """What a new cell ought to be in a stretch."""
        work, months = self.arbejde, knude.måneder
        work.ens_optalt(months, counted, key)
        if not any(month in self.grundlag.stande for month in months):
            return [Ønske(0, 0, BUNDET)]
        natural = naturligt(counted.celler[key], self.grundlag.regel, work.frø, work.navn(months, key))
        floor = work.gulve(counted).get(key) if months == self.grundlag.deling.måneder else None
        return [natural, *filter(None, [floor])]

    def _sums(self, knude: Knude, counted: Optalt, wishes: dict[Nøgle, list[Ønske]]) -> Iterator[Sum]:
        """The sums with a new cell in them: inside the pieces that values are kept for, and over time. Published cells
        get their figure for a wish."""
        for whole, parts in counted.summer if _kept(knude) else ():
            yield from self._sum([(knude, whole), *((knude, part) for part in parts)], wishes)
        if knude.dele:
            months = knude.dele[0].i_blok
            for key in counted.celler:
                if not months or key in self.arbejde.i_måneder:
                    yield from self._sum([(knude, key), *((part, key) for part in knude.dele)], wishes)

    def _sum(self, places: Sequence[tuple[Knude, Nøgle]], wishes: dict[Nøgle, list[Ønske]]) -> Iterator[Sum]:
        if all(self._known(knude, key) for knude, key in places):
            return
        for knude, key in places:
            if self._known(knude, key):
                self._bind(_cell(knude, key), self.before.værdi(knude.måneder, key), wishes)
        whole, *parts = (_cell(knude, key) for knude, key in places)
        yield whole, tuple(parts)

    def _bind(self, cell: Nøgle, value: int, wishes: dict[Nøgle, list[Ønske]]) -> None:
        units = value // self.before.base
        wishes[cell] = [Ønske(units, units, BUNDET)]

    def _residents(
        self, nodes: Sequence[Knude], new: Sequence[tuple[Knude, Nøgle]], wishes: dict[Nøgle, list[Ønske]]
    ) -> list[Sum]:
        """Contacts of a cell are at least the residents that are published of it."""
        uneven: list[Sum] = []
        resident = {kontaktcelle(key): key for key in self.kendte if ("enhed", "beboere") in key}
        blocks = [knude for knude in nodes if knude.blok]
        for key in dict.fromkeys(key for knude, key in new if knude.blok and key in resident):
            for span in self.grundlag.deling.spænd:
                cell = tuple(sorted((*resident[key], (SPÆND, kode(span)))))
                self._bind(cell, self.before.værdi(span, resident[key]), wishes)
                uneven.append((cell, tuple(_cell(block, key) for block in blocks if set(block.måneder) <= set(span))))
        return uneven


Sum = tuple[Nøgle, tuple[Nøgle, ...]]


def _cell(knude: Knude, key: Nøgle) -> Nøgle:
    return tuple(sorted((*key, (SPÆND, kode(knude.måneder)))))


def _kept(knude: Knude) -> bool:
    return knude.blok or (knude.i_blok and not knude.dele)


def _keys(tabeller: Sequence[Tabel], dims: Mapping[str, list[str]]) -> frozenset[Nøgle]:
    """Every cell of some tables, without time."""
    return frozenset(key for tabel in tabeller for part in tabelnøgler(tabel, dims) for key in part)
