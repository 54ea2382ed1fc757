"""A referral is no way around the consent: inkasso learns of contact only when the resident lets it be shared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id
from rådgivning.henvisninger.intake import afslut, kontakt_opnået, tag_op
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import henvis
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import destroy_key
from rådgivning.samtykker import consents
from rådgivning.samtykker.models import SamtykkeData
from tests.conftest import IDAG, Klient, Personale


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rolle", [Rolle.INKASSO, Rolle.EJENDOMSDRIFT])
def test_contact_is_shown_to_ejendomsdrift_and_to_inkasso_by_consent_alone(
    klient: Callable[[Rolle | None], Klient],
    db: Session,
    kontekst: Nøglekontekst,
    personale: Personale,
    rolle: Rolle,
) -> None:
    with kontekst.session(personale.aktør(rolle)) as session:
        data = HenvisningData(navn="Zxq Prøvesen", grund="restance", afdeling="aab55")
        id_ = henvis(session, data, hast="akut", boligorganisation="aab", id=new_id()).id
        session.commit()
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    tag_op(db, id_, beboer_id=om)
    db.commit()
    destroy_key(db, id_)
    told = len(db.exec(select(Besked).where(Besked.bruger_id == personale.brugere[rolle].id)).all())
    kontakt_opnået(db, id_)
    db.commit()
    more = len(db.exec(select(Besked).where(Besked.bruger_id == personale.brugere[rolle].id)).all()) - told
    db.rollback()
    browser, inkasso = klient(rolle), rolle is Rolle.INKASSO
    assert more == (0 if inkasso else 1)

    def shown() -> bool:
        pages = [browser.get(path).text for path in ("/henvisninger", f"/henvisninger/{id_}")]
        found = {"Kontakt opnået" in page for page in pages}
        assert len(found) == 1
        return found.pop()

    assert shown() == (not inkasso)
    link = f"/samtykker/ny/{om}?tilbage=/henvisninger/{id_}"
    assert (link in klient(Rolle.BEBOERRÅDGIVER).get(f"/henvisninger/{id_}").text) == inkasso
    til = IDAG + timedelta(days=30)
    given = consents.giv(db, om, SamtykkeData(formål="x", modtagere=["opkrævning"]), til=til).id
    db.commit()
    assert shown()
    consents.træk_tilbage(db, given)
    afslut(db, id_, udfald="råd_givet", note="")
    db.commit()
    page = browser.get(f"/henvisninger/{id_}").text
    assert "Afsluttet" in page
    assert ("Kontakt opnået" in page) == (not inkasso)
