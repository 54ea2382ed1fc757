"""What of a colleague's row is covered, for whom it opens, and that nothing covered is ever sealed over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from rådgivning import database
from rådgivning.adgang.models import Bruger, Vikar
from rådgivning.adgang.permissions import ÅBNER, IkkeFundet, Konflikt, Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer, ret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now, today
from rådgivning.drift.schema import all_tables
from rådgivning.henvisninger.models import Henvisning, HenvisningBehandlingData, HenvisningData
from rådgivning.kontakter.log import Slettegrund as Kontaktgrund
from rådgivning.kontakter.log import hent_kontakt, log_kontakt, ret_kontakt, slet_kontakt, versioner
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.covering import deler_noter, tildæk
from rådgivning.nøgler.opening import (
    Dækket,
    Dør,
    Kuvertindhold,
    SealedRow,
    open_many,
    open_sealed,
    open_whole,
    seal,
)
from rådgivning.opgaver.handover import overdrag
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.recurring import Gentagelse
from rådgivning.opgaver.tasks import Rytme, fortryd, opret_opgave, udfør
from rådgivning.overblik import emergency, standins
from rådgivning.overblik.emergency import Årsag
from rådgivning.overblik.merging import slå_sammen
from rådgivning.overblik.moving import Indhold, tabeller
from rådgivning.plan.models import Helhedsplan
from rådgivning.restancer.attempts import tilføj_forsøg
from rådgivning.restancer.cases import hent_sag, knyt_beboer, opret_sag, ret_sag
from rådgivning.restancer.models import Hændelse, Kontaktforsøg, RestancesagData
from rådgivning.samtykker.consents import giv, hent_samtykke, samtykker_fra, træk_tilbage
from rådgivning.samtykker.models import SamtykkeData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale, opret_testbruger

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
NOTAT = "Kun mellem os"
KONTAKT = KontaktData(
    art="en_til_en", afdeling="aab55", hovedemne="gæld", udfald="råd_givet", notat=NOTAT, tredjepart="Zxq Nabosen"
)


@dataclass
class To:
    """Two beboerrådgivere: mine is the session of the one whose the rows are, hendes that of the colleague."""

    mine: Session
    hendes: Session
    kollega: uuid.UUID
    beboer: uuid.UUID
    kontakt: uuid.UUID
    opgave: uuid.UUID
    sag: uuid.UUID


@pytest.fixture
def to(kontekst: Nøglekontekst, personale: Personale) -> Iterator[To]:
    """A resident with a contact, a task and a case of mine, and a colleague."""
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        kollega = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        session.commit()
    with kontekst.session(me) as mine, kontekst.session(replace(me, bruger_id=kollega.id)) as hendes:
        mine.expire_on_commit = hendes.expire_on_commit = False
        beboer = opret_beboer(mine, BeboerData(navn="Testa Opdigtet", afdeling="aab55", note=NOTAT)).id
        kontakt = log_kontakt(mine, KONTAKT, dato=today(), beboer_id=beboer).id
        opgave = opret_opgave(mine, titel="Ring", frist=today(), note=NOTAT, beboer_id=beboer).id
        data = RestancesagData(navn="Testa Opdigtet", note=NOTAT, hændelser=[Hændelse(fase="forfalden", dato=today())])
        sag = opret_sag(mine, data, boligorganisation="aab", beboer_id=beboer).id
        tilføj_forsøg(mine, sag, Kontaktforsøg(måde="telefon", dato=today(), note=NOTAT))
        mine.commit()
        yield To(mine, hendes, kollega.id, beboer, kontakt, opgave, sag)


def _at(moment: datetime) -> None:
    """Let the time be this."""
    database.clock.read = lambda: moment


def åbnet(session: Session, to: To) -> list[str]:
    """The notes of the four as the session sees them."""
    opgave = session.get_one(Opgave, to.opgave)
    _sag, sag = hent_sag(session, to.sag)
    found = [
        hent_beboer(session, to.beboer)[1].note,
        hent_kontakt(session, to.kontakt)[1].notat,
        open_sealed(session, opgave, OpgaveData, "prøve").note,
        sag.note,
        sag.forsøg[0].note,
    ]
    session.commit()
    return found


def test_a_colleague_sees_all_but_the_notes_and_the_notes_say_that_they_are_covered(to: To) -> None:
    beboer, data = hent_beboer(to.hendes, to.beboer)
    assert (data.navn, data.note) == ("Testa Opdigtet", "")
    assert data.skjult == data.gemt == {"note"}
    _row, kontakt = hent_kontakt(to.hendes, to.kontakt)
    assert (kontakt.hovedemne, kontakt.notat, kontakt.tredjepart) == ("gæld", "", "")
    assert kontakt.gemt == {"notat", "tredjepart"}
    _sag, sag = hent_sag(to.hendes, to.sag)
    assert sag.forsøg[0].måde == "telefon"
    assert sag.gemt == {"note", "forsøg.note"}
    assert open_many(to.hendes, [beboer], BeboerData, "prøve")[beboer.id].note == ""
    assert åbnet(to.hendes, to) == [""] * 5
    assert åbnet(to.mine, to) == [NOTAT] * 5


@SQLITE
def test_nothing_that_is_covered_can_be_sealed_over_by_any_road(to: To) -> None:
    def refused(act: Callable[[], object]) -> None:
        with pytest.raises(Dækket):
            act()
        to.hendes.rollback()

    row, data = hent_beboer(to.hendes, to.beboer)
    refused(lambda: seal(to.hendes, row, data))
    refused(lambda: seal(to.hendes, row, BeboerData(navn="Ny")))
    refused(lambda: ret_beboer(to.hendes, to.beboer, BeboerData(navn="Ny"), 1))
    refused(lambda: ret_kontakt(to.hendes, to.kontakt, KONTAKT, dato=today(), beboer_id=to.beboer, version=1))
    own = opret_beboer(to.hendes, BeboerData(navn="Egen Opdigtet", afdeling="aab55")).id
    to.hendes.commit()
    refused(lambda: ret_kontakt(to.hendes, to.kontakt, KONTAKT, dato=today(), beboer_id=own, version=1))
    refused(lambda: slet_kontakt(to.hendes, to.kontakt, Kontaktgrund.FEJL))
    refused(lambda: ret_sag(to.hendes, to.sag, {"note": "Ny"}, 2))
    merge: dict[str, Any] = {"valg": {}, "versioner": (1, 1)}
    refused(lambda: slå_sammen(to.hendes, new_id(), beholdt_id=own, udgået_id=to.beboer, **merge))
    refused(lambda: knyt_beboer(to.hendes, to.sag, beboer_id=own))
    assert åbnet(to.mine, to) == [NOTAT] * 5


@SQLITE
def test_steps_that_carry_everything_on_are_taken_through_a_door_with_a_name(to: To) -> None:
    tilføj_forsøg(to.hendes, to.sag, Kontaktforsøg(måde="telefon", dato=today()))
    udfør(to.hendes, to.opgave)
    ret_sag(to.hendes, to.sag, {"telefon": "+4520121234"}, 3)
    to.hendes.commit()
    assert åbnet(to.mine, to) == [NOTAT] * 5
    doors = to.mine.exec(select(Spor.detaljer).where(Spor.aktør == to.kollega, Spor.handling == Handling.ÅBNET)).all()
    assert {d["dør"] for d in doors if "dør" in d} == {Dør.RESTANCESAG, Dør.OPGAVE}
    to.mine.commit()
    with pytest.raises(TypeError):
        open_many(to.hendes, [to.hendes.get_one(Beboer, to.beboer)], Indhold, "prøve")


def test_a_planned_stand_in_sees_the_notes_from_the_first_day_to_the_last(to: To, kontekst: Nøglekontekst) -> None:
    row = standins.navngiv(
        to.mine, for_id=to.mine.get_one(Beboer, to.beboer).ejer_id, vikar_id=to.kollega,
        fra=today() + timedelta(days=1), til=today() + timedelta(days=2), id=new_id(),
    )  # fmt: skip
    to.mine.commit()
    assert åbnet(to.hendes, to) == [""] * 5
    start, seen = now(), []
    for dage in (1, 2, 3):
        _at(start + timedelta(days=dage))
        seen.append(åbnet(to.hendes, to)[0])
    _at(start + timedelta(days=2))
    standins.slut(to.hendes, row.id)
    to.hendes.commit()
    assert (seen, åbnet(to.hendes, to)[0]) == ([NOTAT, NOTAT, ""], "")
    assert to.mine.get_one(Vikar, row.id, populate_existing=True).sluttet_af == to.kollega


@SQLITE
def test_a_task_handed_over_opens_its_resident_while_it_is_open_and_one_taken_does_not(to: To) -> None:
    overdrag(to.hendes, to.opgave, to.kollega)
    to.hendes.commit()
    assert åbnet(to.hendes, to) == [""] * 5
    mine = to.mine.get_one(Beboer, to.beboer).ejer_id
    overdrag(to.mine, to.opgave, mine)
    other = opret_opgave(to.mine, titel="Besøg", frist=today(), beboer_id=to.beboer).id
    overdrag(to.mine, other, to.kollega)
    to.mine.commit()
    assert åbnet(to.hendes, to) == [NOTAT] * 5
    again = opret_opgave(to.hendes, titel="Igen", frist=today(), beboer_id=to.beboer).id
    overdrag(to.hendes, again, mine)
    overdrag(to.hendes, again, to.kollega)
    udfør(to.hendes, other)
    to.hendes.commit()
    assert åbnet(to.hendes, to) == [""] * 5
    fortryd(to.hendes, other)
    to.hendes.commit()
    assert åbnet(to.hendes, to) == [NOTAT] * 5
    udfør(to.hendes, other)
    to.hendes.commit()
    _at(now() + timedelta(days=1))
    fortryd(to.hendes, other)
    to.hendes.commit()
    assert åbnet(to.hendes, to) == [""] * 5


@SQLITE
def test_what_is_seen_of_a_colleagues_resident_for_a_time_does_not_make_her_ones_own(to: To) -> None:
    own = opret_beboer(to.hendes, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    to.hendes.commit()
    other = opret_beboer(to.mine, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    mine = to.mine.get_one(Beboer, to.beboer).ejer_id
    standins.navngiv(to.mine, for_id=mine, vikar_id=to.kollega, fra=today(), til=today(), id=new_id())
    to.mine.commit()
    merge: dict[str, Any] = {"valg": {}, "versioner": (1, 1)}
    with pytest.raises(Dækket):
        slå_sammen(to.hendes, new_id(), beholdt_id=own, udgået_id=to.beboer, **merge)
    to.hendes.rollback()
    slå_sammen(to.hendes, new_id(), beholdt_id=other, udgået_id=to.beboer, **merge)
    slå_sammen(to.hendes, new_id(), beholdt_id=other, udgået_id=own, valg={}, versioner=(2, 1))
    to.hendes.commit()


@SQLITE
def test_a_single_beboerrådgiver_and_a_team_that_shares_notice_nothing(to: To) -> None:
    plan = to.mine.exec(select(Helhedsplan)).one()
    indhold = plan.indhold
    plan.indhold = {**indhold, "helhedsplan": {**indhold["helhedsplan"], "noter_deles": True}}
    to.mine.commit()
    assert deler_noter(to.hendes)
    assert åbnet(to.hendes, to) == [NOTAT] * 5
    plan.indhold = indhold
    to.mine.commit()
    assert not deler_noter(to.hendes)
    to.hendes.commit()
    owner = to.mine.get_one(Bruger, to.mine.get_one(Beboer, to.beboer).ejer_id)
    owner.spærret = now()
    to.mine.commit()
    assert åbnet(to.hendes, to) == [NOTAT] * 5


@SQLITE
def test_earlier_versions_and_a_referral_that_a_colleague_took_up_are_covered_and_a_new_one_is_not(to: To) -> None:
    ret_kontakt(to.mine, to.kontakt, KONTAKT.model_copy(update={"notat": "Rettet"}), dato=today(), beboer_id=to.beboer,
                version=1)  # fmt: skip
    to.mine.commit()
    row, _data = hent_kontakt(to.hendes, to.kontakt)
    [(_version, earlier)] = versioner(to.hendes, row)
    assert earlier.gemt == {"notat", "tredjepart"}
    to.hendes.commit()
    henvisning = Henvisning(helhedsplan_id=row.helhedsplan_id, ejer_id=row.ejer_id, oprettet=now())
    seal(to.mine, henvisning, HenvisningData(navn="Testa", beskrivelse=NOTAT))
    to.mine.add(henvisning)
    to.mine.commit()
    hers = to.hendes.get_one(Henvisning, henvisning.id)
    assert open_sealed(to.hendes, hers, HenvisningData, "prøve").beskrivelse == NOTAT
    to.hendes.commit()
    henvisning.rådgiver_id = row.ejer_id
    to.mine.commit()
    hers = to.hendes.get_one(Henvisning, henvisning.id, populate_existing=True)
    assert open_sealed(to.hendes, hers, HenvisningData, "prøve").gemt == {"beskrivelse"}


@SQLITE
def test_inkasso_opens_of_her_own_case_what_she_wrote_and_seals_it_only_whole(
    to: To, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        sag_id = opret_sag(session, RestancesagData(navn="Testa", hændelser=[]), boligorganisation="aab").id
        session.commit()
        tilføj_forsøg(to.mine, sag_id, Kontaktforsøg(måde="telefon", dato=today(), truffet=True, note=NOTAT))
        to.mine.commit()
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as session:
        sag, data = hent_sag(session, sag_id)
        assert (data.navn, data.forsøg, data.kontaktet) == ("Testa", [], None)
        with pytest.raises(Dækket):
            seal(session, sag, RestancesagData(navn="Testa"))
        whole = open_whole(session, sag, RestancesagData, "prøve", Dør.RESTANCESAG)
        assert whole.forsøg[0].note == NOTAT
        seal(session, sag, whole)


@SQLITE
def test_every_part_the_table_names_is_there_and_every_free_text_is_named_or_left_open_on_purpose(
    settings: object,
) -> None:
    all_tables()
    models = {str(model.__tablename__): model for model in _sealed(SealedRow)}
    known = {
        "henvisning": HenvisningData,
        "henvisning_behandling": HenvisningBehandlingData,
        "restancesag": RestancesagData,
    }
    for rolle, tabeller_ in ÅBNER.items():
        for tabel, adgang in tabeller_.items():
            indhold: Any = known.get(tabel) or getattr(models[tabel], "indhold", None)
            for part in adgang.kun_ejer | (adgang.ser or frozenset()):
                assert indhold is not None
                assert issubclass(indhold, Kuvertindhold)
                assert part.split(".")[0] in indhold.model_fields, (rolle, tabel, part)
    free = {"note", "notat", "tredjepart", "beskrivelse", "ordlyd", "virkning", "ønske"}
    for tabel, adgang in ÅBNER[Rolle.BEBOERRÅDGIVER].items():
        indhold = known.get(tabel) or getattr(models[tabel], "indhold", None)
        if indhold is not None and tabel != "aftale_note":
            assert free & set(indhold.model_fields) <= adgang.kun_ejer, tabel
    assert set(tabeller()) - {"kladde"} <= set(ÅBNER[Rolle.BEBOERRÅDGIVER])
    assert tildæk(BeboerData(navn="A"), {"note"}).gemt == set()


def _sealed(base: type[SealedRow]) -> Iterator[type[SealedRow]]:
    for model in base.__subclasses__():
        if hasattr(model, "__table__"):
            yield model
        yield from _sealed(model)


def test_break_glass_opens_at_once_tells_both_closes_by_itself_and_is_told_of_every_time(
    to: To, personale: Personale
) -> None:
    start = now()
    adgang = emergency.åbn(to.hendes, to.beboer, Årsag.SYGDOM, "Skal bruges ved mødet", 1, new_id())
    to.hendes.commit()
    assert åbnet(to.hendes, to) == [NOTAT] * 5
    read = {læsning.genstand for læsning in emergency.læst_imens(to.hendes, adgang)}
    assert read == {"beboer", "kontakt", "opgave", "restancesag"}
    last = to.hendes.exec(select(Spor).where(Spor.handling == Handling.ÅBNET).order_by(col(Spor.nr).desc())).first()
    assert last is not None
    assert last.detaljer == {"nødadgang": 1}
    assert set(to.hendes.exec(select(Besked.slags, Besked.bruger_id)).all()) == {
        ("nødadgang", adgang.kollega_id),
        ("nødadgang_tilsyn", personale.brugere[Rolle.DATABESKYTTELSE].id),
    }
    til = adgang.til
    for moment, seen in ((til - timedelta(seconds=1), NOTAT), (til, "")):
        _at(moment)
        assert hent_beboer(to.hendes, to.beboer)[1].note == seen
        to.hendes.commit()
    assert start + timedelta(days=1) < til <= start + timedelta(days=2)
    _at(start)
    _ended_by_the_owner(to)
    emergency.åbn(to.hendes, to.beboer, Årsag.ANDET, "Igen", 0, new_id())
    to.hendes.commit()
    assert len(to.hendes.exec(select(Besked.id).where(Besked.slags == "nødadgang")).all()) == 2


def _ended_by_the_owner(to: To) -> None:
    """And the notes are gone at once."""
    to.hendes.commit()
    [linje] = emergency.nødadgange(to.mine)
    emergency.slut(to.mine, linje.adgang.id)
    to.mine.commit()
    assert åbnet(to.hendes, to) == [""] * 5


@SQLITE
def test_what_is_about_nobody_opens_by_nødadgang_and_taking_a_task_over_or_doing_it_opens_nothing(
    to: To, kontekst: Nøglekontekst
) -> None:
    anonym = log_kontakt(to.mine, KONTAKT, dato=today()).id
    mine = opret_opgave(to.mine, titel="Ring", frist=today(), note=NOTAT).id
    weekly = opret_opgave(
        to.mine, titel="Ring", frist=today(), note=NOTAT, beboer_id=to.beboer, rytme=Rytme(Gentagelse.UGE)
    ).id
    to.mine.commit()
    assert hent_kontakt(to.hendes, anonym)[1].gemt == {"notat", "tredjepart"}
    with pytest.raises(Dækket):
        overdrag(to.hendes, mine, to.kollega)
    to.hendes.rollback()
    overdrag(to.hendes, weekly, to.kollega)
    udfør(to.hendes, weekly)
    to.hendes.commit()
    for row in to.hendes.exec(select(Opgave).where(Opgave.ejer_id == to.kollega)).all():
        assert open_sealed(to.hendes, row, OpgaveData, "prøve").gemt == {"note"}
    to.hendes.commit()
    sag = opret_sag(to.mine, RestancesagData(navn="Testa", note=NOTAT, hændelser=[]), boligorganisation="aab").id
    own = opret_beboer(to.mine, BeboerData(navn="Testa", afdeling="aab55")).id
    to.mine.commit()
    with pytest.raises(Dækket):
        knyt_beboer(to.hendes, sag, beboer_id=own)
    to.hendes.rollback()
    with pytest.raises(IkkeFundet):
        emergency.åbn_uden_beboer(to.hendes, "aftale", anonym, Årsag.AKUT, "Haster", 0, new_id())
    to.hendes.rollback()
    with pytest.raises(Konflikt):
        emergency.åbn_uden_beboer(to.hendes, "kontakt", to.kontakt, Årsag.AKUT, "Haster", 0, new_id())
    to.hendes.rollback()
    adgang = emergency.åbn_uden_beboer(to.hendes, "kontakt", anonym, Årsag.AKUT, "Haster", 0, new_id())
    to.hendes.commit()
    assert hent_kontakt(to.hendes, anonym)[1].notat == NOTAT
    assert {læst.genstand for læst in emergency.læst_imens(to.hendes, adgang)} == {"kontakt"}
    assert len(to.hendes.exec(select(Besked.id).where(col(Besked.slags).startswith("nødadgang"))).all()) == 2
    to.hendes.commit()
    [linje] = emergency.nødadgange(to.mine)
    assert (linje.hvad, linje.begrundelse, linje.url) == ("anonym kontakt", "Haster", f"/kontakter/{anonym}")
    emergency.slut(to.mine, adgang.id)
    to.mine.commit()
    assert hent_kontakt(to.hendes, anonym)[1].notat == ""
    to.hendes.commit()
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, to.mine.info["aktør"].bruger_id).rolle = Rolle.LEDER
        opret_testbruger(session, session.exec(select(Helhedsplan)).one(), Rolle.BEBOERRÅDGIVER, "tredje")
        session.commit()
    assert hent_kontakt(to.hendes, anonym)[1].notat == "", "who had the role before keeps what is hers covered"


@SQLITE
def test_a_colleague_sees_that_a_consent_is_for_what_to_whom_and_until_when_and_may_withdraw_it(to: To) -> None:
    data = SamtykkeData(formål="Afdrag", hvad="Restancen", modtagere=["kommune"], givet=today(), ordlyd=NOTAT)
    samtykke_id = giv(to.mine, to.beboer, data, til=today()).id
    to.mine.commit()
    [linje] = samtykker_fra(to.hendes, to.beboer)
    assert linje.data is not None
    assert (linje.data.formål, linje.data.hvad, linje.data.modtagere) == ("Afdrag", "Restancen", ["kommune"])
    assert (linje.samtykke.til, linje.data.ordlyd) == (today(), "")
    assert linje.data.gemt == {"ordlyd"}
    to.hendes.commit()
    træk_tilbage(to.hendes, samtykke_id, virkning="Kommunen får besked")
    to.hendes.commit()
    assert hent_samtykke(to.hendes, samtykke_id, "prøve").stand.etiket == "Trukket tilbage"
    to.hendes.commit()
    mine = hent_samtykke(to.mine, samtykke_id, "prøve").data
    assert mine is not None
    assert (mine.ordlyd, mine.virkning) == (NOTAT, "Kommunen får besked")
    to.mine.commit()
    assert not ÅBNER[Rolle.BEBOERRÅDGIVER]["aftale_note"].kun_ejer, "it goes with the visit, whoever makes it"
