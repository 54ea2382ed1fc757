"""Search by name, address and phone in memory: nothing searchable is ever on disk.

One index per helhedsplan, built from opened envelopes. It holds plain text, so it lives and dies with the process; it
knows no database and no Flask.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from heapq import nsmallest
from typing import Final
from uuid import UUID

from rådgivning.dansk import fold_letters, spell_out
from rådgivning.nøgler.words import Words

_COUNTRY_CODE = re.compile(r"\+\s*45[\s-]*")
_NOT_DIGIT = re.compile(r"\D")

# Stages of a search, best first. A hit's stage is the first one in which every word of the query matches.
_NAME_WHOLE, _NAME_START, _NUMBER_WHOLE, _START, _INSIDE, _PHONE, _TYPING_ERROR = range(7)
SHORTEST_QUERY: Final = 2
SHORTEST_PHONE: Final = 3
SHORTEST_MISTYPED: Final = 4


@dataclass(frozen=True, slots=True)
class SøgePost:
    """What a resident can be found by, as it stands in the envelope."""

    navn: str
    adresse: str = ""
    telefon: str = ""


class SearchIndex:
    """Residents by words of name and address and digits of the phone number. Safe to use from several threads."""

    def __init__(self, posts: Iterable[tuple[UUID, SøgePost]] = ()) -> None:
        self._lock = threading.Lock()
        self._slots: dict[UUID, int] = {}
        self._ids: dict[int, UUID] = {}
        # Strings, not tuples of words: so many containers more would wake the garbage collector and double the time.
        self._name_of: dict[int, str] = {}
        self._address_of: dict[int, str] = {}
        self._phone_of: dict[int, str] = {}
        self._names, self._letters, self._others = Words(), Words(), Words()
        self._next_slot = 0
        self.put_many(posts)

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, id: UUID, fields: SøgePost) -> None:  # noqa: A002 - the word used everywhere for a row's id
        """Add an entry or replace it."""
        self.put_many([(id, fields)])

    def put_many(self, posts: Iterable[tuple[UUID, SøgePost]]) -> None:
        """Add or replace many entries; each different word is folded once."""
        known: dict[str, str] = {}
        with self._lock:
            for id_, post in posts:
                self._remove(id_)
                self._put(id_, _folded(post.navn, known), _folded(post.adresse, known), _phone_digits(post.telefon))

    def remove(self, id: UUID) -> None:  # noqa: A002 - as in `put`
        """Take an entry out; an unknown id is no error."""
        with self._lock:
            self._remove(id)

    def search(self, text: str, limit: int = 20) -> list[UUID]:
        """The best hits first; every word must match name, address or phone. Under two letters or digits find nothing.

        Order: words of the name, their beginnings, beginnings of any word, inside of any word, phone digits, one typing
        error in a word of the name; equals by name.
        """
        if sum(map(str.isalnum, unicodedata.normalize("NFC", text))) < SHORTEST_QUERY:
            return []
        terms = _terms(fold_letters(_COUNTRY_CODE.sub(" ", text)))
        if not terms:
            return []
        with self._lock:
            return [self._ids[slot] for slot in self._ranked(terms, limit)]

    def _put(self, id_: UUID, name: str, address: str, phone: str) -> None:
        slot = self._next_slot
        self._next_slot += 1
        self._slots[id_], self._ids[slot] = slot, id_
        self._name_of[slot], self._address_of[slot], self._phone_of[slot] = name, address, phone
        for words, text in self._words_of(name, address):
            for word in text.split():
                words.add(word, slot)

    def _remove(self, id_: UUID) -> None:
        slot = self._slots.pop(id_, None)
        if slot is None:
            return
        del self._ids[slot], self._phone_of[slot]
        for words, text in self._words_of(self._name_of.pop(slot), self._address_of.pop(slot)):
            for word in set(text.split()):
                words.discard(word, slot)

    def _words_of(self, name: str, address: str) -> Iterator[tuple[Words, str]]:
        """Where the words of an entry stand: spelled out for beginnings, in single letters for typing errors."""
        yield self._names, spell_out(name)
        yield self._others, spell_out(address)
        if not name.isascii():
            yield self._letters, name

    def _ranked(self, terms: list[list[str]], limit: int) -> list[int]:
        """Slots by stage, then name. A later stage is only looked into when the earlier ones leave room."""
        ranked: list[int] = []
        found: set[int] = set()
        matches: dict[str, set[int]] = {word: set() for term in terms for word in term}
        for stage in range(_TYPING_ERROR + 1):
            matches = {word: slots | self._match(word, stage) for word, slots in matches.items()}
            hits = reduce(set.intersection, (self._match_term(term, matches, stage) for term in terms)) - found
            ranked += nsmallest(limit - len(ranked), hits, key=self._name_of.__getitem__)
            if len(ranked) >= limit:
                break
            found |= hits
        return ranked

    def _match_term(self, term: list[str], matches: dict[str, set[int]], stage: int) -> set[int]:
        """Entries where every word of the term matches, or where its digits taken together are in the phone number."""
        hits = reduce(set.intersection, (matches[word] for word in term))
        return hits | self._with_phone("".join(term)) if stage >= _PHONE and len(term) > 1 else hits

    def _match(self, letters: str, stage: int) -> set[int]:
        """Entries that match the word in the way this stage adds."""
        word = spell_out(letters)
        if stage == _NAME_WHOLE:
            return self._names.whole(word)
        if stage == _NAME_START:
            return self._names.starting(word)
        if stage == _NUMBER_WHOLE:
            return self._others.whole(word) if word.isdecimal() else self._others.starting(word)
        if stage == _START:
            return self._others.starting(word)
        if stage == _INSIDE:
            return self._names.holding(word) | self._others.holding(word)
        if stage == _PHONE:
            return self._with_phone(word)
        return self._mistyped(letters)

    def _with_phone(self, digits: str) -> set[int]:
        """Entries whose phone number has these digits in a row; the country code of Denmark may stand before them."""
        if not digits.isdecimal():
            return set()
        meant = {digits, digits.removeprefix("00"), digits.removeprefix("0045")}
        if len(digits) > 8:
            meant.add(digits.removeprefix("45"))
        parts = [part for part in meant if len(part) >= SHORTEST_PHONE]
        return {slot for part in parts for slot, phone in self._phone_of.items() if part in phone}

    def _mistyped(self, letters: str) -> set[int]:
        """Entries with one typing error in a word of the name; æ, ø, å count as one letter however they are written."""
        word = spell_out(letters)
        if len(word) < SHORTEST_MISTYPED or word.isdecimal():
            return set()
        hits = self._names.mistyped(word)
        if len(letters) >= SHORTEST_MISTYPED:
            # A name without æ, ø, å stands in `_names` alone, and the wrong letter may be one of them.
            hits |= self._letters.mistyped(letters) | self._names.mistyped(letters)
        return hits


class IndexRegister:
    """The indexes of one process, by helhedsplan, each with the epoch it is right at. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._indexes: dict[UUID, tuple[SearchIndex, int]] = {}

    def get(self, helhedsplan_id: UUID) -> tuple[SearchIndex, int] | None:
        """The index and its epoch, or None when none has been built."""
        with self._lock:
            return self._indexes.get(helhedsplan_id)

    def set(self, helhedsplan_id: UUID, index: SearchIndex, epoch: int) -> None:
        """Keep the index as being right at this epoch."""
        with self._lock:
            self._indexes[helhedsplan_id] = index, epoch

    def drop(self, helhedsplan_id: UUID) -> None:
        """Forget the index; the next search builds a new one."""
        with self._lock:
            self._indexes.pop(helhedsplan_id, None)


def _folded(text: str, known: dict[str, str]) -> str:
    """The folded text; `known` remembers the pieces of this batch."""
    pieces: list[str] = []
    for piece in text.split():
        if piece not in known:
            known[piece] = fold_letters(piece)
        pieces.append(known[piece])
    return " ".join(filter(None, pieces))


def _terms(folded: str) -> list[list[str]]:
    """The words of a query; numbers that stand together are one term, because they may be one phone number."""
    terms: list[list[str]] = []
    for word in folded.split():
        if terms and word.isdecimal() and terms[-1][-1].isdecimal():
            terms[-1].append(word)
        else:
            terms.append([word])
    return terms


def _phone_digits(text: str) -> str:
    """The digits of a phone number without the country code of Denmark."""
    digits = _NOT_DIGIT.sub("", text).removeprefix("00")
    return digits[2:] if len(digits) == 10 and digits.startswith("45") else digits
