"""The ASVS table is whole, points at things that are there, and does not call met what nothing shows."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from rådgivning.databeskyttelse.asvs import NIVEAU_TRE, Krav, Svar, krav

ROOT = Path(__file__).resolve().parents[2]
ANTAL = {
    "V1": 30, "V2": 13, "V3": 31, "V4": 16, "V5": 13, "V6": 47, "V7": 19, "V8": 13, "V9": 7, "V10": 36, "V11": 24,
    "V12": 12, "V13": 21, "V14": 13, "V15": 21, "V16": 17, "V17": 12,
}  # fmt: skip
"""How many requirements each chapter of ASVS 5.0.0 has: 70 of level 1, 183 of level 2, 92 of level 3."""
_LIBRARIES = "cryptography|hashlib|hmac|pyrage|secrets|webauthn|pyotp|authlib|joserfc"
CRYPTOGRAPHY = re.compile(rf"^\s*(?:from|import) (?:{_LIBRARIES})\b", re.MULTILINE)


def test_every_requirement_stands_there_once_in_order_with_its_level() -> None:
    ids = [one.id for one in krav()]
    assert len(ids) == len(set(ids)) == 345
    assert Counter(one.kapitel for one in krav()) == ANTAL
    assert Counter(one.niveau for one in krav()) == {1: 70, 2: 183, 3: 92}
    assert ids == sorted(ids, key=lambda id_: [int(part) for part in id_[1:].split(".")])


def test_what_is_within_the_target_is_answered_and_what_is_outside_is_level_three() -> None:
    outside = {Svar.UDEN_FOR, Svar.OPFYLDT, Svar.IKKE_RELEVANT}
    wrong = [one.id for one in krav() if (one.svar == Svar.UDEN_FOR if one.i_mål else one.svar not in outside)]
    assert wrong == []
    assert {one.niveau for one in krav() if one.kapitel in NIVEAU_TRE and one.svar != Svar.UDEN_FOR} >= {1, 2}


def test_whatever_is_met_has_evidence_and_whatever_is_not_says_why() -> None:
    assert [one.id for one in krav() if one.svar == Svar.OPFYLDT and not (one.bevis or one.hvorfor)] == []
    assert [one.id for one in krav() if one.svar in {Svar.MANGLER, Svar.IKKE_RELEVANT} and not one.hvorfor] == []
    assert [one.id for one in krav() if not one.emne] == []


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of a test file's tests."""
    file = ROOT / path
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return frozenset(re.findall(r"^def (test_\w+)", text, re.MULTILINE))


def points_to_nothing(one: Krav) -> list[str]:
    """Evidence that is not there. `*` stands for all tests of a file."""
    settings = (ROOT / "rådgivning" / "settings.py").read_text(encoding="utf-8")
    gone = []
    for proof in one.bevis:
        path, found, name = proof.partition("::")
        if found:
            there = bool(names_in(path)) if name == "*" else name in names_in(path)
        else:
            there = f'"{proof}"' in settings if proof.startswith("RAADGIVNING_") else (ROOT / proof).is_file()
        if not there:
            gone.append(f"{one.id}: {proof}")
    return gone


def test_every_named_test_setting_and_file_is_there() -> None:
    assert [gone for one in krav() for gone in points_to_nothing(one)] == []


def test_evidence_that_is_gone_would_be_found() -> None:
    invented = ("tests/spor/test_check.py::test_zxq", "tests/zxq.py::*", "RAADGIVNING_ZXQ", "docs/zxq.md")
    assert len(points_to_nothing(Krav("V1.1.1", 1, "x", Svar.OPFYLDT, invented, ""))) == 4


def test_every_use_of_cryptography_stands_in_the_inventory() -> None:
    """ASVS V11.1.2 and V11.1.3: the table of docs/trusselsmodel.md names each file that does cryptography."""
    inventory = (ROOT / "docs" / "trusselsmodel.md").read_text(encoding="utf-8").partition("## Cryptography")[2]
    files = {
        file.relative_to(ROOT / "rådgivning").as_posix()
        for file in (ROOT / "rådgivning").rglob("*.py")
        if CRYPTOGRAPHY.search(file.read_text(encoding="utf-8"))
    }
    assert {file for file in files if f"`{file}`" not in inventory} == set()
    assert {file for file in re.findall(r"`([\w/æøå]+\.py)`", inventory) if file not in files} == set()
