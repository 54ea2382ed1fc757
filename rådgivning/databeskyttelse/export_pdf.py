"""What a resident is handed, to read: a tagged PDF (PDF/UA-1) in Danish, made in memory by typst.

Texts go in as data and are never read as markup. What is struck out is not among them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from sqlmodel import Session

from rådgivning.dansk import dato, lang_dato, tal, tidspunkt, vis_telefon
from rådgivning.database import COPENHAGEN
from rådgivning.databeskyttelse.article_15 import oplysninger
from rådgivning.databeskyttelse.breach import OPLYSNINGER
from rådgivning.databeskyttelse.collecting import Læsning, Post, Samling
from rådgivning.databeskyttelse.export_words import AFSNIT, SKJULT, Felt, afsnit, felt
from rådgivning.databeskyttelse.masking import Trykt, i_ord, i_stykker
from rådgivning.databeskyttelse.request_words import OVERSTREGNING
from rådgivning.plan.lister import etiket

_HERE: Final = Path(__file__).resolve().parent / "breve"
_SKRIFTER: Final = Path(__file__).resolve().parents[1] / "skrifter"
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.+Z-]*)?")
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)(?::\d\d)?")
_AMOUNT: Final = re.compile(r"-?\d+(?:\.\d+)?")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STEERING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
# What the fonts in skrifter/ are sure to have; anything else is told by its number where a font lacks it.
_FONTS_HAVE: Final = re.compile("[^\n\t -\u024f\u0300-\u052f\u0600-\u06ff\u1e00-\u1eff\u2010-\u2027\u20ac\ue000\ue001]")


@cache
def fonts() -> typst.Fonts:
    """The fonts that come with the program and no others."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_SKRIFTER)])


def sæt(skabelon: str, data: Mapping[str, Any], når: datetime) -> bytes:
    """A template of breve/ with its data as a tagged PDF. A sign that no font has is told by its number: a right is not
    refused because of an emoji."""
    try:
        return _compile(skabelon, json.dumps(data, ensure_ascii=False), når)
    except typst.TypstError:
        told = _FONTS_HAVE.sub(lambda sign: f"[tegn U+{ord(sign[0]):04X}]", json.dumps(data, ensure_ascii=False))
        return _compile(skabelon, told, når)


def _compile(skabelon: str, text: str, når: datetime) -> bytes:
    return typst.compile(
        (_HERE / skabelon).read_bytes(),
        sys_inputs={"data": text},
        font_paths=fonts(),
        format="pdf",
        pdf_standards="ua-1",
        timestamp=int(når.timestamp()),
    )


def til_pdf(session: Session, samling: Samling, streget: Mapping[str, int], når: datetime) -> dict[str, Any]:
    """The collected (and masked) values as indsigt.typ wants them."""
    day = når.astimezone(COPENHAGEN).date()
    return {
        "titel": "Oplysninger om dig",
        "dag": [day.year, day.month, day.day],
        "indledning": [
            f"Her er det, vi har om dig {lang_dato(day)}, efter databeskyttelsesforordningens artikel 15.",
            "Det samme står i filen indsigt.json, som en computer kan læse.",
        ],
        "oplysninger": [[navn, _clean(text)] for navn, text in oplysninger(session, samling)],
        "afsnit": list(_sections(session, samling)),
        "læst_om": _about_reads(samling),
        "læst": [_read(samling, entry) for entry in samling.læst],
        "streget": [[OVERSTREGNING.get(grund, grund), n] for grund, n in sorted(streget.items())],
    }


def _about_reads(samling: Samling) -> str:
    who = "med navn" if samling.navne else "med rolle"
    return (
        f"Programmet skriver ned, hver gang nogen åbner noget om dig, og hvem det var ({who}). Det huskes så længe, som"
        " der står ovenfor. Rækken »Hvorfor« er programmets egne ord for, hvad der blev gjort."
    )


def _read(samling: Samling, entry: Læsning) -> list[str]:
    name = samling.navne.get(entry.bruger, "")
    what = OPLYSNINGER.get(entry.genstand, entry.genstand)
    return [tidspunkt(entry.tid), f"{name} ({entry.rolle})" if name else entry.rolle, what, entry.anledning or "–"]


def _sections(session: Session, samling: Samling) -> Iterator[dict[str, Any]]:
    order = [*AFSNIT, *sorted(set(samling.poster) - set(AFSNIT))]
    for tabel in order:
        poster = samling.poster.get(tabel, [])
        if poster:
            rows = sorted(poster, key=lambda post: (str(post.række.get(afsnit(post.tabel).dag) or ""), post.id))
            yield {"titel": afsnit(tabel).titel, "poster": [_entry(session, samling, post) for post in rows]}


def _entry(session: Session, samling: Samling, post: Post) -> dict[str, Any]:
    om = afsnit(post.tabel)
    day = i_ord(_words(str(post.række.get(om.dag) or "")))
    values = {**{n: v for n, v in post.række.items() if n != om.dag}, **post.indhold}
    return {
        "titel": f"{om.en}, {day}" if day else om.en,
        "felter": list(_fields(session, samling.helhedsplan_id, post.tabel, values, "")),
    }


def _fields(
    session: Session, plan_id: uuid.UUID, tabel: str, values: Mapping[str, Any], before: str
) -> Iterator[list[Any]]:
    """Label and pieces of every field that says something, those of inner values after their own labels."""
    for name, value in values.items():
        om = felt(tabel, name)
        label = f"{before}{om.navn}"
        if value in (None, "", [], {}) or name in SKJULT:
            continue
        if isinstance(value, dict):
            yield from _fields(session, plan_id, tabel, value, f"{label}, ")
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            for n, one in enumerate(value, 1):
                inner = one if isinstance(one, dict) else {name: one}
                yield from _fields(session, plan_id, tabel, inner, f"{label} {n}, ")
        else:
            text = _shown(session, plan_id, om, value)
            if text:
                yield [_clean(label), i_stykker(text)]


def som_trykt(session: Session, plan_id: uuid.UUID) -> Trykt:
    """How the PDF prints a value of a table's field: a key by its label, a telephone number in pairs."""
    return lambda tabel, navn, value: _shown(session, plan_id, felt(tabel, navn), value)


def _shown(session: Session, plan_id: uuid.UUID, om: Felt, value: Any) -> str:
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, list):
        return ", ".join(filter(None, (_shown(session, plan_id, om, one) for one in value)))
    text = str(value)
    if _UUID.fullmatch(text):
        return ""
    if om.navn == "Beløb i kroner" and _AMOUNT.fullmatch(text):
        return tal(Decimal(text), 2)
    if om.navn == "Telefon":
        return _clean(vis_telefon(text) or text)
    if om.ord:
        return _clean(om.ord.get(text, text))
    return _clean(etiket(session, plan_id, om.liste, text) if om.liste else _words(text))


def _words(text: str) -> str:
    """A date, an instant or a time of day as Danes write it; anything else as it stands."""
    if clock := _CLOCK.fullmatch(text):
        return f"{clock[1]}.{clock[2]}"
    if not _ISO.fullmatch(text):
        return text
    return tidspunkt(datetime.fromisoformat(text)) if "T" in text else dato(date.fromisoformat(text))


def _clean(text: str) -> str:
    """Without signs that steer a program or turn the direction of what follows."""
    return _STEERING.sub("", text.replace("\r\n", "\n"))
