"""The queue: grouped, retried, given up, claimed by one sender of many."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, update

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder import sending
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.mail import brev, lever
from rådgivning.beskeder.models import Besked, Post
from rådgivning.beskeder.queue import læg_i_kø, ryd_gamle
from rådgivning.beskeder.sending import VENT, Afsendelse, tøm_køen
from rådgivning.database import now, på_tværs
from rådgivning.drift.instance import open_instance
from rådgivning.settings import Postopsætning
from rådgivning.spor.trail import Aktør
from tests.beskeder.conftest import Køen, Postkasse, Server, ledig_port
from tests.conftest import opret_testbruger
from tests.limit import vent_på

BR = Rolle.BEBOERRÅDGIVER


def queue(køen: Køen, slags: Slags, times: int = 1, rolle: Rolle = BR) -> None:
    with køen.session() as session:
        for _ in range(times):
            læg_i_kø(session, køen.personale.brugere[rolle].id, slags)
        session.commit()


def work(køen: Køen, post: Postopsætning) -> Afsendelse:
    with køen.session() as session:
        return tøm_køen(session, post)


def pass_time(by: timedelta) -> None:
    at = now() + by
    database.clock.read = lambda: at


def subjects(kasse: Postkasse) -> list[str]:
    return sorted(mail["Subject"] for mail in kasse.breve)


def test_what_waits_of_one_kind_is_one_mail_and_is_sent_once(køen: Køen, server: Server) -> None:
    kasse, post = server()
    køen.adresse(BR)
    queue(køen, Slags.NY_HENVISNING, 3)
    queue(køen, Slags.NY_AFTALE)
    assert work(køen, post) == Afsendelse(sendt=2)
    assert subjects(kasse) == ["Der er 1 ny aftale", "Der er 3 nye henvisninger"]
    assert work(køen, post) == Afsendelse()
    assert {(row.post, row.fejl, row.sendt) for row in køen.rækker()} == {(Post.SENDT, "", now())}


def test_a_server_that_is_down_is_tried_again_ever_later_and_then_given_up(køen: Køen, server: Server) -> None:
    køen.adresse(BR)
    down = Postopsætning("127.0.0.1", ledig_port(), "ingen", "a@bolig.example", "https://sager.bolig.example")
    queue(køen, Slags.NY_HENVISNING)
    queue(køen, Slags.NY_AFTALE)
    assert work(køen, down) == Afsendelse(udskudt=1), "the second would meet the same"
    assert work(køen, down) == Afsendelse(udskudt=1)
    assert work(køen, down) == Afsendelse(), "neither is due"
    for wait in VENT[:-1]:
        pass_time(wait - timedelta(seconds=1))
        assert work(køen, down) == Afsendelse()
        pass_time(timedelta(seconds=1))
        assert work(køen, down) == work(køen, down) == Afsendelse(udskudt=1)
    pass_time(VENT[-1])
    assert work(køen, down) == work(køen, down) == Afsendelse(opgivet=1)
    assert {(r.post, r.fejl, r.forsøg) for r in køen.rækker() if r.slags != Slags.MAIL_OPGIVET} == {
        (Post.OPGIVET, "ingen forbindelse", 6)
    }
    told = [row for row in køen.rækker() if row.slags == Slags.MAIL_OPGIVET]
    assert {(row.bruger_id, row.post, row.i_app) for row in told} == {
        (køen.personale.brugere[Rolle.DATABESKYTTELSE].id, Post.INGEN, True)
    }
    kasse, post = server()
    assert work(køen, post) == Afsendelse()
    assert kasse.breve == []


def test_a_refusal_for_now_is_one_mail_later_with_what_came_meanwhile(køen: Køen, server: Server) -> None:
    kasse, post = server()
    kasse.rcpt = ["450 4.2.1 greylisted"]
    køen.adresse(BR)
    køen.adresse(Rolle.EJENDOMSDRIFT)
    queue(køen, Slags.NY_AFTALE)
    queue(køen, Slags.NY_AFTALE, rolle=Rolle.EJENDOMSDRIFT)
    assert work(køen, post) == Afsendelse(sendt=1, udskudt=1), "another recipient is not held up"
    queue(køen, Slags.NY_AFTALE, rolle=BR)
    queue(køen, Slags.NY_AFTALE, rolle=Rolle.EJENDOMSDRIFT)
    assert work(køen, post) == Afsendelse(sendt=2)
    assert subjects(kasse) == ["Der er 1 ny aftale", "Der er 1 ny aftale", "Der er 2 nye aftaler"]


def test_what_comes_meanwhile_uses_up_no_tries_of_what_waits(køen: Køen) -> None:
    køen.adresse(BR)
    down = Postopsætning("127.0.0.1", ledig_port(), "ingen", "a@bolig.example", "https://sager.bolig.example")
    for _ in range(8):
        queue(køen, Slags.NY_HENVISNING)
        work(køen, down)
    assert {(row.post, row.forsøg) for row in køen.rækker()} == {(Post.VENTER, 1)}


def test_an_address_refused_for_good_ends_it_at_once(køen: Køen, server: Server) -> None:
    kasse, post = server()
    kasse.rcpt = ["550 5.1.1 no such user"]
    køen.adresse(BR)
    queue(køen, Slags.NY_HENVISNING, 2)
    assert work(køen, post) == Afsendelse(opgivet=1)
    pass_time(timedelta(days=2))
    assert work(køen, post) == Afsendelse()
    assert {row.fejl for row in køen.rækker() if row.slags == Slags.NY_HENVISNING} == {"adressen afvist"}


def test_who_is_blocked_or_has_taken_her_address_away_gets_no_mail(køen: Køen, server: Server) -> None:
    kasse, post = server()
    for rolle in (BR, Rolle.EJENDOMSDRIFT):
        bruger = køen.adresse(rolle)
        queue(køen, Slags.NY_AFTALE, rolle=rolle)
        with køen.session() as session:
            found = session.get_one(type(bruger), bruger.id)
            found.email, found.spærret = ("", None) if rolle == BR else (found.email, now())
            session.add(found)
            session.commit()
    assert work(køen, post) == Afsendelse()
    assert kasse.breve == []
    assert {row.post for row in køen.rækker()} == {Post.INGEN}


def test_two_senders_at_once_send_each_mail_once(køen: Køen, server: Server) -> None:
    kasse, post = server()
    kasse.tænketid = 0.04
    with køen.session() as session:
        hosts = [opret_testbruger(session, køen.personale.helhedsplan, BR, f"br{n}") for n in range(15)]
        for n, bruger in enumerate(hosts):
            bruger.email = f"br{n}@bruger.example"
        session.flush()
        for bruger in hosts * 2:
            læg_i_kø(session, bruger.id, Slags.NY_HENVISNING)
        session.commit()
    results: list[Afsendelse] = []
    begin = threading.Barrier(2, timeout=60)

    def run() -> None:
        host = open_instance(køen.settings)
        try:
            with host.session(Aktør()) as session, på_tværs(session):
                begin.wait()
                results.append(tøm_køen(session, post))
        finally:
            host.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    vent_på(threads)
    assert sum(result.sendt for result in results) == 15
    assert all(result.sendt for result in results), "both took part"
    assert sorted(mail["To"] for mail in kasse.breve) == sorted(f"br{n}@bruger.example" for n in range(15))
    assert {mail["Subject"] for mail in kasse.breve} == {"Der er 2 nye henvisninger"}


@pytest.mark.parametrize("taget_imod", [False, True])
def test_what_a_sender_that_died_had_claimed_is_sent_when_its_claim_runs_out(
    køen: Køen, server: Server, *, taget_imod: bool
) -> None:
    """At worst the mail server had said OK: then the same mail comes twice, and never a third time."""
    kasse, post = server()
    køen.adresse(BR)
    queue(køen, Slags.NY_HENVISNING)
    with køen.session() as session:
        bundt = sending._claim(session)
        assert bundt is not None
        if taget_imod:
            mail = brev(post, bundt.til, bundt.slags, bundt.antal, bundt.tal, bundt.rækker)
            assert lever(post, bundt.til, mail) is None
    assert work(køen, post) == Afsendelse()
    pass_time(sending.LEJE)
    assert work(køen, post) == Afsendelse(sendt=1)
    pass_time(sending.LEJE)
    assert work(køen, post) == Afsendelse()
    assert len(kasse.breve) == 1 + taget_imod
    assert len({mail["Message-ID"] for mail in kasse.breve}) == 1


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_sender_told_to_stop_takes_no_more(køen: Køen, server: Server) -> None:
    kasse, post = server()
    køen.adresse(BR)
    queue(køen, Slags.NY_HENVISNING)
    queue(køen, Slags.NY_AFTALE)
    with køen.session() as session:
        assert tøm_køen(session, post, lambda: bool(kasse.breve)) == Afsendelse(sendt=1)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_notices_end_after_90_days(køen: Køen) -> None:
    queue(køen, Slags.NY_HENVISNING, 2)
    with køen.session() as session:
        old = update(Besked).where(col(Besked.id) == køen.rækker()[0].id).values(oprettet=now() - timedelta(days=91))
        session.execute(old)
        ryd_gamle(session)
        session.commit()
    assert len(køen.rækker()) == 1


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_row_of_the_queue_holds_neither_address_nor_name(køen: Køen) -> None:
    bruger = køen.adresse(BR)
    queue(køen, Slags.NY_HENVISNING)
    [row] = køen.rækker()
    held = [str(value) for value in row.model_dump().values()]
    assert not [text for text in held if "@" in text or bruger.navn in text]
    assert replace(køen.settings, post=None).post is None
