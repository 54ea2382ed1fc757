"""Attempts at contact: counted once, taken back with history, and what they say of when somebody was reached."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.database import new_id
from rådgivning.restancer.attempts import annullér_forsøg, gyldige, tilføj_forsøg
from rådgivning.restancer.cases import hent_sag
from rådgivning.restancer.models import Kontaktforsøg
from tests.restancer.factories import sag


def forsøg(dag: int, måde: str = "telefon", *, truffet: bool | None = False) -> Kontaktforsøg:
    """An attempt on a day of November 2026."""
    return Kontaktforsøg(måde=måde, dato=date(2026, 11, dag), truffet=truffet)


def test_an_attempt_counts_once_and_the_first_one_reached_is_the_contact(db: Session) -> None:
    made = sag(db)
    first, reached, later = forsøg(9), forsøg(11, "bankede_på", truffet=True), forsøg(10, truffet=True)
    for attempt in (first, first, reached):
        tilføj_forsøg(db, made.id, attempt)
    data = hent_sag(db, made.id)[1]
    assert (len(data.forsøg), data.kontaktet) == (2, date(2026, 11, 11))
    assert {f.af for f in data.forsøg} == {made.ejer_id}
    tilføj_forsøg(db, made.id, later)
    assert hent_sag(db, made.id)[1].kontaktet == date(2026, 11, 10)
    annullér_forsøg(db, made.id, later.id)
    annullér_forsøg(db, made.id, later.id)
    data = hent_sag(db, made.id)[1]
    assert data.kontaktet == date(2026, 11, 11)
    assert [f.id for f in gyldige(data)] == [reached.id, first.id]
    assert len(data.forsøg) == 3
    annullér_forsøg(db, made.id, reached.id)
    assert hent_sag(db, made.id)[1].kontaktet is None
    with pytest.raises(IkkeFundet):
        annullér_forsøg(db, made.id, new_id())
    with pytest.raises(IkkeFundet):
        tilføj_forsøg(db, new_id(), first)


def test_an_invitation_nobody_has_answered_is_no_contact(db: Session) -> None:
    made = sag(db)
    tilføj_forsøg(db, made.id, forsøg(9, "indkaldelse", truffet=None))
    data = hent_sag(db, made.id)[1]
    assert (data.kontaktet, [f.truffet for f in data.forsøg]) == (None, [None])
