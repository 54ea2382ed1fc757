"""A resident handed to a colleague for good, everything of one who has left, and back: who reads what and when."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt, Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.beboere.restriction import begræns
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now, today
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender import bookings
from rådgivning.kalender.models import AftaleData
from rådgivning.kontakter.log import hent_kontakt, log_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.opgaver.handover import overdrag as giv_opgave
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.overblik import emergency, handing, handovers, merging
from rådgivning.overblik import handing_views as views
from rådgivning.overblik.handing_visits import kommende
from rådgivning.overblik.models import Overdragelse
from rådgivning.restancer.cases import hent_sag, knyt_beboer, opret_sag
from rådgivning.restancer.models import Hændelse, Restancesag, RestancesagData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale, opret_testbruger
from tests.databeskyttelse.test_stepping import has_step_up

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
NOTAT = "Kun mellem os"
KONTAKT = KontaktData(art="en_til_en", afdeling="aab55", hovedemne="gæld", udfald="råd_givet", notat=NOTAT)


@dataclass
class Hold:
    """Two beboerrådgivere and databeskyttelse, and one resident of the first with everything a resident can have."""

    min: Session
    hendes: Session
    dpo: Session
    jeg: uuid.UUID
    hun: uuid.UUID
    beboer: uuid.UUID
    kontakt: uuid.UUID
    opgave: uuid.UUID
    udført: uuid.UUID
    sag: uuid.UUID
    henvisning: uuid.UUID
    anonym: uuid.UUID

    def læst(self, session: Session) -> dict[str, str]:
        """The notes as a session sees them."""
        _sag, sag = hent_sag(session, self.sag)
        found = {
            "beboer": hent_beboer(session, self.beboer)[1].note,
            "kontakt": hent_kontakt(session, self.kontakt)[1].notat,
            "opgave": open_sealed(session, session.get_one(Opgave, self.opgave), OpgaveData, "prøve").note,
            "udført": open_sealed(session, session.get_one(Opgave, self.udført), OpgaveData, "prøve").note,
            "sag": sag.note,
            "henvisning": open_sealed(
                session, session.get_one(Henvisning, self.henvisning), HenvisningData, "prøve"
            ).beskrivelse,
        }
        session.commit()
        session.expunge_all()
        return found

    def ser(self, session: Session) -> set[str]:
        """Of which of them she sees the note."""
        return {navn for navn, note in self.læst(session).items() if note == NOTAT}

    def giv(self) -> Overdragelse:
        """From me to her."""
        row = handing.overdrag(self.min, [self.beboer], self.hun, "fordeling", new_id())
        self.min.commit()
        return row


ALT = {"beboer", "kontakt", "opgave", "udført", "sag", "henvisning"}
SKREVET = {"kontakt", "udført"}


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


def _blocked(kontekst: Nøglekontekst, bruger_id: uuid.UUID) -> None:
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, bruger_id).spærret = now()
        session.commit()


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
    _blocked(kontekst, hold.jeg)
    refused(Konflikt, lambda: handing.giv_tilbage(hold.hendes, row.id))
    database.clock.read = lambda: start + timedelta(days=91)
    handovers.glem_overdragelser(hold.dpo)
    hold.dpo.commit()
    assert hold.dpo.exec(select(Overdragelse)).all() == []


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
    _blocked(kontekst, hold.jeg)
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        tredje = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "tredje").id
        session.commit()
    [omfang] = handing.kan_overdrages_helt(hold.dpo)
    assert (omfang.bruger.id, omfang.beboere, omfang.sager) == (hold.jeg, 1, 5)
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
    assert (omfang.bruger.id, omfang.beboere, omfang.sager) == (hold.jeg, 1, 3)
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
    _blocked(kontekst, hold.jeg)
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


def _merge(session: Session, beholdt: uuid.UUID, udgået: uuid.UUID) -> uuid.UUID:
    versions = (session.get_one(Beboer, beholdt).version, session.get_one(Beboer, udgået).version)
    row = merging.slå_sammen(session, new_id(), beholdt_id=beholdt, udgået_id=udgået, valg={}, versioner=versions)
    session.commit()
    return row.id


@SQLITE
@pytest.mark.parametrize("alt", [False, True])
@pytest.mark.parametrize("beholdt", [True, False])
def test_who_was_merged_with_one_since_is_not_given_back_with_her(
    hold: Hold, kontekst: Nøglekontekst, alt: bool, beholdt: bool
) -> None:
    before = opret_beboer(hold.min, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    hold.min.commit()
    theirs = opret_beboer(hold.hendes, BeboerData(navn="Testa Anden", afdeling="aab55", note=NOTAT)).id
    hold.hendes.commit()
    _merge(hold.min, hold.beboer, before)
    if alt:
        _blocked(kontekst, hold.jeg)
        given = handing.overdrag_alt(hold.dpo, hold.jeg, hold.hun, "ophørt", new_id()).id
        hold.dpo.commit()
    else:
        given = hold.giv().id
    hold.hendes.expunge_all()
    merged = _merge(hold.hendes, *((hold.beboer, theirs) if beholdt else (theirs, hold.beboer)))
    undoing = hold.dpo if alt else hold.min
    with pytest.raises(Konflikt, match="lagt sammen"):
        handing.giv_tilbage(undoing, given)
    undoing.rollback()
    undoing.expunge_all()
    merging.fortryd(hold.hendes, merged)
    hold.hendes.commit()
    handing.giv_tilbage(undoing, given)
    undoing.commit()
    assert dict(undoing.exec(select(Beboer.id, Beboer.ejer_id)).all()) == {hold.beboer: hold.jeg, theirs: hold.hun}


@SQLITE
@pytest.mark.parametrize("min_egen", [True, False])
def test_who_is_told_apart_after_a_handover_is_the_receivers_when_both_were_the_givers(
    hold: Hold, min_egen: bool
) -> None:
    whose = hold.min if min_egen else hold.hendes
    other = opret_beboer(whose, BeboerData(navn="Testa Anden", afdeling="aab55")).id
    whose.commit()
    if min_egen:
        merged = _merge(hold.min, hold.beboer, other)
        hold.giv()
    else:
        hold.giv()
        hold.hendes.expunge_all()
        merged = _merge(hold.hendes, other, hold.beboer)
        handing.overdrag(hold.hendes, [other], hold.jeg, "ønske", new_id())
        hold.hendes.commit()
    hold.min.expunge_all()
    merging.fortryd(hold.min, merged)
    hold.min.commit()
    now_is = hold.hun if min_egen else hold.jeg
    assert dict(hold.min.exec(select(Beboer.id, Beboer.ejer_id)).all()) == {hold.beboer: now_is, other: now_is}


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


def test_whose_a_resident_is_changes_only_for_who_has_proved_lately_who_she_is() -> None:
    pages = (views.overdragelser, views.overdragelse, views.ny_overdragelse, views.overdrag_alt, views.giv_tilbage)
    assert [has_step_up(page) for page in pages] == [False, False, True, True, True]


@SQLITE
def test_the_pages_hand_over_from_the_list_tell_what_it_means_and_give_back(
    hold: Hold, klient: Callable[[Rolle | None], Klient], db: Session, personale: Personale
) -> None:
    mig, dpo = klient(Rolle.BEBOERRÅDGIVER), klient(Rolle.DATABESKYTTELSE)
    hende = klient(None)
    with Session(db.get_bind()) as plain:
        bruger = plain.get_one(Bruger, hold.hun)
        plain.expunge(bruger)
    hende.sign_in(bruger)
    assert "Overdrag de valgte" in mig.get("/beboere").text
    assert "Overdrag de valgte" not in hende.get("/beboere").text
    assert mig.get("/overdragelser/ny").headers["Location"] == "/beboere"
    url = f"/overdragelser/ny?beboere={hold.beboer}"
    assert hende.get(url).status_code == 403
    page = mig.get(url).text
    assert "også alle dine notater" in page
    assert "Testa Opdigtet" in page
    missing = mig.send("/overdragelser/ny", {"beboere": [hold.beboer], "til": hold.hun})
    assert (missing.status_code, "Vælg hvorfor." in missing.text, " checked" in missing.text) == (422, True, True)
    none = mig.send("/overdragelser/ny", {"vist": [hold.beboer], "til": hold.hun, "grund": "ønske"})
    assert (none.status_code, "Vælg mindst én beboer." in none.text, "Testa Opdigtet" in none.text) == (422, True, True)
    form = {"beboere": [hold.beboer], "til": hold.hun, "grund": "ønske", "formular_id": new_id()}
    made = mig.send("/overdragelser/ny", form)
    assert made.headers["Location"] == f"/overdragelser/{form['formular_id']}"
    assert mig.send("/overdragelser/ny", form).headers["Location"] == made.headers["Location"]
    assert NOTAT in hende.get(f"/beboere/{hold.beboer}").text
    assert "1 beboer er overdraget" in hende.get("/beskeder").text
    assert "Testa Opdigtet" in hende.get(made.headers["Location"]).text
    seen = dpo.get(made.headers["Location"]).text
    assert "Testa Opdigtet" not in seen
    assert "Giv tilbage" not in seen
    assert hende.send(f"{made.headers['Location']}/tilbage").status_code == 303
    assert "Givet tilbage" in mig.get("/overdragelser").text
    assert NOTAT not in hende.get(f"/beboere/{hold.beboer}").text.replace("kontakt", "")
    page = dpo.get("/overdragelser/alle").text
    assert "Ingen sager at overdrage" in page, page[page.index("<h1") :]
    with Session(db.get_bind()) as plain:
        plain.get_one(Bruger, hold.jeg).spærret = now()
        plain.commit()
    page = dpo.get("/overdragelser/alle").text
    assert "Testa Beboerrådgiver: 1 beboer og 4 sager og opgaver ved siden af" in page
    assert "Testa Opdigtet" not in page
    missing = dpo.send("/overdragelser/alle", {"fra": hold.jeg, "til": hold.jeg, "grund": "ophørt"})
    assert missing.status_code == 422
    form = {"fra": hold.jeg, "til": hold.hun, "grund": "ophørt", "formular_id": new_id()}
    assert [dpo.send("/overdragelser/alle", form).status_code for _ in range(2)] == [303, 303]
    assert "overdraget til Testa" in hende.get(f"/kontakter/{hold.anonym}").text
    assert NOTAT in hende.get(f"/kontakter/{hold.anonym}").text
