"""What a picture's file tells beside the picture does not come along."""

from __future__ import annotations

import zlib

import pytest

from rådgivning.restancer.letter_templates import godkend_logo
from rådgivning.restancer.logo import uden_oplysninger
from tests.restancer.test_letter_templates import png


def chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG chunk."""
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def test_a_png_loses_its_texts_and_stays_the_same_picture() -> None:
    plain = png(12, 4)
    told = plain[:33] + chunk(b"tEXt", b"Author\0Zxq") + chunk(b"eXIf", b"MM\0*") + plain[33:]
    godkend_logo(told)
    assert uden_oplysninger(told) == plain == uden_oplysninger(plain)


@pytest.mark.parametrize("marker", [0xE1, 0xE2, 0xED, 0xFE])
def test_a_jpeg_loses_exif_and_comments_and_keeps_what_the_picture_needs(marker: int) -> None:
    def segment(kind: int, content: bytes) -> bytes:
        return bytes([0xFF, kind]) + (len(content) + 2).to_bytes(2) + content

    kept = segment(0xE0, b"JFIF\0" + bytes(9)) + segment(0xEE, b"Adobe") + segment(0xDB, bytes(65))
    scan = b"\xff\xda\x00\x03\x01" + b"picture \xff\xe1\x00\x04 bits" + b"\xff\xd9"
    plain = b"\xff\xd8" + kept + scan
    assert uden_oplysninger(b"\xff\xd8" + segment(marker, b"Zxq") + kept + scan) == plain
    assert uden_oplysninger(plain) == plain
