"""Two beboerrådgivere and databeskyttelse, and a resident with everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import now, today
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.log import log_kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import Hændelse, RestancesagData
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale, opret_testbruger
from tests.overblik.handing.cases import KONTAKT, NOTAT, Hold


@pytest.fixture
def hold(kontekst: Nøglekontekst, personale: Personale) -> Iterator[Hold]:
    """See Hold."""
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    assert me.bruger_id is not None
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        hun = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega").id
        session.commit()
    with (
        kontekst.session(me) as mine,
        kontekst.session(replace(me, bruger_id=hun)) as hendes,
        kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as dpo,
    ):
        mine.expire_on_commit = hendes.expire_on_commit = dpo.expire_on_commit = False
        beboer = opret_beboer(mine, BeboerData(navn="Testa Opdigtet", afdeling="aab55", note=NOTAT)).id
        tasks = [opret_opgave(mine, titel="Ring", frist=today(), note=NOTAT, beboer_id=beboer).id for _ in range(2)]
        udfør(mine, tasks[1])
        data = RestancesagData(navn="Testa Opdigtet", note=NOTAT, hændelser=[Hændelse(fase="forfalden", dato=today())])
        henvisning = Henvisning(helhedsplan_id=personale.helhedsplan.id, oprettet=now(), status="taget_op",
                                ejer_id=personale.brugere[Rolle.EJENDOMSDRIFT].id, beboer_id=beboer,
                                rådgiver_id=me.bruger_id)  # fmt: skip
        seal(mine, henvisning, HenvisningData(navn="Testa", beskrivelse=NOTAT))
        mine.add(henvisning)
        made = Hold(
            min=mine, hendes=hendes, dpo=dpo, jeg=me.bruger_id, hun=hun, beboer=beboer,
            kontakt=log_kontakt(mine, KONTAKT, dato=today(), beboer_id=beboer).id,
            opgave=tasks[0], udført=tasks[1], henvisning=henvisning.id,
            sag=opret_sag(mine, data, boligorganisation="aab", beboer_id=beboer).id,
            anonym=log_kontakt(mine, KONTAKT, dato=today()).id,
        )  # fmt: skip
        mine.commit()
        yield made
