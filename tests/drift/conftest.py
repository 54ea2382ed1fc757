"""Servers and commands run on SQLite in a folder: what they do to a database is tested on both elsewhere."""

from __future__ import annotations

import pytest


@pytest.fixture
def databasetype() -> str:
    """One database is enough for processes that come and go."""
    return "sqlite"
