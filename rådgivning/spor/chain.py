"""What binds the trail's entries into a chain, and whom an entry names: the same when written and when checked."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC
from typing import Any

from rådgivning.spor.models import Handling, Spor, SporHoved


def nævnt(entry: Spor) -> list[dict[str, Any]]:
    """The ids an entry names, each once: `om`, `beboer` and `læst_af` as SporNævnt has them."""
    read_by = entry.aktør if entry.handling == Handling.ÅBNET else None
    named = dict.fromkeys(entry.rækker, False) | dict.fromkeys(entry.beboere, True)
    return [{"om": om, "beboer": resident, "læst_af": read_by} for om, resident in named.items()]


def entry_mac(key: bytes, previous: bytes, entry: Spor) -> bytes:
    """HMAC-SHA256 over the previous entry's mac and every field of this one, in a canonical form."""
    fields = [
        entry.kæde,
        entry.nr,
        entry.tidspunkt.astimezone(UTC).isoformat(),
        str(entry.aktør or ""),
        entry.rolle,
        entry.handling,
        entry.genstand,
        entry.anledning,
        entry.rækker,
        entry.beboere,
        entry.detaljer,
        *([entry.enhed] if entry.enhed else ()),  # older entries have none, and keep their mac
    ]
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, previous + text.encode(), hashlib.sha256)


def head_seal(key: bytes, hoved: SporHoved) -> bytes:
    """HMAC-SHA256 over a chain's length, end and, once entries were deleted, where it now begins: the head cannot be
    rewritten to hide a removed tail or a removed beginning."""
    cut = f":{hoved.fra}:".encode() + (hoved.fra_mac or b"") if hoved.fra else b""
    return hmac.digest(key, b"head" + f"{hoved.kæde}:{hoved.nr}:".encode() + hoved.mac + cut, hashlib.sha256)
