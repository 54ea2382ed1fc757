"""A logo without what its file tells beside the picture: when, where and with what it was made."""

from __future__ import annotations

from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs"})
_APP0, _APP14, _APPS, _COMMENT, _SCAN = 0xE0, 0xEE, range(0xE0, 0xF0), 0xFE, 0xDA


def uden_oplysninger(data: bytes) -> bytes:
    """The same picture, bit for bit, without metadata. `data` is a PNG or JPEG that was looked at before."""
    return _png(data) if data.startswith(_PNG) else _jpeg(data)


def _png(data: bytes) -> bytes:
    """Chunk by chunk: length, kind, content, checksum."""
    out, at = [_PNG], len(_PNG)
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] in _KEPT_CHUNKS:
            out.append(data[at:end])
        at = end
    return b"".join(out)


def _jpeg(data: bytes) -> bytes:
    """Segment by segment up to the picture itself; APP0 (resolution) and APP14 (colours) stay."""
    out, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != _SCAN:
        kind, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if kind in {_APP0, _APP14} or (kind not in _APPS and kind != _COMMENT):
            out.append(data[at:end])
        at = end
    return b"".join([*out, data[at:]])
