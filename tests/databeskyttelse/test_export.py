"""What a resident is handed: everything that is kept about her, nothing that is struck out, and a PDF she can read."""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import Session, col, select

from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.models import Nødadgang, NødadgangData
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.households import opret_lejemål
from rådgivning.beboere.models import (
    BeboerData,
    Bemærkning,
    BemærkningData,
    Fastholdelse,
    FastholdelseData,
    LejemålData,
)
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id, now
from rådgivning.databeskyttelse.collecting import SÆRLIGE, UDEN_BEBOER
from rådgivning.databeskyttelse.export import Kvitteret, afslut, forbered, skriv_zip
from rådgivning.databeskyttelse.models import AnmodningData, Maske, Slags, Udlevering
from rådgivning.databeskyttelse.requests import registrér
from rådgivning.databeskyttelse.trail_models import Gennemset, GennemsetData
from rådgivning.drift.schema import all_tables
from rådgivning.henvisninger.models import Henvisning, HenvisningBehandling, HenvisningBehandlingData, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData
from rådgivning.kontakter.log import log_kontakt, ret_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import SealedRow, seal
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.models import Sammenlægning, SammenlægningData
from rådgivning.restancer.models import Hændelse, ListeData, Listerække, Restanceliste, Restancesag, RestancesagData
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Personale

PÅ_SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
NAVN, ADRESSE = "Zxq Prøvesen", "Opdigtet Allé 7"


def række(db: Session, row: SealedRow, value: Any) -> uuid.UUID:
    """Seal and add."""
    seal(db, row, value)
    db.add(row)
    db.flush()
    return row.id


@pytest.fixture
def hun(db: Session, personale: Personale) -> uuid.UUID:
    """A resident of whom every sealed table holds something: its mark is `Zxq<table>`."""
    plan, ejer = personale.helhedsplan.id, personale.brugere[Rolle.BEBOERRÅDGIVER].id
    base: dict[str, Any] = {"helhedsplan_id": plan, "ejer_id": ejer}
    hun = opret_beboer(db, BeboerData(navn=NAVN, adresse=ADRESSE, telefon="+4520121234", note="Zxqbeboer")).id
    nabo = opret_beboer(db, BeboerData(navn="Zxqnabo Andersen")).id
    hjem = LejemålData(nummer="55-1", adresse="Zxqlejemål", afdeling="aab55", boligorganisation="aab")
    opret_lejemål(db, hjem.model_copy(update={"medlemmer": [hun, nabo]}))
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld")
    first = data.model_copy(update={"notat": "Zxqkontakt_version"})
    kontakt = log_kontakt(db, first, dato=IDAG, beboer_id=hun)
    notat = "Zxqkontakt: naboen Zxqhemmelig  Hansen og hr. ZXQHEMMELIG hansens hund"
    second = data.model_copy(update={"notat": notat, "tredjepart": "Zxqtredje klager"})
    ret_kontakt(db, kontakt.id, second, dato=IDAG, beboer_id=hun, version=1)
    opret_opgave(db, titel="Zxqopgave", frist=IDAG, beboer_id=hun)
    række(db, Samtykke(**base, beboer_id=hun), SamtykkeData(formål="Zxqsamtykke", modtagere=["opkrævning"]))
    gem_kladde(db, f"/kontakter/ny/{hun}", {"beboer_id": [str(hun)], "notat": ["Zxqkladde"]})
    henvist = Henvisning(**base, beboer_id=hun, oprettet=now())
    række(db, henvist, HenvisningData(navn=NAVN, beskrivelse="Zxqhenvisning", kilde="ejendomsdrift"))
    svar = HenvisningBehandling(id=henvist.id, helhedsplan_id=plan, beboer_id=hun)
    række(db, svar, HenvisningBehandlingData(note="Zxqhenvisning_behandling"))
    løs = Henvisning(**base, oprettet=now())
    række(db, løs, HenvisningData(navn="prøvesen zxq", telefon="+4520121234", beskrivelse="Zxqløs"))
    fremmed = Henvisning(**base, oprettet=now())
    række(db, fremmed, HenvisningData(navn=NAVN, telefon="+4599999999", beskrivelse="Zxqfremmed"))
    sag = Restancesag(**base, beboer_id=hun, boligorganisation="aab", oprettet=IDAG, fase="påkrav")
    hændelse = Hændelse(fase="påkrav", dato=IDAG, af=ejer)
    række(db, sag, RestancesagData(navn=NAVN, note="Zxqrestancesag", beløb=Decimal("12.50"), hændelser=[hændelse]))
    liste = Restanceliste(**base, boligorganisation="aab", dato=IDAG, oprettet=now())
    hers = Listerække(nummer=1, navn="Zxqrestanceliste", beløb=Decimal(1), dato=IDAG, sag_id=sag.id)
    other = Listerække(nummer=2, navn="Zxqandenrække", beløb=Decimal(1), dato=IDAG)
    række(db, liste, ListeData(rækker=[hers, other]))
    besøg = Aftale(**base, boligorganisation="aab", dato=IDAG)
    række(db, besøg, AftaleData(adresse=ADRESSE, afdeling="aab55", deltagere="Zxqaftale", start=time(9)))
    række(db, AftaleNote(id=besøg.id, helhedsplan_id=plan), AftaleNoteData(note="Zxqaftale_note"))
    lagt = Sammenlægning(**base, beholdt_id=hun, udgået_id=new_id(), dato=IDAG, nr=1)
    række(db, lagt, SammenlægningData(udgået=BeboerData(navn="Zxqsammenlægning")))
    række(db, Fastholdelse(**base, beboer_id=hun, dato=IDAG, til=IDAG), FastholdelseData(forklaring="Zxqfastholdelse"))
    række(db, Bemærkning(**base, beboer_id=hun, dato=IDAG), BemærkningData(tekst="Zxqbemærkning"))
    registrér(db, Slags.INDSIGT, modtaget=IDAG, ønske="Zxqanmodning", beboer_id=hun, id=new_id())
    set_ = Gennemset(**base, fund="prøve", slags="prøve", bruger_id=ejer, nr=1, tidspunkt=now())
    række(db, set_, GennemsetData(forklaring=f"{NAVN} Zxqgennemset"))
    nød = Nødadgang(
        helhedsplan_id=plan, bruger_id=ejer, beboer_id=hun, kollega_id=ejer, årsag="prøve", fra=now(), til=now()
    )
    række(db, nød, NødadgangData(begrundelse="Zxqnødadgang"))
    db.commit()
    return hun


def _alle(base: type[SealedRow]) -> list[type[SealedRow]]:
    """Every sealed table."""
    below = [table for sub in base.__subclasses__() for table in _alle(sub)]
    return ([base] if hasattr(base, "__table__") else []) + below


def udlevér(session: Session, beboer_id: uuid.UUID, data: AnmodningData) -> bytes:
    """The ZIP, as databeskyttelse hands it out."""
    udtræk = forbered(session, beboer_id, data, None)
    session.commit()
    kvitteret = Kvitteret()
    whole = b"".join(skriv_zip(udtræk, kvitteret))
    afslut(session, udtræk, kvitteret)
    session.commit()
    return whole


def alt(whole: bytes) -> tuple[str, str, list[str]]:
    """The text of the PDF with its properties, the JSON, and every other member."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        parts = {name: archive.read(name) for name in archive.namelist()}
    reader = PdfReader(io.BytesIO(parts.pop("indsigt.pdf")))
    text = " ".join(page.extract_text() for page in reader.pages) + str(reader.metadata) + str(reader.xmp_metadata)
    return text, parts.pop("indsigt.json").decode(), [part.decode() for part in parts.values()]


def test_every_sealed_table_is_handed_out_or_named_with_its_reason() -> None:
    all_tables()
    for model in _alle(SealedRow):
        table = str(model.__tablename__)
        auto = "beboer_id" in model.model_fields
        assert auto or table in SÆRLIGE or table in UDEN_BEBOER, f"{table}: how is it handed out in an indsigt?"


@PÅ_SQLITE
def test_what_every_table_holds_of_her_is_in_pdf_and_json_and_nothing_of_others(
    db: Session, kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID
) -> None:
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        visits = session.exec(select(Aftale)).all()
        _pdf, unchosen, _others = alt(udlevér(session, hun, AnmodningData()))
        assert "Zxqaftale" not in unchosen + _pdf, "nobody has said that a visit at her address was to her"
        whole = udlevér(session, hun, AnmodningData(medtaget=[str(row.id) for row in visits]))
        pdf, text, others = alt(whole)
        squeezed = re.sub(r"[\s\u00ad-]+", "", pdf)
        read = json.loads(text)
        for model in _alle(SealedRow):
            table = str(model.__tablename__)
            if table in UDEN_BEBOER:
                continue
            assert read["tabeller"][table], table
            assert f"Zxq{table}" in json.dumps(read["tabeller"][table], ensure_ascii=False), table
            assert f"Zxq{table}" in squeezed, table
        assert "Zxqløs" in text
        for left_out in ("Zxqtredje", "Zxqnabo", "Zxqfremmed", "Zxqandenrække"):
            assert left_out not in text + squeezed + "".join(others)
        assert "Testa" not in text + pdf
        assert {"tid", "rolle", "hvad", "handling", "hvorfor"} <= set(read["læst"][0])
        assert json.loads(others[-1])["stamdata"]["navn"] == NAVN
        _first, row = session.exec(select(Udlevering).order_by(col(Udlevering.antal))).all()
        assert (row.størrelse, row.færdig is not None) == (len(whole), True)
        told = session.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET)).all()
        assert [entry.genstand for entry in told] == ["beboer", "udlevering"] * 2
        assert str(told[3].detaljer["sha256"]).replace(" ", "") == row.sha256
        session.rollback()
        assert tjek(session, kontekst.audit_key) == []


@PÅ_SQLITE
def test_what_is_struck_out_is_nowhere_in_the_bytes(
    db: Session, kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID
) -> None:
    data = AnmodningData(masker=[Maske(tekst="zxqhemmelig hansen", grund="anden_person")], med_navne=True)
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        whole = udlevér(session, hun, data)
        again = udlevér(session, hun, data.model_copy(update={"medtaget": []}))
    for made in (whole, again):
        pdf, text, others = alt(made)
        raw = made + b"".join(
            zipfile.ZipFile(io.BytesIO(made)).read(n) for n in zipfile.ZipFile(io.BytesIO(made)).namelist()
        )
        for hidden in ("hemmelig", "Hansen", "hansens"):
            assert hidden not in pdf + text + "".join(others)
            assert hidden.encode() not in raw
        assert text.count("[overstreget: hensyn til en anden person (art. 15, stk. 4)]") >= 3
        assert "overstreget" in pdf
        assert "Testa Beboerrådgiver" in text


@PÅ_SQLITE
def test_the_pdf_is_tagged_and_says_nothing_personal_in_its_properties(
    kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID
) -> None:
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        whole = udlevér(session, hun, AnmodningData())
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.namelist() == [
            "laes-mig.txt",
            "indsigt.pdf",
            "indsigt.json",
            "skema.json",
            "dataportabilitet.json",
        ]
        reader = PdfReader(io.BytesIO(archive.read("indsigt.pdf")))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "da-DK"
    assert "Zxq" not in str(reader.metadata) + str(reader.xmp_metadata)
    text = " ".join(page.extract_text() for page in reader.pages)
    assert NAVN in text
    assert "12,50" in text
    assert "12.50" not in text
    assert "00:00" not in text
