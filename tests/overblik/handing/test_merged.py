"""A resident that is merged with another before or after she is handed over."""

from __future__ import annotations

import uuid

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.overblik import handing, merging
from tests.overblik.handing.cases import NOTAT, SQLITE, Hold, spær


def slå_sammen(session: Session, beholdt: uuid.UUID, udgået: uuid.UUID) -> uuid.UUID:
    """Merge two residents; the merge's id."""
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
    slå_sammen(hold.min, hold.beboer, before)
    if alt:
        spær(kontekst, hold.jeg)
        given = handing.overdrag_alt(hold.dpo, hold.jeg, hold.hun, "ophørt", new_id()).id
        hold.dpo.commit()
    else:
        given = hold.giv().id
    hold.hendes.expunge_all()
    merged = slå_sammen(hold.hendes, *((hold.beboer, theirs) if beholdt else (theirs, hold.beboer)))
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
        merged = slå_sammen(hold.min, hold.beboer, other)
        hold.giv()
    else:
        hold.giv()
        hold.hendes.expunge_all()
        merged = slå_sammen(hold.hendes, other, hold.beboer)
        handing.overdrag(hold.hendes, [other], hold.jeg, "ønske", new_id())
        hold.hendes.commit()
    hold.min.expunge_all()
    merging.fortryd(hold.min, merged)
    hold.min.commit()
    now_is = hold.hun if min_egen else hold.jeg
    assert dict(hold.min.exec(select(Beboer.id, Beboer.ejer_id)).all()) == {hold.beboer: now_is, other: now_is}
