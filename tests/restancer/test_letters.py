"""Letters as files: every language can be read back, runs the right way, is tagged, and never touches the disk."""

from __future__ import annotations

import io
import tempfile
import unicodedata
import zipfile
from datetime import date
from datetime import time as klokken
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from rådgivning.database import new_id
from rådgivning.plan.invitation_texts import Sprogtekst
from rådgivning.plan.reader import læs
from rådgivning.restancer.invitations import Møde, Valgt, skriv_brev, skriv_sms, tider
from rådgivning.restancer.letter_content import Brev, Hoved
from rådgivning.restancer.letters import BrevFejl, som_docx, som_pdf, som_zip
from tests.conftest import ISHØJ

TEKSTER = {k: Sprogtekst(k, t) for k, t in læs(ISHØJ.read_bytes(), ISHØJ.name).indkaldelse.sprog.items()}
MØDE = Møde(date(2026, 11, 24), klokken(10, 30), "Kontoret, Opdigtet Allé 1", "+4520123456")
UDEN = Møde(None, None, "", "+4520123456")
HOVED = Hoved("Beboerrådgivningen i Prøveparken", "Prøvevej 1", "20 99 88 77")
NAVN = "Zxq Ğşıødegård <b>&amp; {{ 7*7 }} #panic()"


def brev(sprog: str, møde: Møde = MØDE, navn: str = NAVN) -> Brev:
    valgt = Valgt(new_id(), None, "aab", navn, "Opdigtet Allé 7, 2. tv", "+4520123456", "55-0107-2", "")
    return skriv_brev(valgt, møde, TEKSTER, sprog, HOVED, "Testa Opdigtet")


def plain(text: str) -> str:
    """Letters and digits alone: shaping, direction and line breaks put signs elsewhere, never letters."""
    return "".join(sorted(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()))


def pdf_words(content: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


@pytest.mark.parametrize("sprog", list(TEKSTER))
def test_a_letter_says_when_where_and_whom_to_call_in_its_language_and_in_danish(sprog: str) -> None:
    letter = brev(sprog)
    assert [side.sprog for side in letter.sider] == (["da"] if sprog == "da" else [sprog, "da"])
    first, danish = letter.sider[0], letter.sider[-1]
    assert [len(side.afsnit) for side in letter.sider] == [5] * len(letter.sider)
    assert NAVN in first.hilsen.replace("\u2068", "").replace("\u2069", "")
    assert dict(danish.linjer) == {
        "Tid": "tirsdag den 24. november 2026 kl. 10.30",
        "Sted": "Kontoret, Opdigtet Allé 1",
        "Telefon": "20\u00a012\u00a034\u00a056",
    }
    assert len(first.linjer) == 3
    assert not any("{" in text.replace(NAVN, "") for text in (*first.afsnit, first.slut, first.emne))
    without = brev(sprog, UDEN)
    assert [len(side.linjer) for side in without.sider] == [1] * len(letter.sider)
    assert without.sider[0].afsnit[-1] != first.afsnit[-1]
    assert brev(sprog, navn="").sider[0].hilsen == ""


def test_each_language_writes_the_day_its_own_way() -> None:
    days = [brev(sprog).sider[0].linjer[0][1] for sprog in ("en", "tr", "ar", "ur")]
    assert days == [
        "Tuesday, 24 November 2026, 10:30",
        "24 Kasım 2026 Salı, 10:30",
        "الثلاثاء، 24 نوفمبر 2026، 10:30",
        "منگل، 24 نومبر، 2026، 10:30",
    ]


@pytest.mark.parametrize("sprog", list(TEKSTER))
def test_a_text_message_says_no_more_than_needed(sprog: str) -> None:
    text = skriv_sms(MØDE, TEKSTER[sprog], HOVED.afsender, "Testa Opdigtet")
    assert all(part in text for part in ("20123456", "Testa Opdigtet", "30", "24"))
    assert not any(part in text for part in ("Zxq", "{", "kr.", "husleje", "\u2068"))
    assert len(text) < 300
    assert "24" not in skriv_sms(UDEN, TEKSTER[sprog], HOVED.afsender, "Testa Opdigtet").replace("20123456", "")


@pytest.mark.parametrize("sprog", list(TEKSTER))
def test_the_pdf_is_tagged_names_its_language_and_can_be_read_back(sprog: str) -> None:
    letter = brev(sprog)
    content = som_pdf([letter])
    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages) == len(letter.sider)
    root: Any = reader.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "da-DK"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Indkaldelse til samtale"
    for page, side in zip(reader.pages, letter.sider, strict=True):
        for text in (side.emne, *side.afsnit, *side.linjer[0], side.linjer[2][1], side.slut):
            assert set(plain(text)) <= set(plain(page.extract_text())), text
    words = pdf_words(content)
    for text in ("tirsdag den 24. november 2026 kl. 10.30", "Zxq Ğşıødegård <b>&amp; {{ 7*7 }} #panic()", "2. tv"):
        assert text in words


def test_urdu_and_arabic_letters_are_in_the_fonts_and_other_signs_are_refused_without_being_told() -> None:
    som_pdf([brev("ur", navn="ٹ ڈ ڑ ے ہ ھ ں گ چ پ ژ ۂ ۓ")])
    with pytest.raises(BrevFejl) as fejl:
        som_pdf([brev("da", navn="Zxq \N{GRINNING FACE}")])
    assert "Zxq" not in str(fejl.value)
    assert fejl.value.__cause__ is None
    assert fejl.value.__suppress_context__


@pytest.mark.parametrize("sprog", list(TEKSTER))
def test_word_is_told_language_and_direction_of_every_paragraph(sprog: str) -> None:
    letter = brev(sprog)
    content = som_docx(letter)
    body = Document(io.BytesIO(content)).element.body
    texts = ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]
    for side in letter.sider:
        for text in (side.emne, side.hilsen, *side.afsnit, side.slut):
            assert text.replace("\u2068", "").replace("\u2069", "") in texts
    assert "tirsdag den 24. november 2026 kl. 10.30" in "\n".join(texts)
    assert not any(0xE000 <= ord(sign) <= 0xF8FF for text in texts for sign in text)
    from_right = [p for p in body.iter(qn("w:p")) if p.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None]
    assert bool(from_right) == (letter.sider[0].retning == "rtl")
    languages = {tag.get(qn("w:bidi")) or tag.get(qn("w:val")) for tag in body.iter(qn("w:lang"))}
    assert languages == {"da-DK"} | {{"en": "en-GB", "tr": "tr-TR", "ar": "ar-SA", "ur": "ur-PK", "da": "da-DK"}[sprog]}
    for paragraph in from_right:
        for run in paragraph.iter(qn("w:r")):
            text = run.find(qn("w:t")).text
            strong = {unicodedata.bidirectional(sign) for sign in text}
            marked = run.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None
            assert not (marked and "L" in strong), text
            assert not (not marked and strong & {"R", "AL"}), text


def test_thirty_letters_are_one_pdf_or_thirty_word_files() -> None:
    letters = [brev(list(TEKSTER)[n % 5], navn=f"Zxq Nummer{n}") for n in range(30)]
    pdf, archive = som_pdf(letters), som_zip(letters)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 30 + 24
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.namelist()[::29] == ["indkaldelse-01.docx", "indkaldelse-30.docx"]
        assert len(files.namelist()) == 30


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    som_pdf([brev("ar")])
    som_zip([brev("ar")])
    assert list(tmp_path.iterdir()) == []


def test_talks_follow_each_other_within_the_day() -> None:
    assert tider(klokken(9, 0), 45, 3) == [klokken(9, 0), klokken(9, 45), klokken(10, 30)]
    assert tider(klokken(9, 0), 45, 0) == []
    with pytest.raises(ValueError, match="én dag"):
        tider(klokken(22, 0), 60, 3)
