"""Who files restancer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from tests.conftest import Personale


@pytest.fixture
def inge(kontekst: Nøglekontekst, personale: Personale) -> Iterator[Session]:
    """A Session acting as opkrævning."""
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        yield session
