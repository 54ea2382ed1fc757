"""An application that users sign in to through a service, and somebody who is tied to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from rådgivning import create_app
from rådgivning.adgang.models import Bruger, BrugerIdentitet
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.adgang.issuer import Udsteder, udsteder_kører
from tests.adgang.oidc.cases import BR, med_tjeneste
from tests.conftest import Klient, Personale


@pytest.fixture
def udsteder() -> Iterator[Udsteder]:
    """The service; whoever signs in there gives a second factor unless a test says otherwise."""
    with udsteder_kører() as made:
        made.bruger = {"sub": "sub-1", "sid": "sid-1", "amr": ["pwd", "mfa"]}
        yield made


@pytest.fixture
def app(settings: Settings, personale: Personale, udsteder: Udsteder, tmp_path: Any) -> Iterator[Flask]:
    """The application with a service set up, as a second one would be on the same database."""
    made = create_app(med_tjeneste(settings, udsteder, tmp_path))
    made.testing = True
    made.test_client_class = Klient
    yield made
    made.extensions["nøgler"].close()


@pytest.fixture
def knyttet(kontekst: Nøglekontekst, personale: Personale, udsteder: Udsteder) -> Bruger:
    """The beboerrådgiver, tied to sub-1."""
    bruger = personale.brugere[BR]
    with kontekst.session(Aktør()) as session:
        row = BrugerIdentitet(bruger_id=bruger.id, udsteder=udsteder.adresse, subjekt="sub-1", oprettet=now())
        session.add(row)
        session.commit()
    return bruger
