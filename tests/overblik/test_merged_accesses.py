"""Emergency accesses when two residents of different beboerrådgivere are merged and told apart again."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Nødadgang
from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.overblik import emergency, merging
from tests.conftest import Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def test_who_opened_the_one_who_went_is_told_to_the_kept_ones_owner_who_can_end_it_and_back_again(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    nysgerrig, ejer = (
        opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, navn).id for navn in ("nysgerrig", "ejer")
    )
    mig = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    udgået = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()

    def som(bruger_id: uuid.UUID) -> Any:
        return kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=bruger_id))

    def told() -> Counter[uuid.UUID]:
        found = db.exec(select(Besked.bruger_id).where(Besked.slags == "nødadgang")).all()
        db.commit()
        return Counter(found)

    with som(ejer) as session:
        beholdt = opret_beboer(session, BeboerData(navn="Zxq Prøvesen", note="Zxqfortroligt")).id
        session.commit()
    with som(nysgerrig) as session:
        hent_beboer(session, beholdt)
        adgang = emergency.åbn(session, udgået, emergency.Årsag.AKUT, "Haster", 7, new_id()).id
        session.commit()
        hent_beboer(session, udgået, "læst før")
        session.commit()
    emergency.åbn(db, beholdt, emergency.Årsag.AKUT, "To rækker om en", 0, new_id())
    db.commit()
    assert told() == {mig: 1, ejer: 1}
    made = merging.slå_sammen(db, new_id(), beholdt_id=beholdt, udgået_id=udgået, valg={}, versioner=(1, 1)).id
    db.commit()
    assert told() == {mig: 1, ejer: 2}, "her colleague's access runs on, to all there is of the kept one"
    with som(nysgerrig) as session:
        assert hent_beboer(session, beholdt)[1].note == "Zxqfortroligt"
        session.commit()
    with som(ejer) as session:
        assert adgang in [line.adgang.id for line in emergency.nødadgange_til(session, beholdt) if line.gælder]
        row = session.get_one(Nødadgang, adgang)
        assert row.kollega_id == ejer
        read = emergency.læst_imens(session, row)
        assert [one.antal for one in read if one.anledning == "læst før"] == [1], "also before the merge"
        session.commit()
    merging.fortryd(db, made)
    db.commit()
    db.expire_all()
    assert db.get_one(Nødadgang, adgang).kollega_id == mig
    db.commit()
    with som(ejer) as session, pytest.raises(IkkeFundet):
        emergency.slut(session, adgang)
    assert emergency.slut(db, adgang).sluttet_af == mig
