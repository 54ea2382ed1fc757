"""Who is told what: by event, by choice, and never the one who did it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import spær_bruger
from rådgivning.beskeder.inbox import gem_valg
from rådgivning.beskeder.kinds import SLAGS, Levering, Slags, valgbare
from rådgivning.beskeder.models import STANDARD_KL, Post
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import new_id
from rådgivning.henvisninger.intake import afslut, et_skridt_tilbage, kontakt_opnået, tag_op
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import henvis
from tests.beskeder.conftest import Køen
from tests.conftest import opret_testbruger

BR = Rolle.BEBOERRÅDGIVER


def test_a_referral_tells_every_active_beboerrådgiver_and_what_becomes_of_it_tells_the_referrer(køen: Køen) -> None:
    køen.adresse(BR)
    with køen.session() as session:
        for name in ("br2", "br3"):
            last = opret_testbruger(session, køen.personale.helhedsplan, BR, name)
        session.flush()
        spær_bruger(session, last)
        session.commit()
    henvisning = new_id()
    with køen.session(Rolle.EJENDOMSDRIFT) as session:
        for _ in range(2):
            henvis(session, HenvisningData(navn="Zxq"), hast="", boligorganisation="aab", id=henvisning)
        session.commit()
    assert sorted((row.slags, row.post) for row in køen.rækker()) == [
        ("ny_henvisning", ""),
        ("ny_henvisning", "venter"),
    ]
    with køen.session(BR) as session:
        tag_op(session, henvisning, beboer_id=None)
        kontakt_opnået(session, henvisning)
        kontakt_opnået(session, henvisning)
        afslut(session, henvisning, udfald="råd_givet", note="")
        et_skridt_tilbage(session, henvisning, "afsluttet")
        session.commit()
    mine = [row for row in køen.rækker() if row.bruger_id == køen.personale.brugere[Rolle.EJENDOMSDRIFT].id]
    assert [row.slags for row in mine] == [Slags.HENVISNING_STATUS] * 3


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_notice_follows_the_users_choice_and_the_instances_settings(køen: Køen) -> None:
    bruger = køen.personale.brugere[BR]
    expected = {
        Levering.STRAKS: [Post.VENTER],
        Levering.OVERBLIK: [Post.OVERBLIK],
        Levering.APP: [Post.INGEN],
        Levering.INGEN: [],
    }

    def told(post: bool = True) -> list[str]:
        before = {row.id for row in køen.rækker()}
        with køen.session() as session:
            session.info["settings"] = køen.settings if post else replace(køen.settings, post=None)
            læg_i_kø(session, bruger.id, Slags.NY_HENVISNING)
            session.commit()
        return [row.post for row in køen.rækker() if row.id not in before]

    assert told() == [Post.INGEN], "no address"
    køen.adresse(BR)
    for levering, posts in expected.items():
        with køen.session(BR) as session:
            gem_valg(session, bruger, {Slags.NY_HENVISNING: levering}, STANDARD_KL)
            session.commit()
        assert told() == posts
        assert told(post=False) == [Post.INGEN][: len(posts)]


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_nobody_is_told_of_her_own_doing_and_a_kind_has_to_exist(køen: Køen) -> None:
    with køen.session(BR) as session:
        læg_i_kø(session, køen.personale.brugere[BR].id, Slags.OPGAVE_OVERDRAGET)
        with pytest.raises(ValueError, match="hvad"):
            læg_i_kø(session, køen.personale.brugere[BR].id, "hvad")
        session.commit()
    assert køen.rækker() == []


def test_every_role_chooses_among_the_kinds_it_can_get() -> None:
    assert valgbare(Rolle.LEDER) == [Slags.NY_ENHED]
    assert valgbare(Rolle.INKASSO) == [Slags.HENVISNING_STATUS, Slags.DAGENS_OVERBLIK, Slags.NY_ENHED]
    assert {slags for rolle in Rolle for slags in valgbare(rolle)} == {slags for slags, om in SLAGS.items() if om.valg}
