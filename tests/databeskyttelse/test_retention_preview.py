"""What a preview counts is what then goes: nothing of somebody who is kept or restricted."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from rådgivning.adgang.models import Nødadgang, NødadgangData
from rådgivning.beboere.models import Fastholdelse, FastholdelseData
from rådgivning.beboere.restriction import begræns
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData
from rådgivning.databeskyttelse.retention_preview import udsigt
from rådgivning.databeskyttelse.retention_run import vis
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import seal
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from tests.conftest import IDAG, Personale
from tests.databeskyttelse.retention_cases import Nat, beboer, på

LÆNGE_SIDEN = date(2014, 2, 1)
HENDES = (Fristnavn.RESTANCESAG, Fristnavn.SAMTYKKE, Fristnavn.ANMODNING, Fristnavn.NØDADGANG)


def gamle_rækker(db: Session, om: uuid.UUID) -> None:
    """One of each kind that has a time of its own and is about a resident, long past that time."""
    who = db.info["aktør"]
    plan = {"helhedsplan_id": who.helhedsplan_id, "beboer_id": om}
    hendes = {**plan, "ejer_id": who.bruger_id}
    then = datetime.combine(LÆNGE_SIDEN, datetime.min.time(), UTC)
    for row, data in (
        (Restancesag(**hendes, boligorganisation="aab", oprettet=LÆNGE_SIDEN, fase="betalt", lukket=LÆNGE_SIDEN),
         RestancesagData(navn="Zxq")),
        (Samtykke(**hendes, til=LÆNGE_SIDEN), SamtykkeData(formål="sagen")),
        (Anmodning(**hendes, slags="indsigt", modtaget=LÆNGE_SIDEN, frist=LÆNGE_SIDEN, status="imødekommet",
                   afgjort=LÆNGE_SIDEN), AnmodningData(ønske="Zxq")),
        (Nødadgang(**plan, bruger_id=who.bruger_id, kollega_id=who.bruger_id, årsag="andet", fra=then, til=then),
         NødadgangData(begrundelse="Zxq")),
    ):  # fmt: skip
        seal(db, row, data)
        db.add(row)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_what_is_kept_by_a_reason_or_a_restriction_is_counted_when_it_goes_or_not_at_all(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    nat = Nat(kontekst, personale)
    fri, holdt, begrænset = (beboer(db, IDAG) for _ in range(3))
    for om in (fri, holdt, begrænset):
        gamle_rækker(db, om)
    til = IDAG + timedelta(days=100)
    row = Fastholdelse(
        helhedsplan_id=nat.plan_id, beboer_id=holdt, ejer_id=db.info["aktør"].bruger_id, dato=IDAG, til=til
    )
    seal(db, row, FastholdelseData(grund="retskrav"))
    db.add(row)
    db.flush()
    begræns(db, begrænset)
    db.commit()
    rules = {rule.hvad: navn for navn, rule in frister(db, nat.plan_id).items()}
    db.rollback()
    with på(IDAG), nat.session() as session:
        linjer = {(month, rules[hvad]): antal for month, hvad, antal in udsigt(session, nat.plan_id).linjer}
        told = vis(session, nat.plan_id).slettet
    later = (til + timedelta(days=1)).replace(day=1)
    assert {key: n for key, n in linjer.items() if key[1] in HENDES} == {
        (month, navn): 1 for navn in HENDES for month in (IDAG.replace(day=1), later)
    }
    assert +told == Counter(HENDES)
    assert +nat().slettet == +told
    for dag, antal in ((til, 0), (til + timedelta(days=1), 1)):
        done = nat(dag).slettet
        assert {navn: done[navn] for navn in HENDES} == dict.fromkeys(HENDES, antal)
