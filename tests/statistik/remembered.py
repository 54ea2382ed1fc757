"""What solver and attack answered: the same facts get the same answer, so each is worked out once in a run.

Most tests of figures are about what becomes of them (recorded, shown, fetched), on the same few sets of invented facts.
Those about the making itself forget first (`glem`), and the long run remembers nothing.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from rådgivning.statistik import protection
from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.audit import AuditResult, audit
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.system import System

T = TypeVar("T")
_svar: dict[str, bytes] = {}


def glem() -> None:
    """From here on everything is worked out anew."""
    _svar.clear()


def husk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `protection.beskyt` remember its two parts."""

    def made(grundlag: Årsgrundlag, frø: bytes) -> System:
        facts = sorted(map(repr, grundlag.fakta))  # their own order is that of random ids
        return _once(lambda: lav_system(grundlag, frø), replace(grundlag, fakta=()), facts, frø)

    def attacked(releases: Sequence[Published], **how: Any) -> AuditResult:
        told = [(release.content, release.stande) for release in releases]
        return _once(lambda: audit(releases, **how), told, how)

    monkeypatch.setattr(protection, "lav_system", made)
    monkeypatch.setattr(protection, "audit", attacked)


def _once(work: Callable[[], T], *asked: object) -> T:
    """The answer to a question, a copy of its own for each who asks."""
    name = hashlib.sha256(repr(asked).encode()).hexdigest()
    if name not in _svar:
        _svar[name] = pickle.dumps(work())
    found: T = pickle.loads(_svar[name])
    return found
