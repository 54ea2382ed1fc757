"""A plan file's text in which one part is rewritten while every other line stays as it is, comments too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from rådgivning.plan.lines import LineIndex
from rådgivning.plan.writing import skriv_plan, skriv_tabel

Delsti = tuple[str, ...]
"""Where a part stands: `("indikator", "isoleret")`, `("liste", "emne")`, `("helhedsplan",)`."""


class Stykke(NamedTuple):
    """A part's own tables in the text, one after the other."""

    sti: Delsti
    start: int
    slut: int


class Plantekst:
    """The text of a plan file that reads without error, and what it says."""

    def __init__(self, tekst: str) -> None:
        self.tekst = tekst
        self.rå: dict[str, Any] = læs_rå(tekst)

    def med(self, sti: Delsti, værdi: Mapping[str, Any]) -> Plantekst:
        """The text with one part as given: in its old place, or after the last of its section."""
        wanted = _with(self.rå, sti, værdi)
        written = skriv_tabel(sti, værdi)
        pieces = self._stykker(len(sti))
        own = [piece for piece in pieces if piece.sti == sti]
        if len(own) == 1:
            text = self.tekst[: own[0].start] + written + self.tekst[own[0].slut :]
        else:
            place = max((piece.slut for piece in pieces if piece.sti[0] == sti[0]), default=len(self.tekst.rstrip()))
            text = self.tekst[:place] + "\n\n" + written + (self.tekst[place:] or "\n")
        return _checked(text, wanted)

    def uden(self, sti: Delsti) -> Plantekst:
        """The text without one part, and without the blank lines before it."""
        section, key = sti
        wanted = self.rå | {section: {name: part for name, part in self.rå[section].items() if name != key}}
        if not wanted[section]:
            del wanted[section]
        own = [piece for piece in self._stykker(2) if piece.sti == sti]
        if len(own) != 1:
            return Plantekst(skriv_plan(wanted))
        return _checked(self.tekst[: own[0].start].rstrip(" \n") + self.tekst[own[0].slut :], wanted)

    def ordnet(self, sektion: str, nøgler: Sequence[str]) -> Plantekst:
        """The text with the parts of a section in another order; what stands between them stays where it is."""
        wanted = self.rå | {sektion: {key: self.rå[sektion][key] for key in nøgler}}
        places = [piece for piece in self._stykker(2) if piece.sti[0] == sektion]
        by_key = {piece.sti[1]: self.tekst[piece.start : piece.slut] for piece in places if len(piece.sti) == 2}
        if len(places) != len(nøgler) or by_key.keys() != set(nøgler):
            return Plantekst(skriv_plan(wanted))
        text, at = "", 0
        for piece, key in zip(places, nøgler, strict=True):
            text += self.tekst[at : piece.start] + by_key[key]
            at = piece.slut
        return _checked(text + self.tekst[at:], wanted)

    def _stykker(self, dybde: int) -> list[Stykke]:
        """The text's tables, those that follow each other and share their first `dybde` names as one."""
        found: list[Stykke] = []
        for place in LineIndex(self.tekst).tabeller:
            sti = place.navne[:dybde]
            if found and found[-1].sti == sti and len(sti) == min(dybde, len(place.navne)):
                found[-1] = found[-1]._replace(slut=place.slut)
            else:
                found.append(Stykke(sti, place.start, place.slut))
        return found


def læs_rå(tekst: str) -> dict[str, Any]:
    """What a plan file that reads without error says, before it is checked; numbers keep their decimals."""
    return tomllib.loads(tekst, parse_float=Decimal)


def _with(rå: Mapping[str, Any], sti: Delsti, værdi: Mapping[str, Any]) -> dict[str, Any]:
    """The parsed plan with one part as given."""
    head, *rest = sti
    inner = _with(rå.get(head, {}), tuple(rest), værdi) if rest else dict(værdi)
    return {**rå, head: inner}


def _checked(text: str, wanted: dict[str, Any]) -> Plantekst:
    """The text if it says what it should; a file written in an unusual way is written anew, without its comments."""
    try:
        made = Plantekst(text)
    except tomllib.TOMLDecodeError:
        return Plantekst(skriv_plan(wanted))
    return made if _same(made.rå, wanted) else Plantekst(skriv_plan(wanted))


def _same(one: object, other: object) -> bool:
    """Equal, and with the keys in the same order: order is what people see."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
