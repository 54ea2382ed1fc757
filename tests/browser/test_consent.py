"""A consent is given, inkasso sees two answers, the consent is withdrawn, and they are gone."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.restancer.cases import knyt_beboer
from tests.browser.conftest import Åbner
from tests.conftest import Personale
from tests.restancer.factories import sag

pytestmark = pytest.mark.browser


def test_inkasso_sees_yes_or_no_from_the_consent_to_its_withdrawal(
    kontekst: Nøglekontekst, personale: Personale, db: Session, zxq: uuid.UUID, vindue: Åbner
) -> None:
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        sag_id = sag(session).id
    knyt_beboer(db, sag_id, beboer_id=zxq)
    db.commit()
    rådgiver, inkasso = vindue(Rolle.BEBOERRÅDGIVER, bredde=390), vindue(Rolle.INKASSO)
    intet = "Beboeren har ikke givet samtykke til, at det deles."
    side, deres = rådgiver.gå(f"/restancer/{sag_id}"), inkasso.gå(f"/restancer/{sag_id}")
    expect(side.get_by_text(f"Opkrævning kan se: {intet}")).to_be_visible()
    expect(deres.get_by_text(intet)).to_be_visible()
    side.get_by_role("button", name="Ja, en aftale er på vej").click()
    side.get_by_role("link", name="Registrér beboerens samtykke").click()
    side.get_by_label("Hvad må oplysningerne bruges til?").fill("At Opkrævning ved, at vi taler sammen")
    side.get_by_label("Hvilke oplysninger må gives?").fill("Om vi har kontakt, og om en aftale er på vej")
    side.get_by_label("Opkrævning og inkasso").check()
    side.get_by_label("Mundtligt").check()
    side.get_by_label("Hvornår og hvordan blev det sagt?").fill("Ved samtalen i dag")
    side.get_by_role("button", name="Gem samtykket").click()
    expect(side.get_by_text("Samtykket er gemt.")).to_be_visible()
    assert side.url.endswith(f"/restancer/{sag_id}")
    deres = inkasso.gå(f"/restancer/{sag_id}")
    expect(deres.get_by_text("Kontakt opnået: nej. Aftale på vej: ja.")).to_be_visible()
    side = rådgiver.gå(f"/beboere/{zxq}")
    side.get_by_role("link", name="Træk tilbage").click()
    expect(side.get_by_role("heading", name="Træk samtykket tilbage?")).to_be_visible()
    side.get_by_label("Mundtligt, ved en samtale").check()
    side.get_by_role("button", name="Træk tilbage").click()
    expect(side.get_by_text("Trukket tilbage", exact=True)).to_be_visible()
    deres = inkasso.gå("/restancer")
    expect(deres.get_by_text(intet)).to_be_visible()
    assert "Aftale på vej:" not in deres.content()
    assert rådgiver.klager == inkasso.klager == []
