"""What a resident is handed: a ZIP of a PDF to read and JSON for machines, written as it is sent. Knows no Flask.

What is handed out is collected in one short transaction, masked, and only then written: the same values in both. The
ZIP is never whole in memory and never on disk; its names say nothing, and the same values give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO, Any, Final, cast

from sqlmodel import Session

from rådgivning.database import now
from rådgivning.databeskyttelse.collecting import Post, Samling, saml
from rådgivning.databeskyttelse.export_pdf import som_trykt, sæt, til_pdf
from rådgivning.databeskyttelse.masking import Sløring, i_ord
from rådgivning.databeskyttelse.models import AnmodningData, Udlevering
from rådgivning.databeskyttelse.request_words import OVERSTREGNING
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

FORMAT: Final = "raadgivning-indsigt"
UDGAVE: Final = 1
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 64 * 1024
EGNE: Final = ("navn", "telefon", "email", "adresse", "fødselsdato", "aldersgruppe", "børn_i_husstanden")
"""What she has given us herself, of her stamdata (art. 20)."""
LÆS_MIG: Final = """Oplysninger om dig

indsigt.pdf           alt, vi har om dig, til at læse
indsigt.json          det samme, til en computer (UTF-8 JSON)
dataportabilitet.json det, du selv har givet os, til at tage med et andet sted hen
skema.json            forklaring af indsigt.json (JSON Schema)

Det, der er streget over, står som [overstreget: grunden].
"""


@dataclass
class Udtræk:
    """What is to be written: the masked values, how often something is struck out, and what the PDF says; None when
    only what she has given us herself is handed out."""

    samling: Samling
    streget: dict[str, int]
    pdf: dict[str, Any] | None
    når: datetime
    udlevering_id: uuid.UUID


@dataclass
class Kvitteret:
    """What has been written so far."""

    størrelse: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)


def forbered(
    session: Session,
    beboer_id: uuid.UUID,
    data: AnmodningData,
    anmodning_id: uuid.UUID | None,
    *,
    kun_egne: bool = False,
) -> Udtræk:
    """Collect and mask; write down that it is handed out, before the first byte leaves. The caller commits, so that
    nobody waits while it is written. Raises IkkeFundet."""
    found = saml(session, beboer_id)
    mask = Sløring(data, som_trykt(session, found.helhedsplan_id))
    samling = mask.samling(found)
    streget, når = dict(mask.antal), now()
    row = Udlevering(
        helhedsplan_id=samling.helhedsplan_id,
        anmodning_id=anmodning_id,
        begyndt=når,
        af=aktør(session).bruger_id,
        antal=samling.antal,
    )
    session.add(row)
    anledning = "dataportabilitet" if kun_egne else "indsigt"
    counts: dict[str, str | int] = {"rækker": samling.antal, "overstreget": sum(streget.values())}
    hers = [beboer_id]
    skriv(session, Handling.EKSPORTERET, "beboer", hers, beboere=hers, anledning=anledning, detaljer=counts)
    session.flush()
    pdf = None if kun_egne else til_pdf(session, samling, streget, når)
    return Udtræk(samling, streget, pdf, når, row.id)


def skriv_zip(udtræk: Udtræk, kvitteret: Kvitteret) -> Iterator[bytes]:
    """The ZIP piece by piece; `kvitteret` has size and hash when the last one is out."""
    for piece in _zip(udtræk):
        kvitteret.størrelse += len(piece)
        kvitteret.sha256.update(piece)
        yield piece


def afslut(session: Session, udtræk: Udtræk, kvitteret: Kvitteret) -> None:
    """Write down the whole file's hash and size: it was all sent. The caller commits."""
    row = session.get_one(Udlevering, udtræk.udlevering_id)
    row.færdig, row.størrelse, row.sha256 = now(), kvitteret.størrelse, kvitteret.sha256.hexdigest()
    session.add(row)
    digest = " ".join(row.sha256[at : at + 4] for at in range(0, 64, 4))
    beboer_id = udtræk.samling.beboer_id
    skriv(
        session,
        Handling.EKSPORTERET,
        "udlevering",
        [row.id],
        beboere=[beboer_id],
        anledning="hele filen er sendt",
        detaljer={"byte": row.størrelse, "sha256": digest},
    )


class _Ud:
    """A file that can only be written to, and is emptied piece by piece."""

    def __init__(self) -> None:
        self._dele: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep until it is taken."""
        self._dele.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def tag(self) -> bytes:
        """What has been written since the last time."""
        taken = b"".join(self._dele)
        self._dele.clear()
        return taken


def _zip(udtræk: Udtræk) -> Iterator[bytes]:
    ud = _Ud()
    with zipfile.ZipFile(cast("IO[bytes]", ud), "w") as archive:
        for name, content in _files(udtræk):
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as member:
                for piece in content:
                    member.write(piece)
                    if taken := ud.tag():
                        yield taken
    yield ud.tag()


def _files(udtræk: Udtræk) -> Iterator[tuple[str, Iterator[bytes]]]:
    if udtræk.pdf is not None:
        pdf = sæt("indsigt.typ", udtræk.pdf, udtræk.når)
        yield "laes-mig.txt", iter([LÆS_MIG.encode()])
        yield "indsigt.pdf", (pdf[at : at + _CHUNK] for at in range(0, len(pdf), _CHUNK))
        yield "indsigt.json", _json(udtræk)
        yield "skema.json", iter([_dump(SKEMA)])
    yield "dataportabilitet.json", iter([_dump(_own(udtræk))])


def _json(udtræk: Udtræk) -> Iterator[bytes]:
    """One row at a time."""
    head = {"format": FORMAT, "udgave": UDGAVE, "udtrukket": udtræk.når.isoformat()}
    yield _dump(head)[:-2] + b',\n"tabeller": {'
    for n, (tabel, poster) in enumerate(udtræk.samling.poster.items()):
        yield b",\n" * (n > 0) + _dump(tabel) + b": ["
        for m, post in enumerate(poster):
            yield b",\n" * (m > 0) + _dump(_row(post))
        yield b"]"
    yield '},\n"læst": '.encode() + _dump([_seen(udtræk.samling, asdict(entry)) for entry in udtræk.samling.læst])
    struck = [{"grund": OVERSTREGNING.get(grund, grund), "antal": n} for grund, n in sorted(udtræk.streget.items())]
    yield b',\n"overstreget": ' + _dump(struck) + b"}\n"


def _row(post: Post) -> dict[str, Any]:
    return {"id": post.id, "række": _told(post.række), "indhold": _told(post.indhold)}


def _seen(samling: Samling, entry: dict[str, Any]) -> dict[str, Any]:
    """When, in which role, at what; the name only where names are given."""
    name = samling.navne.get(entry["bruger"], "")
    told = {"tid": entry["tid"].isoformat(), "rolle": entry["rolle"], "hvad": entry["genstand"]}
    return {**told, "handling": entry["handling"], "hvorfor": entry["anledning"], **({"navn": name} if name else {})}


def _own(udtræk: Udtræk) -> dict[str, Any]:
    """What she has given us herself: her stamdata and her consents."""
    stamdata = [post.indhold for post in udtræk.samling.poster.get("beboer", [])]
    given = {name: stamdata[0].get(name) for name in EGNE} if stamdata else {}
    consents = [
        {"formål": p.indhold.get("formål"), "modtagere": p.indhold.get("modtagere"), "givet": p.indhold.get("givet"),
         "til": p.række.get("til"), "trukket": p.række.get("trukket")}
        for p in udtræk.samling.poster.get("samtykke", [])
    ]  # fmt: skip
    own = {"stamdata": given, "samtykker": consents}
    return {
        "format": "raadgivning-dataportabilitet",
        "udgave": UDGAVE,
        "udtrukket": udtræk.når.isoformat(),
        **_told(own),
    }


def _told(value: Any) -> Any:
    """The value with what is struck out in words."""
    if isinstance(value, dict):
        return {name: _told(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_told(one) for one in value]
    return i_ord(value) if isinstance(value, str) else value


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


_TEXT: Final = {"type": "string"}
SKEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Indsigt efter databeskyttelsesforordningens artikel 15",
    "type": "object",
    "required": ["format", "udgave", "udtrukket", "tabeller", "læst", "overstreget"],
    "properties": {
        "format": {"const": FORMAT},
        "udgave": {"const": UDGAVE},
        "udtrukket": {**_TEXT, "format": "date-time"},
        "tabeller": {
            "description": "Rækker efter tabel. »række« er det, der ligger uden for kuverten, »indhold« det i den.",
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "række", "indhold"],
                    "properties": {"id": _TEXT, "række": {"type": "object"}, "indhold": {"type": "object"}},
                },
            },
        },
        "læst": {
            "description": "Hver gang nogen har åbnet noget, ældste først. »navn« kun, hvor navne gives.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tid", "rolle", "hvad", "handling", "hvorfor"],
                "properties": dict.fromkeys(("tid", "rolle", "hvad", "handling", "hvorfor", "navn"), _TEXT),
            },
        },
        "overstreget": {
            "description": "Hvor mange steder der er streget over, efter grund. I teksten: [overstreget: grunden].",
            "type": "array",
            "items": {"type": "object", "properties": {"grund": _TEXT, "antal": {"type": "integer"}}},
        },
    },
}
