"""The daily digest: when it is made, for whom, and that its counts open nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.daily import lav_overblik
from rådgivning.beskeder.inbox import gem_valg
from rådgivning.beskeder.kinds import TAL, Levering, Slags
from rådgivning.beskeder.models import STANDARD_KL, Beskedvalg, Post
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.beskeder.sending import Afsendelse, tøm_køen
from rådgivning.database import new_id, now, today
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData
from rådgivning.kalender.states import Status
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.overblik.digest import dagens_tal
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.spor.models import Handling, Spor
from tests.beskeder.conftest import Køen, Server

BR = Rolle.BEBOERRÅDGIVER


def stand(at: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    database.clock.read = lambda: moment


def two(_session: Session, bruger: Bruger, dag: date) -> Mapping[str, int]:
    assert (bruger.rolle, dag) in {(BR, today()), (Rolle.INKASSO, today())}
    return {"opgaver": 2, "besøg": 0} if bruger.rolle == BR else {}


def make(køen: Køen) -> int:
    with køen.session() as session:
        return lav_overblik(session, two)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_digest_comes_once_at_its_time_on_working_days_only(køen: Køen) -> None:
    køen.adresse(BR)
    køen.adresse(Rolle.LEDER)
    # 07.30 in Denmark is 06.30 UTC in winter. 24 December 2026 is no public holiday, 25 and 28 follow from it.
    times = {
        "2026-11-20T06:29": 0, "2026-11-20T06:30": 1, "2026-11-20T16:00": 0, "2026-11-21T09:00": 0,
        "2026-11-22T09:00": 0, "2026-11-23T09:00": 1, "2026-12-24T09:00": 1, "2026-12-25T09:00": 0,
        "2026-12-28T09:00": 1,
        "2027-07-01T05:29": 0, "2027-07-01T05:30": 1,
    }  # fmt: skip
    for at, made in times.items():
        stand(at)
        assert make(køen) == made, at


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_each_user_chooses_the_time_and_whether(køen: Køen) -> None:
    bruger = køen.adresse(BR)

    def choose(levering: Levering, kl: str) -> None:
        with køen.session(BR) as session:
            gem_valg(session, bruger, {Slags.DAGENS_OVERBLIK: levering}, kl)
            session.commit()

    choose(Levering.STRAKS, "16:00")
    assert make(køen) == 0
    choose(Levering.INGEN, STANDARD_KL)
    assert make(køen) == 0
    choose(Levering.STRAKS, "10:00")
    assert make(køen) == 1
    choose(Levering.STRAKS, "09:30")
    assert make(køen) == 0, "one a day, also when the time is changed"


def test_the_digest_gathers_what_waited_for_it_and_is_one_mail(køen: Køen, server: Server) -> None:
    kasse, post = server()
    køen.adresse(Rolle.INKASSO)
    køen.adresse(BR)
    with køen.session() as session:
        for _ in range(2):
            læg_i_kø(session, køen.personale.brugere[Rolle.INKASSO].id, Slags.HENVISNING_STATUS)
        session.commit()
        assert tøm_køen(session, post) == Afsendelse(), "it waits for the digest"
    assert make(køen) == 2
    assert make(køen) == 0
    with køen.session() as session:
        assert tøm_køen(session, post) == Afsendelse(sendt=2)
    assert {mail["Subject"] for mail in kasse.breve} == {"Dagens overblik"}
    texts = sorted(mail.get_content().split("\n")[2] for mail in kasse.breve)
    assert texts == ["- 2 opgaver har frist i dag eller før", "- Nyt om 2 af dine henvisninger"]
    assert {row.post for row in køen.rækker() if row.slags == Slags.HENVISNING_STATUS} == {Post.SAMLET}
    database.clock.read = lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert make(køen) == 1, "the referrer has nothing new"


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_digest_that_is_late_names_its_own_day_and_the_next_one_says_what_it_had_gathered(
    køen: Køen, server: Server
) -> None:
    kasse, post = server()
    køen.adresse(BR)
    colleague = køen.personale.brugere[BR].id

    def gather_and_make(at: str, sent: Afsendelse) -> None:
        stand(at)
        with køen.session() as session:
            session.merge(Beskedvalg(bruger_id=colleague, valg={Slags.NY_HENVISNING: Levering.OVERBLIK}))
            læg_i_kø(session, colleague, Slags.NY_HENVISNING)
            session.commit()
        assert make(køen) == 1
        with køen.session() as session:
            assert tøm_køen(session, post) == sent

    kasse.rcpt = ["450 later"]
    gather_and_make("2026-11-20T16:00", Afsendelse(udskudt=1))
    stand("2026-11-21T09:00")
    kasse.rcpt = ["450 later"]
    with køen.session() as session:
        assert tøm_køen(session, post) == Afsendelse(udskudt=1)
    gather_and_make("2026-11-23T09:00", Afsendelse(sendt=1))
    assert kasse.breve[0].get_content().split("\n")[:5] == [
        "Overblik for mandag den 23. november 2026:", "", "- 2 opgaver har frist i dag eller før",
        "- 2 nye henvisninger", "",
    ]  # fmt: skip
    kasse.rcpt = ["450 later"]
    gather_and_make("2026-11-27T22:30", Afsendelse(udskudt=1))
    stand("2026-11-28T09:00")
    with køen.session() as session:
        assert tøm_køen(session, post) == Afsendelse(sendt=1)
    assert kasse.breve[1].get_content().startswith("Overblik for fredag den 27. november 2026:")


def test_the_counts_are_right_and_open_no_envelope(køen: Køen) -> None:
    personale, dag = køen.personale, today()
    mine, other = personale.brugere[BR], personale.brugere[Rolle.EJENDOMSDRIFT]
    shared: dict[str, Any] = {"helhedsplan_id": personale.helhedsplan.id, "ejer_id": mine.id}
    with køen.session(BR) as session:
        rows = [
            *(Opgave(**shared, frist=dag + timedelta(days=n)) for n in (-3, 0, 1)),
            Opgave(**shared, frist=dag, udført=dag),
            Opgave(**{**shared, "ejer_id": other.id}, frist=dag),
            *(Henvisning(**shared, oprettet=now(), status=status) for status in ("modtaget", "taget_op")),
            *(_case(shared, frist, closed=False) for frist in (0, -1, -9, 5)),
            _case(shared, -9, closed=True),
            *(
                Aftale(**shared, boligorganisation=org, dato=day, status=status)
                for org, day, status in (
                    ("aab", dag, Status.BEKRÆFTET),
                    ("vildtbanegård", dag, Status.FORESLÅET),
                    ("aab", dag, Status.AFLYST),
                    ("aab", dag + timedelta(days=1), Status.BEKRÆFTET),
                )
            ),
        ]  # fmt: skip
        values = {
            Opgave: OpgaveData(),
            Henvisning: HenvisningData(),
            Restancesag: RestancesagData(),
            Aftale: AftaleData(),
        }
        for row in rows:
            seal(session, row, values[type(row)])
            session.add(row)
        session.commit()
    with køen.session() as session:
        before = session.exec(select(Spor).where(Spor.handling == Handling.ÅBNET)).all()
        advisor = dagens_tal(session, session.get_one(Bruger, mine.id), dag)
        assert advisor == {
            "besøg": 2, "opgaver": 2, "henvisninger": 1, "restancer_i_dag": 1, "restancer_overskredet": 2
        }  # fmt: skip
        assert set(advisor) == set(TAL)
        assert dagens_tal(session, session.get_one(Bruger, other.id), dag) == {"besøg": 1}
        assert dagens_tal(session, session.get_one(Bruger, personale.brugere[Rolle.INKASSO].id), dag) == {}
        assert session.exec(select(Spor).where(Spor.handling == Handling.ÅBNET)).all() == before


def _case(shared: dict[str, Any], days: int, *, closed: bool) -> Restancesag:
    return Restancesag(
        **shared,
        id=new_id(),
        boligorganisation="aab",
        oprettet=today(),
        fase="påkrav",
        frist=today() + timedelta(days=days),
        lukket=today() if closed else None,
    )
