"""Words and which entries hold them, found whole, by their beginning, by a part, or with one typing error."""

from bisect import bisect_left, insort
from collections.abc import Iterator

_LAST = "\U0010ffff"


class Words:
    """Which entries hold which word, with the words in order so that a beginning is a range."""

    def __init__(self) -> None:
        self.postings: dict[str, set[int]] = {}
        self._ordered: list[str] = []
        self._unordered: list[str] = []

    def add(self, word: str, slot: int) -> None:
        """Note that the entry holds the word."""
        slots = self.postings.get(word)
        if slots is None:
            self.postings[word] = {slot}
            self._unordered.append(word)
        else:
            slots.add(slot)

    def discard(self, word: str, slot: int) -> None:
        """The entry no longer holds the word; a word nobody holds is forgotten."""
        slots = self.postings[word]
        slots.discard(slot)
        if not slots:
            del self.postings[word]
            ordered = self.ordered
            del ordered[bisect_left(ordered, word)]

    @property
    def ordered(self) -> list[str]:
        """All words in order; new ones are put in their places here, few at a time or all at once."""
        if len(self._unordered) > 8:
            self._ordered += self._unordered
            self._ordered.sort()
        else:
            for word in self._unordered:
                insort(self._ordered, word)
        self._unordered.clear()
        return self._ordered

    def whole(self, word: str) -> set[int]:
        """Entries with exactly this word."""
        return self.postings.get(word, set())

    def starting(self, start: str) -> set[int]:
        """Entries with a word that starts so."""
        low, high = self._range(start)
        return set().union(*map(self.postings.__getitem__, self.ordered[low:high]))

    def holding(self, part: str) -> set[int]:
        """Entries with a word that has this inside."""
        return set().union(*(slots for word, slots in self.postings.items() if part in word))

    def mistyped(self, word: str) -> set[int]:
        """Entries with a word whose beginning is one typing error (more, less, other, swapped) away from this."""
        return set().union(*map(self.starting, set(self._one_error(word))))

    def _one_error(self, word: str) -> Iterator[str]:
        """The beginnings one error away; what stands before the error must be the start of a known word."""
        for i in range(len(word)):
            head, tail = word[:i], word[i:]
            low, high = self._range(head)
            if low == high:
                return
            yield head + tail[1:]
            if len(tail) > 1:
                yield head + tail[1] + tail[0] + tail[2:]
            for letter in self._letters_at(i, low, high):
                yield head + letter + tail
                yield head + letter + tail[1:]

    def _letters_at(self, i: int, low: int, high: int) -> Iterator[str]:
        """The different letters at place `i` of the words in a range that share what stands before it."""
        ordered = self.ordered
        while low < high:
            word = ordered[low]
            if len(word) == i:
                low += 1
                continue
            yield word[i]
            low = bisect_left(ordered, word[: i + 1] + _LAST, low, high)

    def _range(self, start: str) -> tuple[int, int]:
        ordered = self.ordered
        low = bisect_left(ordered, start)
        return low, bisect_left(ordered, start + _LAST, low)
