"""A resident handed to a colleague for good, and back: who reads what and when."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlmodel import select

from rådgivning import database
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt, Rolle
from rådgivning.beboere.models import Beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now, today
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kalender import bookings
from rådgivning.kalender.models import AftaleData
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.models import Opgave
from rådgivning.overblik import emergency, handing, handovers
from rådgivning.overblik.handing_visits import kommende
from rådgivning.overblik.models import Overdragelse
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale, opret_testbruger
from tests.overblik.handing.cases import ALT, SKREVET, SQLITE, Hold, spær


def test_the_receiver_reads_everything_the_giver_only_what_she_wrote_and_back_is_as_before(hold: Hold) -> None:
    assert (hold.ser(hold.min), hold.ser(hold.hendes)) == (ALT, set())
    row = hold.giv()
    assert (row.beboere, row.sager) == (1, 3)
    assert (hold.ser(hold.min), hold.ser(hold.hendes)) == (SKREVET, ALT)
    assert hold.min.exec(select(Beboer.ejer_id)).one() == hold.min.exec(select(Restancesag.ejer_id)).one() == hold.hun
    assert hold.min.exec(select(Henvisning.rådgiver_id)).one() == hold.hun
    assert hold.min.get_one(Opgave, hold.udført).ejer_id == hold.min.get_one(Kontakt, hold.kontakt).ejer_id == hold.jeg
    told = hold.min.exec(select(Besked.bruger_id, Besked.antal).where(Besked.slags == "overdragelse")).all()
    assert told == [(hold.hun, 1)]
    entries = hold.min.exec(select(Spor.genstand, Spor.anledning).where(Spor.anledning == "overdraget")).all()
    assert {genstand for genstand, _why in entries} == {"beboer", "opgave", "henvisning", "restancesag"}
    whole = hold.min.exec(select(Spor).where(Spor.genstand == "overdragelse")).one()
    assert (whole.handling, whole.anledning, whole.detaljer) == (Handling.OPRETTET, "fordeling", {"beboere": 1})
    hold.min.commit()
    assert handing.overdrag(hold.min, [hold.beboer], hold.hun, "fordeling", row.id).id == row.id
    hold.min.commit()
    handing.giv_tilbage(hold.hendes, row.id)
    hold.hendes.commit()
    assert (hold.ser(hold.min), hold.ser(hold.hendes)) == (ALT, set())
    assert handing.giv_tilbage(hold.hendes, row.id).tilbage is not None
    hold.hendes.commit()


@SQLITE
def test_only_an_owner_gives_to_an_active_colleague_and_only_what_is_hers(
    hold: Hold, kontekst: Nøglekontekst, personale: Personale
) -> None:
    def refused(error: type[Exception], act: Callable[[], object]) -> None:
        with pytest.raises(error):
            act()
        for session in (hold.min, hold.hendes, hold.dpo):
            session.rollback()

    leder = personale.brugere[Rolle.LEDER].id
    refused(Konflikt, lambda: handing.overdrag(hold.hendes, [hold.beboer], hold.jeg, "ønske", new_id()))
    refused(Konflikt, lambda: handing.overdrag(hold.min, [hold.beboer, new_id()], hold.hun, "ønske", new_id()))
    for til in (hold.jeg, leder, new_id()):
        refused(IkkeFundet, lambda til=til: handing.overdrag(hold.min, [hold.beboer], til, "ønske", new_id()))  # type: ignore[misc]
    refused(Forbudt, lambda: handing.overdrag_alt(hold.hendes, hold.jeg, hold.hun, "ophørt", new_id()))
    assert handing.kan_overdrages_helt(hold.dpo) == []
    hold.dpo.commit()
    refused(IkkeFundet, lambda: handing.overdrag_alt(hold.dpo, hold.jeg, hold.hun, "ophørt", new_id()))
    row = hold.giv()
    tredje = kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=new_id()))
    refused(IkkeFundet, lambda: handing.giv_tilbage(tredje, row.id))
    tredje.close()
    start = now()
    for dage, session, kan in ((0.9, hold.min, True), (1.1, hold.min, False), (29, hold.hendes, True),
                               (31, hold.hendes, False), (0.1, hold.dpo, False)):  # fmt: skip
        database.clock.read = lambda dage=dage: start + timedelta(days=dage)  # type: ignore[misc]
        assert handovers.kan_gives_tilbage(session, row) is kan, dage
    hold.dpo.commit()
    database.clock.read = lambda: start
    spær(kontekst, hold.jeg)
    refused(Konflikt, lambda: handing.giv_tilbage(hold.hendes, row.id))
    database.clock.read = lambda: start + timedelta(days=91)
    handovers.glem_overdragelser(hold.dpo)
    hold.dpo.commit()
    assert hold.dpo.exec(select(Overdragelse)).all() == []


@SQLITE
def test_a_running_emergency_access_is_the_new_owners_to_see_and_end(
    hold: Hold, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        tredje = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "tredje").id
        session.commit()
    with kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=tredje)) as session:
        running = emergency.åbn(session, hold.beboer, emergency.Årsag.AKUT, "Haster", 1, new_id()).id
        ended = emergency.åbn_uden_beboer(session, "kontakt", hold.anonym, emergency.Årsag.AKUT, "x", 1, new_id()).id
        emergency.slut(session, ended)
        session.commit()
    given = hold.giv().id
    told = hold.min.exec(select(Besked.bruger_id).where(Besked.slags == "nødadgang")).all()
    assert sorted(told) == sorted([hold.jeg, hold.jeg, hold.hun])
    assert [line.adgang.id for line in emergency.nødadgange(hold.min)] == [ended]
    with pytest.raises(IkkeFundet):
        emergency.slut(hold.min, running)
    hold.min.rollback()
    assert [line.adgang.id for line in emergency.nødadgange_til(hold.hendes, hold.beboer)] == [running]
    hold.hendes.commit()
    handing.giv_tilbage(hold.hendes, given)
    hold.hendes.commit()
    hold.min.expunge_all()
    assert {line.adgang.id for line in emergency.nødadgange(hold.min)} == {running, ended}
    hold.min.commit()
    hold.giv()
    hold.hendes.expunge_all()
    assert emergency.slut(hold.hendes, running).sluttet_af == hold.hun
    hold.hendes.commit()


@SQLITE
def test_the_visits_the_giver_says_go_along_and_come_back(hold: Hold) -> None:
    def book(dage: int) -> uuid.UUID:
        data = AftaleData(art="servicebesøg", start=time(10), varighed=30, adresse="Zxqvej 1", afdeling="aab55",
                          rådgiver_id=hold.jeg)  # fmt: skip
        return bookings.book(hold.min, data, dato=today() + timedelta(days=dage), id=new_id()).id

    med, uden = book(1), book(2)
    hold.min.commit()
    assert [row.id for row, _data in kommende(hold.min, hold.jeg)] == [med, uden]
    row = handing.overdrag(hold.min, [hold.beboer], hold.hun, "fordeling", new_id(), aftaler=[med])
    hold.min.commit()
    assert [aftale.id for aftale, _data in kommende(hold.hendes, hold.hun)] == [med]
    hold.hendes.commit()
    hold.hendes.expunge_all()
    handing.giv_tilbage(hold.hendes, row.id)
    hold.hendes.commit()
    hold.min.expunge_all()
    assert [row.id for row, _data in kommende(hold.min, hold.jeg)] == [med, uden]
