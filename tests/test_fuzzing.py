"""What comes from outside is read as a value or refused by its named error, whatever its bytes are: envelopes, wrapped
keys, keyrings, recovery sheets, imported files, plan files, releases, and what is typed into fields.

Each target starts from something valid that is changed at random, so that the tries come past the first check. The long
form makes a million of them.
"""

from __future__ import annotations

import io
import random
import uuid
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import pytest
from openpyxl import Workbook

from rådgivning import dansk
from rådgivning.felter.sheet import FilFejl
from rådgivning.kontakter.sheet import KOLONNER, læs_fil
from rådgivning.nøgler.envelope import open_bytes, seal_bytes, unwrap_key, wrap_key
from rådgivning.nøgler.errors import KeyMissing, NøgleFejl, Tampered
from rådgivning.nøgler.keyring import new_keyring, parse_keyring
from rådgivning.nøgler.recovery import ArkFejl, from_text, join, to_lines, whole
from rådgivning.plan.reader import PlanFejl, læs
from rådgivning.restancer.list_sheet import læs_ark
from rådgivning.statistik.foreign import UgyldigUdgivelse, læs_udgivelse
from tests.conftest import ISHØJ, LANG

PLADS = ("kontakt", uuid.UUID(int=1), uuid.UUID(int=2))
NØGLE = bytes(range(32))
KUVERT = seal_bytes(NØGLE, 1, PLADS, b"Testa Opdigtet")
INDPAKKET = wrap_key(NØGLE, 1, 1, PLADS[1], bytes(32))
RING = new_keyring()
CSV = (
    ";".join(KOLONNER) + "\n" + ";".join(["20-11-2026", "aab55", "samtale", *["æøå"] * (len(KOLONNER) - 3)]) * 2
).encode()
UDGIVELSE = b"""{"tables":[{"name":"a","cells":[{"key":{"art":"x"},"value":5},{"key":{"art":["x","y"]},"value":10},
{"key":{},"value":{"lo":11,"hi":19}},{"key":{"art":"y"},"value":null}]}],"dims":{"art":["x","y"]},
"known_rule":{"method":"controlled-rounding","base":5}}"""
TEKSTER = ["20.11.2026", "d. 3/4-26", "+45 20 12 12 34", "1.234,50", "10.30", "010190-1234", "æ ø å"]
STUMPER = [b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe2\x80\xae", b"\xd9\xa3", b"9" * 400, b"1e999", b"NaN"]
STUMPER += [b";", b'"', b"\n", b"'''", b"-", b"[[", b"=", b"{", b"&#0;"]


def _xlsx() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in ([*KOLONNER], ["20-11-2026", "aab55", "samtale"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def _changed(data: bytes, draw: random.Random) -> bytes:
    """One to four random changes of some bytes; now and then something else altogether."""
    if draw.random() < 0.02:
        return draw.randbytes(draw.randrange(200))
    found = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(found) + 1)
        match draw.randrange(6):
            case 0 if at < len(found):
                found[at] ^= 1 << draw.randrange(8)
            case 1:
                found[at:at] = draw.choice(STUMPER)
            case 2:
                del found[at : at + draw.randint(1, 30)]
            case 3:
                found[at:at] = found[at : at + draw.randint(1, 60)]
            case 4 if draw.random() < 0.1:
                del found[at:]
            case _:
                found[at : at + 1] = draw.randbytes(1)
    return bytes(found)


def _changed_inside(data: bytes, draw: random.Random) -> bytes:
    """A packed file with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, _changed(old.read(name), draw) if name == chosen else old.read(name))
    return out.getvalue()


def _envelope(data: bytes) -> None:
    open_bytes(NØGLE, PLADS, data)
    assert data == KUVERT, "a changed envelope was opened"


def _wrapped(data: bytes) -> None:
    unwrap_key({1: NØGLE}, PLADS[1], data)
    assert data == INDPAKKET, "a changed key was opened"


def _sheet(data: bytes) -> None:
    found = join(from_text(data.decode(errors="replace")))
    assert found.roots == RING.roots, "a misread sheet gave another key"


def _typed(data: bytes) -> None:
    text = data.decode(errors="replace")
    dansk.ligner_cpr(text), dansk.fold(text), dansk.sorteringsnøgle(text)
    for parse in (dansk.parse_dato, dansk.parse_klokkeslæt, dansk.parse_tal, dansk.normaliser_telefon):
        with suppress(ValueError):
            parse(text)


class Mål(NamedTuple):
    """Something that reads bytes: what it starts from, its named errors, how many tries in either run."""

    frø: Callable[[], list[bytes]]
    læs: Callable[[bytes], object]
    fejl: tuple[type[Exception], ...]
    kort: int
    langt: int
    ændr: Callable[[bytes, random.Random], bytes] = _changed


def _sheet_text() -> bytes:
    return "\n".join(line for part in whole(RING) for line in to_lines(part)).encode()


def _ring(data: bytes) -> None:
    parse_keyring(data.decode(errors="replace"), "ring")


def _plan(data: bytes) -> None:
    læs(data, "plan.toml")


def _contacts(data: bytes) -> None:
    læs_fil("liste", data)


def _arrears(data: bytes) -> None:
    læs_ark("liste", data)


MÅL = {
    "kuvert": Mål(lambda: [KUVERT], _envelope, (Tampered,), 2000, 400_000),
    "indpakket nøgle": Mål(lambda: [INDPAKKET], _wrapped, (Tampered, KeyMissing), 2000, 250_000),
    "nøglering": Mål(lambda: [RING.to_text().encode()], _ring, (NøgleFejl,), 500, 50_000),
    "gendannelsesark": Mål(lambda: [_sheet_text()], _sheet, (ArkFejl,), 300, 50_000),
    "felt": Mål(lambda: [text.encode() for text in TEKSTER], _typed, (), 1000, 130_000),
    "kontakter": Mål(lambda: [CSV, CSV.decode().encode("cp1252")], _contacts, (FilFejl,), 300, 55_000),
    "restancer": Mål(lambda: [CSV], _arrears, (FilFejl,), 200, 30_000),
    "regneark": Mål(lambda: [_xlsx()], _contacts, (FilFejl,), 30, 10_000, _changed_inside),
    "pakket fil": Mål(lambda: [_xlsx()], _arrears, (FilFejl,), 30, 10_000),
    "udgivelse": Mål(lambda: [UDGIVELSE], læs_udgivelse, (UgyldigUdgivelse,), 300, 10_000),
    "plan": Mål(lambda: [ISHØJ.read_bytes()], _plan, (PlanFejl,), 15, 10_000),
}


def test_the_long_run_makes_a_million_tries() -> None:
    assert sum(mål.langt for mål in MÅL.values()) >= 1_000_000


@pytest.mark.lang
@pytest.mark.parametrize("navn", MÅL)
def test_whatever_the_bytes_are_they_are_read_or_refused_by_name(navn: str) -> None:
    mål, draw = MÅL[navn], random.Random(navn)
    seeds, refused, tries = mål.frø(), 0, mål.langt if LANG else mål.kort
    for seed in seeds:
        mål.læs(seed)
    for number in range(tries):
        data = mål.ændr(draw.choice(seeds), draw)
        try:
            mål.læs(data)
        except mål.fejl:
            refused += 1
        except Exception as error:  # noqa: BLE001 - any other error is what is looked for
            pytest.fail(f"try {number}: {type(error).__name__} from {data[:300]!r}")
    assert refused or not mål.fejl, "nothing was refused: the changes reach nothing"
