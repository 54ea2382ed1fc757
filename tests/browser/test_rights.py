"""The pages of a resident's rights that only a request on its way shows: in a real browser, under axe, on a phone."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beboere.restriction import begræns
from rådgivning.database import new_id
from rådgivning.databeskyttelse.models import Slags
from rådgivning.databeskyttelse.requests import identificér, imødekom, registrér
from rådgivning.kontakter.log import log_kontakt, ret_kontakt
from rådgivning.kontakter.models import KontaktData
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import check
from tests.conftest import IDAG

SIDER = {
    Slags.INDSIGT: ("gennemsyn",),
    Slags.RETTELSE: ("afvis",),
    Slags.SLETNING: ("slet",),
    Slags.BEGRÆNSNING: ("begræns", "afvis"),
    Slags.DATAPORTABILITET: ("",),
    Slags.INDSIGELSE: ("indsigelse", "begræns", "afvis", "slet"),
}


@pytest.mark.browser
@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_pages_of_a_request_on_its_way_are_accessible_and_fit(db: Session, vindue: Åbner) -> None:
    data = KontaktData(
        art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld", notat="Et notat"
    )
    stier, beboere = [], {}
    for slags, sider in SIDER.items():
        hun = beboere[slags] = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", note="En note")).id
        first = data.model_copy(update={"tredjepart": "Om en anden"})
        kontakt = log_kontakt(db, first, dato=IDAG, beboer_id=hun)
        ret_kontakt(db, kontakt.id, data, dato=IDAG, beboer_id=hun, version=1)
        id_ = registrér(db, slags, modtaget=IDAG, ønske="Beboerens ord", beboer_id=hun, id=new_id()).id
        identificér(db, id_, "kendt")
        stier += [f"/databeskyttelse/anmodninger/{id_}{'/' if side else ''}{side}" for side in ("", *sider)]
        if slags is Slags.RETTELSE:
            rettelse = f"/beboere/anmodninger/{id_}/rettelse"
        if slags is Slags.BEGRÆNSNING:
            begræns(db, hun)
            stier.append(f"/databeskyttelse/anmodninger/{id_}/ophæv")
    answered = registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=hun, id=new_id())
    identificér(db, answered.id, "kendt")
    imødekom(db, answered)
    stier += [f"/databeskyttelse/anmodninger/{answered.id}{side}" for side in ("", "/genåbn")]
    db.commit()
    dpo = vindue(Rolle.DATABESKYTTELSE)
    assert [fault for sti in [*stier, rettelse] for fault in check(dpo, sti)] == []
    rådgiver = vindue(Rolle.BEBOERRÅDGIVER)
    own = [rettelse, f"/beboere/{beboere[Slags.RETTELSE]}", f"/beboere/{beboere[Slags.BEGRÆNSNING]}"]
    assert [fault for sti in own for fault in check(rådgiver, sti)] == []
