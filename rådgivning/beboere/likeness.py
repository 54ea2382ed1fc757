"""How alike two residents are: pure functions over what she is recognised by, and the likely pairs of a helhedsplan.

Names are compared in any order, æ, ø, å counted as one letter however they were written, and with one wrong letter in
one word. Nothing here is on disk: a worker keeps it in memory as it keeps the search index.
"""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import combinations

from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.dansk import fold, fold_letters
from rådgivning.nøgler.mirrors import Billede, Spejl

SANDSYNLIG = 3  # a pair for the list: nobody typed it, so it must be likely
MULIG = 2  # worth a question while a form is filled in
_SHORTEST_MISTYPED = 4
_LARGEST_BLOCK = 100  # more who share a number are an office's, and more of one name are many people
_FEW = 40


class Navn(IntEnum):
    """How alike two names are."""

    ANDET = 0
    FORNAVN = 1
    NÆSTEN = 3
    ENS = 4


@dataclass(frozen=True, slots=True)
class Kendetegn:
    """What a resident is recognised by, folded. `ord`: the words of her name in alphabetical order."""

    ord: tuple[str, ...]
    fornavn: str
    sammen: str
    adresse: str
    telefon: str
    født: date | None


@dataclass(frozen=True, slots=True)
class Lighed:
    """How likely it is that two are one person (`point`), and why, in words."""

    point: int
    grunde: tuple[str, ...] = ()


def kendetegn(data: BeboerData) -> Kendetegn:
    """The marks of a resident."""
    words = fold_letters(data.navn).split()
    return Kendetegn(
        tuple(sorted(words)), words[0] if words else "", "".join(words), fold(data.adresse), data.telefon,
        data.fødselsdato,
    )  # fmt: skip


def lighed(a: Kendetegn, b: Kendetegn) -> Lighed:
    """How alike two are. A phone is often a whole family's, so with another name it is only just enough; two birth
    dates are two people, unless name and phone both say otherwise (one date is then mistyped)."""
    navn = navnelighed(a, b)
    phone = bool(a.telefon) and a.telefon == b.telefon
    place = bool(a.adresse) and a.adresse == b.adresse
    born = a.født is not None and a.født == b.født
    two_births = a.født is not None and b.født is not None and not born
    if navn is Navn.ANDET:
        point = SANDSYNLIG if phone and not two_births else 0
    else:
        point = navn + 4 * phone + 3 * place + 3 * born - 5 * two_births
        point -= bool(a.telefon and b.telefon and not phone) + bool(a.adresse and b.adresse and not place)
    named = {Navn.ENS: "samme navn", Navn.NÆSTEN: "næsten samme navn", Navn.FORNAVN: "samme fornavn"}.get(navn, "")
    reasons = (named, "samme telefon" * phone, "samme adresse" * place, "samme fødselsdato" * born)
    return Lighed(point, tuple(filter(None, reasons)))


def samme_person(a: Kendetegn, b: Kendetegn) -> bool:
    """Whether two are taken for one without anybody asking: the very same name, a birth date, phone or address in
    common, and no two birth dates (father and son of one name at one address)."""
    if not a.ord or a.ord != b.ord or (a.født and b.født and a.født != b.født):
        return False
    pairs = ((a.født, b.født), (a.telefon, b.telefon), (a.adresse, b.adresse))
    return any(one and one == other for one, other in pairs)


def navnelighed(a: Kendetegn, b: Kendetegn) -> Navn:
    """How alike two names are: the same words; one letter wrong, a middle name left out or two words written in one;
    the same first name."""
    if not a.ord or not b.ord:
        return Navn.ANDET
    if a.ord == b.ord:
        return Navn.ENS
    if a.sammen == b.sammen or _one_word_mistyped(a.ord, b.ord) or _one_within(a.ord, b.ord):
        return Navn.NÆSTEN
    return Navn.FORNAVN if a.fornavn == b.fornavn or _mistyped(a.fornavn, b.fornavn) else Navn.ANDET


def _one_word_mistyped(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    if len(a) != len(b):
        return False
    only_a, only_b = _without(a, b), _without(b, a)
    return len(only_a) == 1 and len(only_b) == 1 and _mistyped(only_a[0], only_b[0])


def _without(a: tuple[str, ...], b: tuple[str, ...]) -> list[str]:
    left = list(a)
    for word in b:
        if word in left:
            left.remove(word)
    return left


def _one_within(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    short, long = sorted((set(a), set(b)), key=len)
    return len(short) > 1 and short < long


def _mistyped(a: str, b: str) -> bool:
    """Whether two words differ by one letter more, less, other, or two swapped. Short words are not compared so."""
    if max(len(a), len(b)) < _SHORTEST_MISTYPED or abs(len(a) - len(b)) > 1:
        return False
    i = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) != len(b):
        short, long = sorted((a, b), key=len)
        return short[i:] == long[i + 1 :]
    swapped = a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :]
    return a[i + 1 :] == b[i + 1 :] or swapped


Parnøgle = tuple[uuid.UUID, uuid.UUID]


def parnøgle(a: uuid.UUID, b: uuid.UUID) -> Parnøgle:
    """Two ids in one order, however they came."""
    return (a, b) if a.int < b.int else (b, a)


def find_par(poster: Mapping[uuid.UUID, Kendetegn]) -> dict[Parnøgle, Lighed]:
    """All likely pairs. Only those are compared who share a phone, or a name or a first name and a place but for one
    letter, so that time grows with the residents and not with their square."""
    blocks: defaultdict[int, list[uuid.UUID]] = defaultdict(list)
    for id_, marks in poster.items():
        for key in {hash(key) for key in _blocks_of(marks)}:
            blocks[key].append(id_)
    pairs = {
        parnøgle(a, b)
        for block in blocks.values()
        if 1 < len(block) <= _LARGEST_BLOCK
        for a, b in combinations(block, 2)
    }
    found = ((pair, lighed(poster[pair[0]], poster[pair[1]])) for pair in pairs)
    return {pair: alike for pair, alike in found if alike.point >= SANDSYNLIG}


def _blocks_of(marks: Kendetegn) -> Iterator[tuple[object, ...]]:
    """What others must share with her to be compared: words one letter apart share one with a letter left out."""
    if marks.telefon:
        yield "telefon", marks.telefon
    if not marks.ord:
        return
    yield "sammen", marks.sammen
    for i, word in enumerate(marks.ord):
        rest = marks.ord[:i] + marks.ord[i + 1 :]
        for spelling in _spellings(word):
            yield "navn", rest, spelling
    for pair in combinations(sorted(set(marks.ord)), 2):
        yield "to ord", pair
    for where in filter(None, (marks.adresse, marks.født)):
        for spelling in _spellings(marks.fornavn):
            yield "sted", where, spelling


def _spellings(word: str) -> set[str]:
    short = {word[:i] + word[i + 1 :] for i in range(len(word))} if len(word) >= _SHORTEST_MISTYPED - 1 else set()
    return {word, *short}


class Ligheder(Billede[Kendetegn]):
    """The marks of a helhedsplan's residents, and the likely pairs among them, worked out when first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._pairs: dict[Parnøgle, Lighed] | None = None
        self._changed: set[uuid.UUID] = set()

    def sæt(self, id: uuid.UUID, post: Kendetegn) -> None:  # noqa: A002
        """Put a resident in."""
        super().sæt(id, post)
        self._changed.add(id)

    def fjern(self, id: uuid.UUID) -> None:  # noqa: A002
        """Take a resident out."""
        super().fjern(id)
        self._changed.add(id)

    def kopi(self) -> Ligheder:
        """One that can be changed while others read this; pairs found so far are kept."""
        new = Ligheder()
        with self._lock:
            new.poster = dict(self.poster)
            new._pairs, new._changed = self._pairs, set(self._changed)
        return new

    def par(self) -> Mapping[Parnøgle, Lighed]:
        """The likely pairs, brought up to date: after few changes only those who changed are compared with all."""
        with self._lock:
            if self._pairs is None or len(self._changed) > _FEW:
                self._pairs = find_par(self.poster)
            elif self._changed:
                kept = {pair: alike for pair, alike in self._pairs.items() if not self._changed & set(pair)}
                self._pairs = kept | self._pairs_of(self._changed & self.poster.keys())
            self._changed.clear()
            return self._pairs

    def som(self, marks: Kendetegn, mindst: int) -> list[tuple[uuid.UUID, Lighed]]:
        """Everybody who is at least so much like these marks, best first."""
        poster = list(self.poster.items())
        found = [(id_, alike) for id_, other in poster if (alike := lighed(marks, other)).point >= mindst]
        return sorted(found, key=lambda hit: (-hit[1].point, hit[0].int))

    def _pairs_of(self, ids: Iterable[uuid.UUID]) -> dict[Parnøgle, Lighed]:
        return {
            parnøgle(id_, other): alike
            for id_ in ids
            for other, alike in self.som(self.poster[id_], SANDSYNLIG)
            if other != id_
        }


SPEJL: Spejl[Kendetegn] = Spejl(Beboer, BeboerData, lambda _row, data: kendetegn(data) if data else None, Ligheder)
