"""10,000 random event sequences: whatever the order of arrival the state is the same, no computed deadline lies on a
day when nothing is open or was in the past when it was written down, and a correction leaves no mark on the state.

Seeded and fast in every run; `./kør test-lang` lets hypothesis look for 10,000 more of its own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from rådgivning.dansk import er_helligdag
from rådgivning.restancer.corrections import annulleret, rettet
from rådgivning.restancer.deadlines import arbejdsdag, skrevet
from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.order import bemærkninger
from rådgivning.restancer.phases import FASER, Tilstand, huskeliste, tilstand
from tests.conftest import LANG
from tests.restancer.sequences import forkert, tilfældig_hændelse, tilfældig_sag

ANTAL = 10_000
SENERE = datetime(2027, 6, 1, 9, tzinfo=UTC)


def _holds(frø: int | random.Random) -> list[Hændelse]:
    """All that must hold of one random sequence, which is given back."""
    draw = frø if isinstance(frø, random.Random) else random.Random(frø)
    hændelser = tilfældig_sag(draw)
    stand = tilstand(hændelser)
    _order_of_arrival(draw, hændelser, stand)
    _deadline(stand)
    _corrections(draw, hændelser, stand)
    return hændelser


def _order_of_arrival(draw: random.Random, hændelser: Sequence[Hændelse], stand: Tilstand) -> None:
    blandet = draw.sample(hændelser, len(hændelser))
    assert tilstand(blandet) == stand
    assert bemærkninger(blandet) == bemærkninger(hændelser)
    assert tilstand([h for h in hændelser if not h.annulleret]) == stand
    assert (stand.lukket is None) == (stand.udfald == "") == (not FASER[stand.fase].lukker)
    if len({h.dato for h in hændelser}) == len(hændelser):
        tider = [h.registreret for h in blandet]
        other_times = [h.model_copy(update={"registreret": t}) for h, t in zip(hændelser, tider, strict=True)]
        assert _facts(tilstand(other_times)) == _facts(stand)


def _facts(stand: Tilstand) -> Tilstand:
    """What does not depend on when it was written down: all but the date to act on, which is never born in the past."""
    return replace(stand, gældende=None, frist=stand.frist if stand.frist_er_oplyst else None)


def _deadline(stand: Tilstand) -> None:
    if stand.lukket is not None:
        assert stand.frist is stand.lovfrist is None
        return
    if stand.gældende is None:
        assert stand.frist is None
        return
    assert stand.frist is not None
    assert stand.lovfrist is not None
    if stand.frist_er_oplyst:
        assert stand.frist == stand.gældende.frist
        return
    assert not er_helligdag(stand.frist)
    assert stand.frist.weekday() < 5
    assert (stand.frist.month, stand.frist.day) != (6, 5)
    assert stand.frist >= skrevet(stand.gældende.registreret)
    assert stand.frist >= stand.lovfrist
    assert stand.skrevet_sent == (arbejdsdag(stand.lovfrist) < skrevet(stand.gældende.registreret))
    for _regel, dag in huskeliste(stand):
        assert dag is None or dag >= stand.gældende.dato


def _corrections(draw: random.Random, hændelser: list[Hændelse], stand: Tilstand) -> None:
    """Wrongly typed and put right, or typed though it never happened and annulled: as if it had not been."""
    if hændelser:
        place = draw.randrange(len(hændelser))
        rigtig = hændelser[place]
        put_right = rettet(forkert(draw, rigtig), rigtig, tidspunkt=SENERE, af=None)
        corrected = [*hændelser[:place], put_right, *hændelser[place + 1 :]]
        assert replace(tilstand(corrected), gældende=None) == replace(stand, gældende=None)
        assert bemærkninger(corrected) == bemærkninger(hændelser)
    never = annulleret(tilfældig_hændelse(draw), tidspunkt=SENERE, af=None)
    assert tilstand([*hændelser, never]) == stand


def test_ten_thousand_random_sequences_keep_their_promises() -> None:
    faser, lukkede, sene = set(), 0, 0
    for frø in range(ANTAL):
        stand = tilstand(_holds(frø))
        faser.add(stand.fase)
        lukkede += stand.lukket is not None
        sene += stand.skrevet_sent
    assert faser == set(FASER)
    assert lukkede > ANTAL / 10
    assert sene > ANTAL / 100


@settings(max_examples=ANTAL if LANG else 100)
@given(st.randoms(use_true_random=False))
def test_hypothesis_finds_no_sequence_that_breaks_them(draw: random.Random) -> None:
    _holds(draw)
