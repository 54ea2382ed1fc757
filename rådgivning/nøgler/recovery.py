"""The recovery sheet: a keyring on paper, whole or in three parts of which any two are enough.

A part is `01 | kid (2) | part (1; 0 = whole) | set (2) | 32 bytes | check (7)` in base32: three lines of six groups.
Each line ends with two letters of its own check, so that a misread line is named. The split is Shamir's with threshold
two over GF(2^8): one part alone says nothing of the key.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rådgivning.nøgler.keyring import ROOT_BYTES, Keyring

VERSION = 1
DELE = (1, 2, 3)
_CHECK, _LINES, _PER_LINE = 7, 3, 24
_LINE = re.compile(r"^\s*([1-3])[.):]?\s+([A-Z0-9\s-]+)$")
_MISREAD = str.maketrans("018", "OIB")


class ArkFejl(ValueError):
    """The sheet cannot be read; one Danish sentence says what to look at."""


class Del(NamedTuple):
    """One root or one part of it. Parts of the same split have the same `sæt`."""

    kid: int
    nummer: int
    sæt: bytes
    værdi: bytes


def whole(ring: Keyring) -> list[Del]:
    """Every root as it is."""
    return [Del(kid, 0, bytes(2), root) for kid, root in sorted(ring.roots.items())]


def split(ring: Keyring) -> dict[int, list[Del]]:
    """Three sheets, by number; two of them give the keyring back."""
    mark = os.urandom(2)
    sheets: dict[int, list[Del]] = {number: [] for number in DELE}
    for kid, root in sorted(ring.roots.items()):
        slope = os.urandom(ROOT_BYTES)
        for number in DELE:
            value = bytes(a ^ _times(number, b) for a, b in zip(root, slope, strict=True))
            sheets[number].append(Del(kid, number, mark, value))
    return sheets


def join(parts: Sequence[Del]) -> Keyring:
    """The keyring of a whole sheet or of two parts; the newest root is primary. Raises ArkFejl."""
    roots = {part.kid: part.værdi for part in parts if part.nummer == 0}
    shared: dict[int, dict[int, Del]] = {}
    for part in parts:
        if part.nummer:
            shared.setdefault(part.kid, {})[part.nummer] = part
    if len({part.sæt for part in parts if part.nummer}) > 1:
        raise ArkFejl("Delene er ikke fra den samme opdeling. Find to ark, der er skrevet samme dag.")
    for kid, found in shared.items():
        if len(found) < 2 and kid not in roots:  # two parts are enough
            raise ArkFejl(f"Der mangler en del af nøgle {kid}: to af de tre ark skal skrives ind.")
        roots.setdefault(kid, _joined(found))
    if not roots:
        raise ArkFejl("Der er ingen nøgle på arket.")
    return Keyring(roots, max(roots))


def _joined(found: Mapping[int, Del]) -> bytes:
    (x, one), (y, other) = [(number, part.værdi) for number, part in sorted(found.items())][:2]
    inverse = _inverse(x ^ y)
    slope = [_times(a ^ b, inverse) for a, b in zip(one, other, strict=True)]
    return bytes(a ^ _times(x, b) for a, b in zip(one, slope, strict=True))


def _times(a: int, b: int) -> int:
    """Multiplication in GF(2^8) with the polynomial of AES, the same steps whatever the values."""
    product = 0
    for _ in range(8):
        product ^= -(b & 1) & a
        a = (a << 1) ^ (-(a >> 7) & 0x11B)
        b >>= 1
    return product


def _inverse(a: int) -> int:
    """a^254, which is 1/a."""
    result = 1
    for _ in range(254):
        result = _times(result, a)
    return result


def to_lines(part: Del) -> list[str]:
    """A part as the three lines that are printed."""
    head = bytes([VERSION]) + part.kid.to_bytes(2, "big") + bytes([part.nummer]) + part.sæt
    body = head + part.værdi
    text = base64.b32encode(body + hashlib.sha256(body).digest()[:_CHECK]).decode()
    lines = []
    for number in range(_LINES):
        letters = text[number * _PER_LINE : (number + 1) * _PER_LINE]
        groups = " ".join(letters[start : start + 4] for start in range(0, _PER_LINE, 4))
        lines.append(f"{number + 1}  {groups}  {_line_check(number + 1, letters)}")
    return lines


def from_text(text: str) -> list[Del]:
    """The parts written in a text, three numbered lines each; everything else on the sheet is passed over.

    Raises ArkFejl.
    """
    lines = [match for line in text.upper().splitlines() if (match := _LINE.match(line))]
    read = [(int(match[1]), re.sub(r"[\s-]", "", match[2]).translate(_MISREAD)) for match in lines]
    letters = [(number, line) for number, line in read if len(line) > 8]  # not a date or a page number
    for place, (number, line) in enumerate(letters, 1):
        if len(line) != _PER_LINE + 2 or number != (place - 1) % _LINES + 1:
            raise ArkFejl(
                f"Linje {place} har ikke seks grupper og to bogstaver, eller linjerne står ikke i rækkefølge."
            )
        if _line_check(number, line[:_PER_LINE]) != line[_PER_LINE:]:
            raise ArkFejl(f"Linje {place} er læst forkert: de to sidste bogstaver passer ikke.")
    if not letters or len(letters) % _LINES:
        raise ArkFejl("Hver nøgle står på tre linjer. Skriv dem alle.")
    texts = ["".join(line[:_PER_LINE] for _n, line in letters[start : start + _LINES]) for start in
             range(0, len(letters), _LINES)]  # fmt: skip
    return [_part(text) for text in texts]


def _part(text: str) -> Del:
    try:
        data = base64.b32decode(text)
    except ValueError:
        raise ArkFejl("Arket har tegn, der ikke bruges: kun bogstaver og 2-7.") from None
    body, check = data[:-_CHECK], data[-_CHECK:]
    if hashlib.sha256(body).digest()[:_CHECK] != check or body[0] != VERSION or body[3] > max(DELE):
        raise ArkFejl("Linjerne hører ikke sammen. Er to ark blandet?")
    return Del(int.from_bytes(body[1:3], "big"), body[3], body[4:6], body[6:])


def _line_check(number: int, letters: str) -> str:
    return base64.b32encode(hashlib.sha256(f"{number}/{letters}".encode()).digest())[:2].decode()
