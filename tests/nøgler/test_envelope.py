"""Envelopes: frozen vectors of format 1, and nothing that was moved or changed opens."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.nøgler.envelope import epoch_of, open_bytes, seal_bytes, unwrap_key, wrap_key, wrapped_with
from rådgivning.nøgler.errors import KeyMissing, Tampered
from rådgivning.nøgler.keyring import Keyring

FROZEN: dict[str, Any] = json.loads((Path(__file__).parent / "format_1.json").read_text(encoding="utf-8"))
KEY = bytes.fromhex(FROZEN["key"])
KEK = bytes.fromhex(FROZEN["kek"])
ROW = uuid.UUID(FROZEN["row"])
PERSON = uuid.UUID(FROZEN["person"])
PLACE = (FROZEN["table"], ROW, PERSON)
uuids = st.uuids(version=4)


def test_the_frozen_envelope_of_format_1_still_opens() -> None:
    blob = bytes.fromhex(FROZEN["blob"])
    assert open_bytes(KEY, PLACE, blob).decode() == FROZEN["plain"]
    assert epoch_of(blob) == FROZEN["epoch"]


def test_sealing_today_gives_the_frozen_bytes() -> None:
    blob = seal_bytes(KEY, 1, PLACE, FROZEN["plain"].encode(), nonce=bytes(range(100, 112)))
    assert blob.hex() == FROZEN["blob"]
    assert wrap_key(KEK, 7, 3, PERSON, KEY, nonce=bytes(range(200, 212))).hex() == FROZEN["wrapped"]


def test_the_frozen_wrapped_key_still_unwraps() -> None:
    wrapped = bytes.fromhex(FROZEN["wrapped"])
    assert len(wrapped) == 65
    assert wrapped_with(wrapped) == (FROZEN["kid"], FROZEN["wrap_epoch"])
    assert unwrap_key({7: KEK}, PERSON, wrapped) == KEY


def test_the_frozen_derivations_still_hold() -> None:
    keyring = Keyring({int(kid): bytes.fromhex(root) for kid, root in FROZEN["roots"].items()}, 2)
    assert {str(kid): kek.hex() for kid, kek in keyring.keks().items()} == FROZEN["keks"]
    assert {str(kid): kcv.hex() for kid, kcv in keyring.check_values().items()} == FROZEN["kcv"]
    assert {purpose: keyring.purpose_key(purpose).hex() for purpose in FROZEN["purpose"]} == FROZEN["purpose"]


@given(plain=st.binary(max_size=3000), place=st.tuples(st.text(min_size=1, max_size=20), uuids, uuids))
def test_what_is_sealed_opens_again(plain: bytes, place: tuple[str, uuid.UUID, uuid.UUID]) -> None:
    blob = seal_bytes(KEY, 1, place, plain)
    assert open_bytes(KEY, place, blob) == plain
    assert (len(blob) - 32) % 256 == 0


@given(plain=st.binary(max_size=600), bit=st.integers(min_value=0))
def test_one_changed_bit_never_opens(plain: bytes, bit: int) -> None:
    blob = bytearray(seal_bytes(KEY, 1, PLACE, plain))
    bit %= len(blob) * 8
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        open_bytes(KEY, PLACE, bytes(blob))


@given(other=st.tuples(st.text(max_size=20), uuids, uuids))
def test_a_moved_blob_never_opens(other: tuple[str, uuid.UUID, uuid.UUID]) -> None:
    blob = seal_bytes(KEY, 1, PLACE, b"hemmeligt")
    for moved in {(other[0], ROW, PERSON), (PLACE[0], other[1], PERSON), (PLACE[0], ROW, other[2]), other} - {PLACE}:
        with pytest.raises(Tampered):
            open_bytes(KEY, moved, blob)


@given(cut=st.integers(min_value=0))
def test_a_shortened_blob_never_opens(cut: int) -> None:
    blob = seal_bytes(KEY, 1, PLACE, b"hemmeligt")
    with pytest.raises(Tampered):
        open_bytes(KEY, PLACE, blob[: cut % len(blob)])


def test_another_persons_key_does_not_open() -> None:
    with pytest.raises(Tampered):
        open_bytes(KEK, PLACE, bytes.fromhex(FROZEN["blob"]))


@given(bit=st.integers(min_value=0, max_value=65 * 8 - 1))
def test_a_changed_wrapped_key_never_unwraps(bit: int) -> None:
    wrapped = bytearray(wrap_key(KEK, 7, 1, PERSON, KEY))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Tampered, KeyMissing)):
        unwrap_key({7: KEK}, PERSON, bytes(wrapped))


def test_a_wrapped_key_of_another_person_never_unwraps() -> None:
    with pytest.raises(Tampered):
        unwrap_key({7: KEK}, uuid.uuid4(), wrap_key(KEK, 7, 1, PERSON, KEY))


def test_a_key_of_an_unknown_number_is_missing_not_wrong() -> None:
    with pytest.raises(KeyMissing):
        unwrap_key({1: KEK}, PERSON, wrap_key(KEK, 7, 1, PERSON, KEY))


def test_the_same_text_sealed_twice_looks_different() -> None:
    assert seal_bytes(KEY, 1, PLACE, b"x") != seal_bytes(KEY, 1, PLACE, b"x")


def test_short_texts_have_one_length() -> None:
    assert len({len(seal_bytes(KEY, 1, PLACE, b"x" * n)) for n in range(255)}) == 1
