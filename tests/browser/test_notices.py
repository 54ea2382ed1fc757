"""A referral rings the beboerrådgiver's bell, and her answer rings the referrer's: on a phone without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.henvisninger.intake import tag_op
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import henvis
from rådgivning.nøgler.context import Nøglekontekst
from tests.browser.conftest import Åbner
from tests.conftest import Personale


@pytest.mark.browser
def test_a_referral_rings_the_bell_on_both_sides(
    kontekst: Nøglekontekst, personale: Personale, db: Session, vindue: Åbner
) -> None:
    henvisning = new_id()
    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as session:
        henvis(session, HenvisningData(navn="Zxq Prøvesen"), hast="akut", boligorganisation="aab", id=henvisning)
        session.commit()
    page = vindue(Rolle.BEBOERRÅDGIVER, js=False).side
    page.get_by_role("link", name="Beskeder, 1 ulæst").click()
    expect(page.get_by_role("main")).to_contain_text("Der er 1 ny henvisning")
    page.get_by_role("button", name="Se mere").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Henvisninger")
    expect(page.get_by_role("link", name="Beskeder", exact=True)).to_have_count(1)
    tag_op(db, henvisning, beboer_id=None)
    db.commit()
    hers = vindue(Rolle.EJENDOMSDRIFT, js=False).side
    hers.get_by_role("link", name="Beskeder, 1 ulæst").click()
    expect(hers.get_by_role("main")).to_contain_text("nyt om 1 af dine henvisninger")
    hers.get_by_role("button", name="Markér alle som læst").click()
    expect(hers.get_by_role("link", name="Beskeder", exact=True)).to_have_count(1)
