"""What the tests of second factors share: an app, codes from it and from paper, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlmodel import col, select

from rådgivning import database
from rådgivning.adgang.models import Bruger, BrugerFaktor
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.recovery_codes import gem_sæt, nyt_sæt
from rådgivning.adgang.totp import forsegl_frø
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FRØ = pyotp.random_base32()
ROLLE = Rolle.BEBOERRÅDGIVER
NAVN = str(ROLLE)
Klienter = Callable[[Rolle | None], Klient]
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def gå(skridt: timedelta) -> None:
    """Let time pass since ten o'clock."""
    database.clock.read = lambda: START + skridt


def kode(frø: str = FRØ, skridt: int = 0) -> str:
    """What an app shows now, or some steps from now."""
    clock = pyotp.TOTP(frø)
    return clock.generate_otp(clock.timecode(now()) + skridt)


def med_app(kontekst: Nøglekontekst, bruger: Bruger, frø: str = FRØ) -> None:
    """Give a user an app."""
    with kontekst.session(Aktør()) as session:
        row = new_id()
        sealed = forsegl_frø(session, row, bruger.id, frø)
        session.add(BrugerFaktor(id=row, bruger_id=bruger.id, slags="totp", navn="Prøve", nøgle=sealed, oprettet=now()))
        session.commit()


def med_koder(kontekst: Nøglekontekst, bruger: Bruger) -> list[str]:
    """Give a user recovery codes."""
    sæt = nyt_sæt()
    with kontekst.session(Aktør()) as session:
        gem_sæt(session, bruger.id, sæt)
        session.commit()
    return sæt.koder


def er_inde(client: Klient) -> bool:
    """Whether the client is signed in."""
    return client.get("/sessioner").status_code == 200


def anledninger(kontekst: Nøglekontekst) -> list[str]:
    """The words of every refusal in the trail."""
    refused = col(Spor.handling).in_([Handling.AFVIST, Handling.LOG_IND_AFVIST])
    with kontekst.session(Aktør()) as session:
        return list(session.exec(select(Spor.anledning).where(refused).order_by(col(Spor.nr))).all())


def beskeder(kontekst: Nøglekontekst, slags: Slags) -> int:
    """How many notices of a kind there are."""
    with kontekst.session(Aktør()) as session:
        return len(session.exec(select(Besked).where(Besked.slags == slags)).all())
