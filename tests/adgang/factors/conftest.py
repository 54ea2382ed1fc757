"""Every role must have a second factor here, as in production; and somebody who has one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rådgivning.adgang.models import Bruger
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from tests.adgang.factors.cases import ROLLE, med_app
from tests.conftest import Personale


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Every role must have a second factor, as in production."""
    return replace(settings, anden_faktor="skal", development=False)


@pytest.fixture
def bruger(kontekst: Nøglekontekst, personale: Personale) -> Bruger:
    """The beboerrådgiver, with an app."""
    med_app(kontekst, personale.brugere[ROLLE])
    return personale.brugere[ROLLE]
