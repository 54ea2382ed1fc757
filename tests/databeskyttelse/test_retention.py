"""Residents whose time is out: warned of, stopped by what is open, kept for a reason, deleted once and in time."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import Session, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Forbudt, Konflikt, Rolle
from rådgivning.beboere.models import Beboer, BeboerData, Fastholdelse, FastholdelseData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beboere.restriction import begræns
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id
from rådgivning.databeskyttelse import retention_keep
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering
from rådgivning.databeskyttelse.retention import Hindring
from rådgivning.databeskyttelse.retention_run import vis
from rådgivning.fakta.models import Faktum
from rådgivning.henvisninger.intake import afslut, tag_op
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.overblik.merging import slå_sammen
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.cases import knyt_beboer, luk_sag
from rådgivning.restancer.models import Restancesag
from rådgivning.samtykker import consents
from rådgivning.samtykker.models import SamtykkeData
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Personale, opret_testbruger
from tests.databeskyttelse.retention_cases import SAMTALE, Nat, beboer, hver_dag, på
from tests.henvisninger.factories import henvisning
from tests.limit import vent_på
from tests.restancer.factories import sag, skridt

SIDST = date(2024, 11, 20)
VARSEL, SLET = date(2026, 10, 22), date(2026, 11, 21)
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def nat(kontekst: Nøglekontekst, personale: Personale) -> Nat:
    """The night's run."""
    return Nat(kontekst, personale)


def findes(db: Session, beboer_id: uuid.UUID) -> bool:
    """Whether a resident is still there."""
    db.rollback()
    found = db.get(Beboer, beboer_id, populate_existing=True) is not None
    db.rollback()
    return found


def test_a_resident_is_warned_of_and_then_deleted_once_with_a_receipt_and_her_facts_stay(
    db: Session, nat: Nat, personale: Personale
) -> None:
    om = beboer(db, date(2023, 5, 2), SIDST)
    facts = db.exec(select(func.count()).select_from(Faktum)).one()
    db.rollback()
    nights = hver_dag(nat, VARSEL - timedelta(days=2), VARSEL + timedelta(days=2))
    assert [(day, done.varslet) for day, done in nights] == [(VARSEL, 1)]
    warned = nat.frist(om)
    assert (warned.sidst, warned.udløber, warned.varslet, warned.varsel_slut) == (
        SIDST,
        date(2026, 11, 20),
        VARSEL,
        SLET,
    )
    [notice] = db.exec(select(Besked).where(Besked.slags == Slags.SLETTES_SNART)).all()
    owner = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    assert (notice.bruger_id, notice.slags, notice.antal) == (owner, "slettes_snart", 1)
    db.rollback()
    assert nat(SLET - timedelta(days=1)).slettet.total() == 0
    assert findes(db, om)
    done = nat(SLET)
    assert done.linje == "1 beboer slettet, 0 varslet, 0 samtykker udløber snart, 0 andre rækker slettet, 0 fejl"
    assert nat(SLET).slettet.total() == 0
    assert not findes(db, om)
    assert db.exec(select(Kontakt)).all() == []
    [receipt] = db.exec(select(Kvittering)).all()
    assert (receipt.årsag, receipt.af, receipt.antal) == ("slettefrist", None, {"beboer": 1, "kontakt": 1})
    assert db.exec(select(func.count()).select_from(Faktum)).one() == facts > 0
    trail = db.exec(select(Spor).where(Spor.genstand == "beboer", Spor.handling == Handling.SLETTET)).one()
    assert (trail.anledning, trail.aktør, trail.rolle) == ("slettefrist", None, "system")
    db.rollback()
    assert tjek(db, nat.kontekst.audit_key) == []


@sqlite
def test_years_without_a_run_warn_first_and_a_leap_day_ends_on_the_28th(db: Session, nat: Nat) -> None:
    om = beboer(db, date(2024, 2, 29))
    assert nat.frist(om, date(2026, 2, 1)).udløber == date(2026, 2, 28)
    late = date(2029, 2, 28)
    assert (nat(late).varslet, nat(late).varslet) == (1, 0)
    assert nat.frist(om, late).slettes(late) == date(2029, 3, 30)
    assert hver_dag(nat, date(2029, 3, 28), date(2029, 3, 31))[0][0] == date(2029, 3, 30)
    assert not findes(db, om)


@sqlite
def test_five_years_of_silence_and_one_month_of_work_are_told_apart(db: Session, nat: Nat) -> None:
    gammel, ny = beboer(db, date(2021, 11, 1)), beboer(db, date(2026, 10, 1))
    nat(date(2026, 11, 1))
    nat(date(2026, 12, 1))
    assert (findes(db, gammel), findes(db, ny)) == (False, True)


def _case(db: Session, om: uuid.UUID) -> None:
    knyt_beboer(db, sag(db, skridt("forfalden", date(2024, 11, 1))).id, beboer_id=om)


def _referral(db: Session, om: uuid.UUID) -> None:
    tag_op(db, henvisning(db).id, beboer_id=om)


def _task(db: Session, om: uuid.UUID) -> None:
    opret_opgave(db, titel="Ring", frist=SIDST, beboer_id=om)


def _consent(db: Session, om: uuid.UUID) -> None:
    consents.giv(db, om, SamtykkeData(formål="x", modtagere=["kommune"]), til=date(2027, 6, 1))


def _request(db: Session, om: uuid.UUID) -> None:
    row = Anmodning(
        helhedsplan_id=db.info["aktør"].helhedsplan_id,
        ejer_id=db.info["aktør"].bruger_id,
        beboer_id=om,
        slags="indsigt",
        modtaget=SIDST,
        frist=SIDST,
    )
    seal(db, row, AnmodningData(navn="Zxq"))
    db.add(row)


def _merge(db: Session, om: uuid.UUID) -> None:
    """Merged with another a few days before her time is out."""
    with på(SIDST):
        other = opret_beboer(db, BeboerData(navn="Zxq Prøvesøn")).id
    with på(SLET - timedelta(days=3)):
        slå_sammen(db, new_id(), beholdt_id=om, udgået_id=other, valg={}, versioner=(1, 1))


@sqlite
@pytest.mark.parametrize(
    ("gør", "hindring"),
    [
        (_case, Hindring.RESTANCESAG),
        (_referral, Hindring.HENVISNING),
        (_task, Hindring.OPGAVE),
        (_consent, Hindring.SAMTYKKE),
        (_request, Hindring.ANMODNING),
        (begræns, Hindring.BEGRÆNSET),
        (_merge, Hindring.FORTRYDES),
    ],
    ids=[h.name.lower() for h in Hindring],
)
def test_what_is_open_stops_the_deletion_and_says_so(db: Session, nat: Nat, gør: object, hindring: Hindring) -> None:
    om = beboer(db, SIDST)
    nat(VARSEL)
    with på(SIDST):
        assert callable(gør)
        gør(db, om)
        db.commit()
    for dag in (SLET, SLET + timedelta(days=5)):
        assert nat(dag).fejl == 0
    assert findes(db, om)
    assert nat.frist(om, SLET).hindringer == (hindring,)
    with på(SLET), nat.som(Rolle.BEBOERRÅDGIVER) as session, pytest.raises(Konflikt) as refused:
        retention_keep.slet_nu(session, om)
    assert hindring.value in str(refused.value)


@sqlite
def test_when_a_consent_that_stopped_it_ends_the_owner_is_told_anew(db: Session, nat: Nat) -> None:
    om = beboer(db, SIDST)
    nat(VARSEL)
    with på(VARSEL):
        consents.giv(db, om, SamtykkeData(formål="x", modtagere=["læge"]), til=date(2027, 6, 1))
        db.commit()
    nat(SLET)
    assert nat.frist(om, SLET).varslet is None
    assert nat(date(2027, 6, 1)).varslet == 0
    assert nat(date(2027, 6, 2)).varslet == 1
    assert nat.frist(om, date(2027, 6, 2)).slettes(date(2027, 6, 2)) == date(2027, 7, 2)
    db.rollback()
    assert nat(date(2027, 7, 1)).slettet[Fristnavn.BEBOER] == 0
    assert nat(date(2027, 7, 2)).slettet[Fristnavn.BEBOER] == 1


@sqlite
def test_what_is_closed_again_counts_from_that_day(db: Session, nat: Nat) -> None:
    om = beboer(db, SIDST)
    with på(date(2025, 3, 1)):
        made = sag(db, skridt("forfalden", date(2024, 11, 1)))
        knyt_beboer(db, made.id, beboer_id=om)
        opgave = opret_opgave(db, titel="Ring", frist=SIDST, beboer_id=om).id
        sendt = henvisning(db).id
        tag_op(db, sendt, beboer_id=om)
        db.commit()
    for day, end in (
        (
            date(2025, 4, 1),
            lambda: luk_sag(
                db, made.id, udfald="betalt", dato=date(2025, 4, 1), kilde="beboeren", hændelse_id=new_id()
            ),
        ),
        (date(2025, 5, 31), lambda: udfør(db, opgave)),
        (date(2025, 6, 30), lambda: afslut(db, sendt, udfald="", note="")),
    ):
        with på(day):
            end()
            db.commit()
        assert nat.frist(om).sidst == day
    assert nat.frist(om).udløber == date(2027, 6, 30)
    assert nat.frist(om).hindringer == ()


@sqlite
def test_a_new_contact_takes_the_warning_back_and_the_next_time_there_is_a_new_one(db: Session, nat: Nat) -> None:
    om = beboer(db, SIDST)
    nat(VARSEL)
    with på(VARSEL + timedelta(days=9)):
        log_kontakt(db, SAMTALE, dato=VARSEL + timedelta(days=9), beboer_id=om)
        db.commit()
    assert nat(SLET).slettet.total() == 0
    assert nat.frist(om).varslet is None
    assert nat(date(2028, 10, 2)).varslet == 1
    assert nat(date(2028, 10, 31)).slettet.total() == 0
    assert nat(date(2028, 11, 1)).slettet.total() == 1


@sqlite
def test_each_reason_keeps_her_once_sealed_and_the_night_after_asks_again(
    db: Session, nat: Nat, engine: object
) -> None:
    om, id_ = beboer(db, SIDST), new_id()
    nat(VARSEL)
    with på(VARSEL), nat.som(Rolle.BEBOERRÅDGIVER) as session:
        data = FastholdelseData(grund="retskrav", forklaring="Zxq klager")
        first = retention_keep.behold(session, om, data, id=id_)
        assert first.til == date(2027, 5, 21)
        assert b"retskrav" not in first.sealed
        session.commit()
        assert retention_keep.behold(session, om, data, id=id_).id == id_
        with pytest.raises(Konflikt, match="ingen frist at forlænge"):
            retention_keep.behold(session, om, FastholdelseData(grund="tilsyn"), id=new_id())
        with pytest.raises(Konflikt, match="ikke nær"):
            retention_keep.slet_nu(session, om)
    assert nat(SLET).slettet.total() == 0
    again = date(2027, 4, 22)
    assert [day for day, _done in hver_dag(nat, again - timedelta(days=1), again + timedelta(days=1))] == [again]
    with på(again), nat.som(Rolle.BEBOERRÅDGIVER) as session:
        with pytest.raises(retention_keep.GrundBrugt):
            retention_keep.behold(session, om, data, id=new_id())
        retention_keep.behold(session, om, FastholdelseData(grund="tilsyn"), id=new_id())
        assert [d.grund for _row, d in retention_keep.fastholdelser(session, om)] == ["retskrav", "tilsyn"]
        session.commit()
    nat(date(2027, 10, 25))
    nat(date(2027, 11, 24))
    assert not findes(db, om)
    assert db.exec(select(Fastholdelse)).all() == []


@sqlite
def test_what_has_its_own_time_waits_as_long_as_she_is_kept(db: Session, nat: Nat) -> None:
    om, other = beboer(db, SIDST), beboer(db, SIDST)
    with på(date(2024, 11, 10)):
        for who in (om, other):
            made = sag(db, skridt("forfalden", date(2024, 9, 1)))
            knyt_beboer(db, made.id, beboer_id=who)
            luk_sag(db, made.id, udfald="betalt", dato=date(2024, 11, 10), kilde="beboeren", hændelse_id=new_id())
        db.commit()
    nat(VARSEL)
    with på(VARSEL), nat.som(Rolle.BEBOERRÅDGIVER) as session:
        retention_keep.behold(session, om, FastholdelseData(grund="retskrav"), id=new_id())
        session.commit()
    done = nat(date(2026, 11, 11))
    assert done.slettet[Fristnavn.RESTANCESAG] == 1
    assert [row.beboer_id for row in db.exec(select(Restancesag)).all()] == [om]


@sqlite
@pytest.mark.parametrize("rolle", [Rolle.BEBOERRÅDGIVER, Rolle.LEDER, Rolle.INKASSO])
def test_a_colleague_may_not_decide_unless_the_owner_is_blocked_or_has_another_role(
    db: Session, nat: Nat, personale: Personale, rolle: Rolle
) -> None:
    om = beboer(db, SIDST)
    other = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega").id
    db.commit()
    who = personale.aktør(Rolle.BEBOERRÅDGIVER)
    colleague = replace(who, bruger_id=other)
    with nat.kontekst.session(colleague) as session:
        assert retention_keep.mine(session) == []
        with pytest.raises(Forbudt):
            retention_keep.slet_nu(session, om)
        session.rollback()
        owner = session.get_one(Bruger, who.bruger_id)
        owner.spærret, owner.rolle = owner.oprettet if rolle == owner.rolle else None, rolle
        session.commit()
    nat(VARSEL)
    assert [b.bruger_id for b in db.exec(select(Besked).where(Besked.slags == Slags.SLETTES_SNART)).all()] == [other]
    db.rollback()
    with på(VARSEL), nat.kontekst.session(colleague) as session:
        assert [frist.beboer_id for frist in retention_keep.mine(session)] == [om]
        retention_keep.slet_nu(session, om)
        session.commit()
    assert db.exec(select(Kvittering)).one().af == other


def test_two_machines_at_once_delete_each_resident_once(db: Session, nat: Nat) -> None:
    residents = [beboer(db, SIDST) for _ in range(4)]
    nat(VARSEL)
    errors: list[BaseException] = []

    def one() -> None:
        try:
            nat(SLET)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    with på(SLET):
        machines = [threading.Thread(target=one) for _ in range(2)]
        for machine in machines:
            machine.start()
        vent_på(machines)
    assert errors == []
    assert not any(findes(db, om) for om in residents)
    assert len(db.exec(select(Kvittering)).all()) == 4
    db.rollback()
    assert tjek(db, nat.kontekst.audit_key) == []


@sqlite
def test_a_dry_run_counts_and_changes_nothing(db: Session, nat: Nat) -> None:
    om, soon = beboer(db, SIDST), beboer(db, SIDST + timedelta(days=20))
    nat(VARSEL)
    before = db.exec(select(func.count()).select_from(Spor)).one()
    db.rollback()
    with på(SLET), nat.session() as session:
        done = vis(session, nat.plan_id)
    assert done.linje.startswith("1 beboer slettet, 1 varslet")
    assert findes(db, om)
    assert findes(db, soon)
    assert db.exec(select(func.count()).select_from(Spor)).one() == before
