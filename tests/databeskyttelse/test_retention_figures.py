"""What was published stands, and what was counted still counts, when the residents behind it are long deleted."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, func, select

from rådgivning.beboere.models import Beboer
from rådgivning.fakta.models import Faktum
from rådgivning.kontakter.log import log_kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.schema import Fristnavn
from rådgivning.statistik.release import beskyttet
from tests.conftest import Personale
from tests.databeskyttelse.retention_cases import SAMTALE, Nat, beboer, på

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
FRØ = bytes(range(32))
UDGIVET, MEGET_SENERE = date(2027, 2, 1), date(2028, 12, 1)


def test_no_published_cell_moves_when_the_residents_are_deleted(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    nat, plan_id = Nat(kontekst, personale), personale.helhedsplan.id
    for n in range(9):
        beboer(db, date(2026, 2, 3), date(2026, 3, 2 + n))
    for n in range(3):
        with på(date(2026, 3, 20)):
            log_kontakt(db, SAMTALE, dato=date(2026, 3, 18 + n // 2))
    db.commit()
    with på(UDGIVET):
        before = {name: beskyttet(db, plan_id, name, frø=FRØ).data for name in ("2026", "2026-K1")}
        facts = db.exec(select(func.count()).select_from(Faktum)).one()
        db.commit()
    nat(date(2028, 3, 1))
    done = nat(date(2028, 4, 1))
    assert done.slettet[Fristnavn.BEBOER] == 9
    with på(MEGET_SENERE):
        assert db.exec(select(Beboer)).all() == []
        assert db.exec(select(func.count()).select_from(Faktum)).one() == facts == 12
        assert {name: beskyttet(db, plan_id, name, frø=FRØ).data for name in before} == before
