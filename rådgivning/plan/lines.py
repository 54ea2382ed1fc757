"""Where in a TOML text each key stands: tomllib says nothing about that once a text is well-formed."""

from __future__ import annotations

import re
from typing import NamedTuple

Sti = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)+")
_SPACE = re.compile(r"[ \t]+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}\n#]+")
_STRING = re.compile(
    r"""
      \"{3} (?: \\. | [^\\] )*? \"{3,5}  # several lines, escapes
    | '{3} .*? '{3,5}                   # several lines, literal
    | " (?: \\. | [^"\\] )* "
    | ' [^']* '
    """,
    re.DOTALL | re.VERBOSE,
)


class Tabelplads(NamedTuple):
    """Where a table stands in the text: its names, and from its header to the end of its last line."""

    navne: tuple[str, ...]
    start: int
    slut: int


class LineIndex:
    """The line (from 1) of every key, table and array item of a text that tomllib has already accepted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line: dict[Sti, int] = {(): 1}
        self._arrays: dict[Sti, int] = {}
        self.tabeller: list[Tabelplads] = []
        self._read()

    def find(self, sti: Sti) -> int:
        """The line of the nearest part of `sti` that stands in the text; a missing key gives its table's line."""
        while sti not in self._line:
            sti = sti[:-1]
        return self._line[sti]

    def _read(self) -> None:
        table: Sti = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                start = self._at
                table = self._header()
                self.tabeller.append(Tabelplads(tuple(n for n in table if isinstance(n, str)), start, self._line_end()))
            else:
                self._pair(table)
                if self.tabeller:
                    self.tabeller[-1] = self.tabeller[-1]._replace(slut=self._line_end())
            self._skip(_BLANK)

    def _header(self) -> Sti:
        many = self._text.startswith("[[", self._at)
        line = self._line_here()
        self._at += 2 if many else 1
        path: Sti = ()
        names = self._key()
        for place, name in enumerate(names):
            path = (*path, name)
            self._line.setdefault(path, line)
            if many and place == len(names) - 1:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            if path in self._arrays:
                path = (*path, self._arrays[path])
                self._line.setdefault(path, line)
        self._at += 2 if many else 1
        return path

    def _pair(self, table: Sti) -> None:
        line = self._line_here()
        path = table
        for name in self._key():
            path = (*path, name)
            self._line.setdefault(path, line)
        self._at += 1
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACE)
            if self._text[self._at] in "\"'":
                names.append(_unquote(self._take(_STRING)))
            else:
                names.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _value(self, path: Sti) -> None:
        start = self._text[self._at]
        if start == "[":
            self._items(path)
        elif start == "{":
            self._inline(path)
        elif start in "\"'":
            self._take(_STRING)
        else:
            self._take(_BARE_VALUE)

    def _items(self, path: Sti) -> None:
        self._at += 1
        number = 0
        while self._more("]"):
            self._line.setdefault((*path, number), self._line_here())
            self._value((*path, number))
            number += 1

    def _inline(self, path: Sti) -> None:
        self._at += 1
        while self._more("}"):
            self._pair(path)

    def _more(self, end: str) -> bool:
        """Step over commas and comments; False (and past `end`) when the array or inline table is over."""
        self._skip(_BLANK)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BLANK)
        if self._text[self._at] == end:
            self._at += 1
            return False
        return True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if found := pattern.match(self._text, self._at):
            self._at = found.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None  # noqa: S101  # tomllib has read the same text
        self._at = found.end()
        return found.group()

    def _line_end(self) -> int:
        """The end of the line that the last part ends on, its comment included."""
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _line_here(self) -> int:
        return self._text.count("\n", 0, self._at) + 1


def _unquote(quoted: str) -> str:
    """A quoted key's name. Escapes are left as written: a key that needs one is refused by the schema anyway."""
    return quoted[1:-1]


def skriv_sti(sti: Sti) -> str:
    """`indikator.isoleret.historik[2].år` for messages; the list position counts from 1, as people do."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in sti).removeprefix(".")
