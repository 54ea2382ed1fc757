"""What the tests of the service share: the settings, the way there and back, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlmodel import select

from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.issuer import HEMMELIGHED, KLIENT, Udsteder
from tests.conftest import Klient

BR = Rolle.BEBOERRÅDGIVER
BEGYND = "/log-ind/oidc"


def med_tjeneste(settings: Settings, udsteder: Udsteder, folder: Any) -> Settings:
    """The settings with a service."""
    file = folder / "hemmelighed"
    file.write_text(HEMMELIGHED, encoding="utf-8")
    environ = {
        "RAADGIVNING_OIDC_UDSTEDER": udsteder.adresse,
        "RAADGIVNING_OIDC_KLIENT": KLIENT,
        "RAADGIVNING_OIDC_NAVN": "Prøvetjenesten",
        "RAADGIVNING_OIDC_FAKTOR": "amr=mfa",
        "RAADGIVNING_OIDC_HEMMELIGHED_FIL": str(file),
    }
    return replace(settings, anden_faktor="skal", adresse="http://localhost", environ={**settings.environ, **environ})


def hen(client: Klient, begynd: str = BEGYND) -> str:
    """To the service; returns the way back, which the browser has not gone yet."""
    gone = client.get(begynd)
    assert gone.status_code == 302
    back = requests.get(gone.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def ind(client: Klient, begynd: str = BEGYND) -> Any:
    """There and back."""
    return client.get(hen(client, begynd))


def afviste(kontekst: Nøglekontekst) -> list[str]:
    """Why sign-ins were refused."""
    with kontekst.session(Aktør()) as session:
        rows = session.exec(select(Spor).where(Spor.handling == Handling.LOG_IND_AFVIST)).all()
        return [row.anledning for row in sorted(rows, key=lambda r: (r.tidspunkt, r.nr))]


def sessioner(kontekst: Nøglekontekst) -> list[BrugerSession]:
    """All sessions."""
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        return list(session.exec(select(BrugerSession)).all())
