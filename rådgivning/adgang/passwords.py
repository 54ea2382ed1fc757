"""Passwords: Argon2id in PHC strings, and what may be used as one. Length and not being guessable, nothing else."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from collections.abc import Collection
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

MIN_TEGN: Final = 12
MAX_TEGN: Final = 200
# OWASP's first choice for Argon2id: 46 MiB, one pass, one lane; about 40 ms on a small server.
MEMORY_KIB: Final = 47_104
ITERATIONS: Final = 1
LANES: Final = 1
_PARAMETERS: Final = f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}$"
# Ours: Danish words and the words of this field. Theirs: what stood most often in breaches; see the licence beside it.
_LISTS: Final = tuple(Path(__file__).with_name(f"{name}_kodeord.txt") for name in ("almindelige", "brudte"))
_SAMME: Final = str.maketrans("0345$@", "oeassa")
# Without letters and digits that are mistaken for each other when read aloud or from paper.
LÆSBARE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
# Each run takes 46 MiB: a flood of sign-ins queues instead of taking all memory.
_room = BoundedSemaphore(4)


class KodeordFejl(ValueError):
    """The password may not be used; one Danish sentence says why."""


def hash_kodeord(kodeord: str) -> str:
    """The PHC string (`$argon2id$…`) that is stored of a password. Takes some 40 ms: not inside a transaction."""
    with _room:
        kdf = Argon2id(salt=os.urandom(16), length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
        return kdf.derive_phc_encoded(_bytes(kodeord))


def rå_hash(text: str, salt: bytes) -> bytes:
    """Argon2id of a random text with a salt that is stored beside it. Takes some 40 ms: not inside a transaction."""
    with _room:
        kdf = Argon2id(salt=salt, length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
        return kdf.derive(text.encode())


def passer(kodeord: str, gemt: str | None) -> bool:
    """Whether a password fits its PHC string, compared in constant time.

    With None (an unknown user) the same work is done against a password nobody knows, so that the time tells nothing.
    """
    with _room:
        try:
            Argon2id.verify_phc_encoded(_bytes(kodeord), gemt or _nobody())
        except InvalidKey:
            return False
    return gemt is not None


def er_forældet(gemt: str) -> bool:
    """Whether a stored PHC string has other parameters than today's, and should be made again at the next sign-in."""
    return not gemt.startswith(_PARAMETERS)


def tjek_kodeord(kodeord: str, brugernavn: str, egne_ord: Collection[str] = ()) -> None:
    """Raises KodeordFejl unless the password is long enough, without the user name, and not easily guessed.

    `egne_ord`: words that somebody who knows the user or her workplace would try first.
    """
    if len(kodeord) > MAX_TEGN:
        raise KodeordFejl(f"Adgangskoden må højst have {MAX_TEGN} tegn.")
    text = unicodedata.normalize("NFC", kodeord).casefold()
    if len(text) < MIN_TEGN:
        raise KodeordFejl(f"Adgangskoden skal have mindst {MIN_TEGN} tegn. Brug fx fire tilfældige ord.")
    if brugernavn.casefold() in text:
        raise KodeordFejl("Adgangskoden må ikke indeholde dit brugernavn.")
    if len(set(text)) < 5 or _is_known(text, egne_ord):
        raise KodeordFejl("Adgangskoden er for almindelig og let at gætte. Brug fx fire tilfældige ord.")


def nyt_kodeord() -> str:
    """A random password to hand over once: 16 characters of 31 (79 bits) in four groups."""
    made = "-".join("".join(secrets.choice(LÆSBARE) for _ in range(4)) for _ in range(4))
    return made if not _is_known(made, ()) else nyt_kodeord()


def _bytes(kodeord: str) -> bytes:
    """NFC, as RFC 8265 wants it: ø typed on a Mac and on a PC is the same password."""
    return unicodedata.normalize("NFC", kodeord[: MAX_TEGN + 1]).encode()


def ordene(text: str) -> frozenset[str]:
    """The words of a text as passwords are compared with them: small letters, three or more."""
    return frozenset(re.findall(r"[^\W\d_]{3,}", unicodedata.normalize("NFC", text).casefold()))


def _is_known(text: str, egne_ord: Collection[str]) -> bool:
    """Whether it stood in breaches, repeats or counts, or is one or two known words with digits and signs added."""
    steps = {(ord(b) - ord(a)) % 10 for a, b in pairwise(text)} if text.isdecimal() else set()
    if text in _common() or len(steps) == 1 or re.fullmatch(r"(.{1,8}?)\1+.{0,4}", text):
        return True
    known = _common().union(*map(ordene, egne_ord))
    for spelled in (text, text.translate(_SAMME)):
        words = re.findall(r"[^\W\d_]{3,}", spelled)
        if 0 < len(words) <= 2 and known.issuperset(words):
            return True
    return False


@cache
def _common() -> frozenset[str]:
    return frozenset(word for file in _LISTS for word in file.read_text(encoding="utf-8").split())


@cache
def _nobody() -> str:
    return hash_kodeord(secrets.token_urlsafe(32))
