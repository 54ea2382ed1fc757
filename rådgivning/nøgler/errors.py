"""The four ways a key can fail, kept apart because each has another remedy."""

from __future__ import annotations

import uuid


class NøgleFejl(Exception):
    """Base of the four; the text is one Danish sentence for the person who runs the system."""


class KeyMissing(NøgleFejl):
    """The keyring lacks a key that the database was written with."""


class KeyWrong(NøgleFejl):
    """A key has the right number but is not the one the database was written with."""


class Tampered(NøgleFejl):
    """A blob does not belong where it stands, or a bit of it was changed."""


class Begrænset(Exception):
    """What is sealed about this resident may be kept and nothing else: 409. The message is a Danish sentence."""

    def __init__(self, besked: str, beboer_id: uuid.UUID | None = None) -> None:
        super().__init__(besked)
        self.beboer_id = beboer_id


class Shredded(NøgleFejl):
    """The person's key is destroyed: erased on purpose, and nobody can open it."""
