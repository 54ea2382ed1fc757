"""A key file locked with a passphrase: Argon2id makes the key, AES-256-GCM seals the keyring's text.

Format 2: {"format": 2, "argon2id": {"salt", "runder", "kib", "spor"}, "nonce", "låst"}, bytes in base64. Everything but
`låst` is bound to it as associated data, so that nobody can weaken the parameters unseen.
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from rådgivning.nøgler.errors import KeyMissing, KeyWrong

MINDST = 12
"""Characters in a passphrase: it guards everything, and whoever has the file may guess as often as she likes."""
_RUNDER, _KIB, _SPOR = 3, 256 * 1024, 4
_MOST_KIB, _MOST_RUNDER = 4 * 1024 * 1024, 20


def is_locked(text: str) -> bool:
    """Whether a key file's text needs a passphrase."""
    try:
        data = json.loads(text)
    except ValueError:
        return False
    return isinstance(data, dict) and data.get("format") == 2 and "argon2id" in data  # the format


def lock(text: str, passphrase: str, salt: bytes = b"", nonce: bytes = b"") -> str:
    """A key file's text, locked. Salt and nonce are given only by the frozen test vectors."""
    chosen = nonce or os.urandom(12)
    head: dict[str, Any] = {
        "format": 2,
        "argon2id": {"salt": _coded(salt or os.urandom(16)), "runder": _RUNDER, "kib": _KIB, "spor": _SPOR},
        "nonce": _coded(chosen),
    }
    sealed = AESGCM(_key(head, passphrase)).encrypt(chosen, text.encode(), _aad(head))
    return json.dumps({**head, "låst": _coded(sealed)}, ensure_ascii=False, indent=1) + "\n"


def unlock(text: str, passphrase: str | None, name: str) -> str:
    """The text inside; raises KeyMissing without a passphrase and KeyWrong for a wrong one or a damaged file."""
    if passphrase is None:
        raise KeyMissing(
            f"{name} er låst med en adgangssætning. Kør kommandoen i en terminal eller med --sætning-fra-stdin; "
            "systemds enheder får den af legitimationen raadgivning.saetning."
        )
    try:
        head = json.loads(text)
        sealed = base64.b64decode(head.pop("låst"), validate=True)
        nonce = base64.b64decode(head["nonce"], validate=True)
        return AESGCM(_key(head, passphrase)).decrypt(nonce, sealed, _aad(head)).decode()
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError):
        raise KeyWrong(f"Adgangssætningen passer ikke til {name}, eller filen er beskadiget.") from None


def _key(head: dict[str, Any], passphrase: str) -> bytes:
    cost = head["argon2id"]
    if not (1 <= cost["runder"] <= _MOST_RUNDER and 8 <= cost["kib"] <= _MOST_KIB and 1 <= cost["spor"] <= 64):
        raise ValueError("no cost this program would choose")
    kdf = Argon2id(
        salt=base64.b64decode(cost["salt"], validate=True),
        length=32,
        iterations=cost["runder"],
        lanes=cost["spor"],
        memory_cost=cost["kib"],
    )
    return kdf.derive(passphrase.encode())


def _aad(head: dict[str, Any]) -> bytes:
    return json.dumps(head, ensure_ascii=False, sort_keys=True).encode()


def _coded(value: bytes) -> str:
    return base64.b64encode(value).decode()
