"""Everything of one who has left or changed roles goes to a colleague, and back."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.beboere.restriction import begræns
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now, today
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.log import hent_kontakt
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.opgaver.handover import overdrag as giv_opgave
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik import handing
from rådgivning.restancer.cases import hent_sag, knyt_beboer
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale, opret_testbruger
from tests.overblik.handing.cases import ALT, NOTAT, SQLITE, Hold, spær


def test_databeskyttelse_gives_everything_of_one_who_has_left_and_opens_nothing(
    hold: Hold, kontekst: Nøglekontekst, personale: Personale
) -> None:
    hers = opret_beboer(hold.hendes, BeboerData(navn="Testa Anden", afdeling="aab55", note=NOTAT)).id
    given = opret_opgave(hold.hendes, titel="Ring", frist=today(), note=NOTAT, beboer_id=hers).id
    hold.hendes.commit()
    giv_opgave(hold.hendes, given, hold.jeg)
    hold.hendes.commit()
    assert hent_beboer(hold.min, hers)[1].note == NOTAT
    hold.min.commit()
    begræns(hold.min, hold.beboer)
    hold.min.commit()
    spær(kontekst, hold.jeg)
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        tredje = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "tredje").id
        session.commit()
    [omfang] = handing.kan_overdrages_helt(hold.dpo)
    assert (omfang.bruger.id, omfang.antal["beboer"], sum(omfang.antal.values())) == (hold.jeg, 1, 6)
    hold.dpo.commit()
    row = handing.overdrag_alt(hold.dpo, hold.jeg, tredje, "ophørt", new_id())
    hold.dpo.commit()
    opened = hold.dpo.exec(
        select(Spor.genstand).where(
            Spor.handling == Handling.ÅBNET, Spor.aktør == personale.brugere[Rolle.DATABESKYTTELSE].id
        )
    )
    assert opened.all() == []
    hold.dpo.commit()
    with kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=tredje)) as session:
        assert session.get_one(Beboer, hold.beboer).ejer_id == tredje
        kontakt, data = hent_kontakt(session, hold.anonym)
        assert (data.notat, kontakt.skrevet_af) == (NOTAT, hold.jeg)
        assert open_sealed(session, session.get_one(Opgave, given), OpgaveData, "prøve").note == ""
        assert hent_beboer(session, hers)[1].note == ""
        session.commit()
    handing.giv_tilbage(hold.dpo, row.id)
    hold.dpo.commit()
    assert hold.dpo.get_one(Opgave, given, populate_existing=True).adgang == "givet"
    kontakt = hold.dpo.get_one(Kontakt, hold.anonym, populate_existing=True)
    assert (kontakt.ejer_id, kontakt.skrevet_af) == (hold.jeg, None)


@SQLITE
@pytest.mark.parametrize("rolle", [Rolle.INKASSO, Rolle.EJENDOMSDRIFT])
def test_who_files_cases_now_strands_no_resident_and_keeps_what_she_files(
    hold: Hold, kontekst: Nøglekontekst, personale: Personale, rolle: Rolle
) -> None:
    sent = Henvisning(helhedsplan_id=personale.helhedsplan.id, oprettet=now(), ejer_id=hold.jeg)
    seal(hold.min, sent, HenvisningData(navn="Testa"))
    hold.min.add(sent)
    for fil in (Rolle.INKASSO, Rolle.EJENDOMSDRIFT):
        sag = Restancesag(helhedsplan_id=personale.helhedsplan.id, ejer_id=personale.brugere[fil].id,
                          oprettet=today(), fase="forfalden")  # fmt: skip
        seal(hold.min, sag, RestancesagData(navn="Testa"))
        hold.min.add(sag)
    hold.min.commit()
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, hold.jeg).rolle = rolle
        session.commit()
    [omfang] = handing.kan_overdrages_helt(hold.dpo)
    assert (omfang.bruger.id, omfang.antal["beboer"], sum(omfang.antal.values())) == (hold.jeg, 1, 4)
    row = handing.overdrag_alt(hold.dpo, hold.jeg, hold.hun, "rolle", new_id())
    hold.dpo.commit()
    assert (row.beboere, row.sager) == (1, 3)
    assert hold.ser(hold.hendes) == ALT
    assert hold.dpo.get_one(Restancesag, hold.sag).ejer_id == hold.jeg
    assert (hold.dpo.get_one(Henvisning, sent.id).ejer_id, sent.rådgiver_id) == (hold.jeg, None)
    assert handing.kan_overdrages_helt(hold.dpo) == []
    hold.dpo.commit()
    handing.giv_tilbage(hold.dpo, row.id)
    hold.dpo.commit()
    assert hold.dpo.get_one(Beboer, hold.beboer, populate_existing=True).ejer_id == hold.jeg


@SQLITE
def test_what_one_who_has_left_had_about_a_third_ones_resident_goes_to_the_third(
    hold: Hold, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        tredje = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "tredje").id
        session.commit()
    cs = kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=tredje))
    hans = opret_beboer(cs, BeboerData(navn="Testa Tredje", afdeling="aab55")).id
    cs.commit()
    about: list[uuid.UUID] = []
    for om in (hans, None):
        sag = Restancesag(helhedsplan_id=personale.helhedsplan.id, ejer_id=hold.jeg, beboer_id=om, oprettet=today(),
                          fase="forfalden")  # fmt: skip
        seal(hold.min, sag, RestancesagData(navn="Testa", note=NOTAT))
        henvisning = Henvisning(helhedsplan_id=personale.helhedsplan.id, oprettet=now(), status="taget_op",
                                ejer_id=personale.brugere[Rolle.EJENDOMSDRIFT].id, beboer_id=om,
                                rådgiver_id=hold.jeg)  # fmt: skip
        seal(hold.min, henvisning, HenvisningData(navn="Testa", beskrivelse=NOTAT))
        hold.min.add_all([sag, henvisning])
        about += [sag.id, henvisning.id]
    hold.min.commit()
    spær(kontekst, hold.jeg)
    row = handing.overdrag_alt(hold.dpo, hold.jeg, hold.hun, "ophørt", new_id())
    hold.dpo.commit()
    assert (row.beboere, row.sager) == (1, 6)

    def owners() -> list[uuid.UUID | None]:
        hold.dpo.expire_all()
        found = [
            hold.dpo.get_one(Henvisning, i).rådgiver_id if n % 2 else hold.dpo.get_one(Restancesag, i).ejer_id
            for n, i in enumerate(about)
        ]
        hold.dpo.commit()
        return found

    def notes(session: Session) -> list[str]:
        found = [
            hent_sag(session, about[0])[1].note,
            open_sealed(session, session.get_one(Henvisning, about[1]), HenvisningData, "prøve").beskrivelse,
        ]
        session.commit()
        return found

    assert owners() == [tredje, tredje, hold.hun, hold.hun]
    assert (notes(hold.hendes), notes(cs)) == (["", ""], [NOTAT, NOTAT])
    told = cs.exec(select(Besked.slags, Besked.antal).where(Besked.bruger_id == tredje)).all()
    assert told == [("sager_overdraget", 2)]
    cs.commit()
    egen = opret_beboer(hold.hendes, BeboerData(navn="Testa Anden", afdeling="aab55")).id
    knyt_beboer(hold.hendes, about[2], beboer_id=egen)
    hold.hendes.commit()
    handing.giv_tilbage(hold.dpo, row.id)
    hold.dpo.commit()
    assert owners() == [tredje, tredje, hold.hun, hold.jeg]
    cs.close()
