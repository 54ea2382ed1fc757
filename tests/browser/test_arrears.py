"""A restancesag from inkasso's report to the one number that the agreement publishes."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.restancer.cases import luk_sag
from tests.browser.conftest import Åbner
from tests.conftest import IDAG
from tests.restancer.factories import sag

pytestmark = pytest.mark.browser
SAMTALE = KontaktData(
    art="en_til_en",
    aktivitet="beboerrådgivning",
    afdeling="aab55",
    form="telefon",
    kilde="kollega",
    hovedemne="gæld",
    udfald="råd_givet",
)


def året(session: Session) -> None:
    """What else happened that year: two udsættelser, a case that was paid, and thirteen talks."""
    for udfald in ("udsat", "udsat", "betalt"):
        done = luk_sag(
            session,
            sag(session).id,
            udfald=udfald,
            dato=date(2026, 11, 18),
            kilde="opkrævning",
            hændelse_id=new_id(),
        )
        assert done.lukket is not None
    for _ in range(13):
        log_kontakt(session, SAMTALE, dato=IDAG)
    session.commit()


def figures(side: Page) -> list[int]:
    """Every number in the page's tables."""
    return [int(text.replace(".", "")) for text in side.locator("table td.tal").all_inner_texts()]


def test_an_udsættelse_counts_exactly_in_the_goal_and_rounded_everywhere_else(
    db: Session, zxq: uuid.UUID, vindue: Åbner
) -> None:
    året(db)
    side = vindue(Rolle.INKASSO, 1280).gå("/restancer")
    side.get_by_role("link", name="Meld en restance ind").first.click()
    side.get_by_label("Beboerens navn").fill("Zxq Prøvesen")
    side.get_by_label("Adresse").fill("Opdigtet Allé 7")
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Restance i alt").fill("8.450,00")
    side.get_by_role("button", name="Meld ind").click()
    expect(side.get_by_text("Restancesagen er oprettet.")).to_be_visible()

    rådgiver = vindue(Rolle.BEBOERRÅDGIVER)
    side = rådgiver.gå("/restancer")
    side.get_by_role("link", name="Zxq Prøvesen").tap()
    side.get_by_role("link", name="Find eller opret beboeren").tap()
    side.get_by_role("radio", name="Zxq Prøvesen").check()
    side.get_by_role("button", name="Knyt til beboeren").tap()
    expect(side.get_by_text("Beboer: Zxq Prøvesen")).to_be_visible()
    side.get_by_role("link", name="Luk sagen").tap()
    side.get_by_label("Hvordan endte sagen?").select_option("udsat")
    side.get_by_label("Hvilken dag?").fill("2026-11-19")
    side.get_by_label("Hvem siger det?").select_option("opkrævning")
    side.get_by_role("button", name="Luk sagen").tap()
    expect(side.get_by_text("Udfald: Udsat (effektiv udsættelse)")).to_be_visible()
    expect(rådgiver.gå(f"/beboere/{zxq}").get_by_text("Udsat").first).to_be_visible()

    leder = vindue(Rolle.LEDER, 1280)
    side = leder.gå("/delmål?periode=2026")
    række = side.get_by_role("row").filter(has_text="Udsættelser på baggrund af restance i AAB 55, registreret")
    expect(række.first.get_by_role("cell")).to_have_text("3")

    side = leder.gå("/statistik?periode=2026")
    expect(side.get_by_role("heading", name=re.compile(r"Udsættelser .*AAB 55.*: 3$"))).to_be_visible()
    found = figures(side)
    assert max(found) >= 10
    assert [number for number in found if number % 5] == []
