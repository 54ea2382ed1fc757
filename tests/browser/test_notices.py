"""A referral rings the beboerrådgiver's bell, and her answer rings the referrer's: on a phone without JavaScript."""

from __future__ import annotations

import pytest
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
    assert "Der er 1 ny henvisning" in page.get_by_role("main").inner_text()
    page.get_by_role("button", name="Se mere").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Henvisninger"
    assert page.get_by_role("link", name="Beskeder", exact=True).count() == 1
    tag_op(db, henvisning, beboer_id=None)
    db.commit()
    hers = vindue(Rolle.EJENDOMSDRIFT, js=False).side
    hers.get_by_role("link", name="Beskeder, 1 ulæst").click()
    assert "nyt om 1 af dine henvisninger" in hers.get_by_role("main").inner_text()
    hers.get_by_role("button", name="Markér alle som læst").click()
    assert hers.get_by_role("link", name="Beskeder", exact=True).count() == 1
