"""Once a week databeskyttelse gets the head of the trail, in the mail itself, and the check takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.mail import brev
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id
from rådgivning.databeskyttelse.weekly_head import send_hoveder
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from rådgivning.spor.heads import læs_hoveder
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from tests.conftest import Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def test_the_head_comes_once_a_week_in_the_mail_itself(db: Session, personale: Personale, tmp_path: Path) -> None:
    skriv(db, Handling.ÅBNET, "beboer", [new_id()], anledning="vis beboer")
    db.commit()
    assert (send_hoveder(db), send_hoveder(db)) == (1, 0)
    row = db.exec(select(Besked).where(Besked.slags == Slags.SPOR_HOVED)).one()
    assert row.bruger_id == personale.brugere[Rolle.DATABESKYTTELSE].id
    post = Settings.from_environment(
        {
            "RAADGIVNING_SMTP_HOST": "mail.example",
            "RAADGIVNING_SMTP_AFSENDER": "no-reply@example.dk",
            "RAADGIVNING_ADRESSE": "https://sager.example.dk",
        },
        tmp_path,
    ).post
    assert post is not None
    mail = brev(post, "dpo@example.dk", Slags(row.slags), row.antal, {}, [row.id], tekst=row.tekst)
    assert mail["Subject"] == "Der er 1 nyt hoved af sporet at gemme"
    kept = læs_hoveder(mail.get_content())
    assert {head.kæde for head in kept} == {"system", str(personale.helhedsplan.id)}
    assert tjek(db, db.info["audit_key"], kendte=kept) == []
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(days=7, minutes=1)
    assert send_hoveder(db) == 1
