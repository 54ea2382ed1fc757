"""Handing out an indsigt, as databeskyttelse does it in the browser."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.dansk import ligner_cpr
from rådgivning.database import new_id
from rådgivning.databeskyttelse.collecting import saml
from rådgivning.databeskyttelse.masking import aftryk_af, fritekster
from rådgivning.databeskyttelse.models import Anmodning, Slags, Udlevering
from rådgivning.databeskyttelse.requests import registrér
from rådgivning.drift.kommandoer import main
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.samtykker.consents import giv
from rådgivning.samtykker.models import SamtykkeData
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Klient, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]


def note(db: Session, beboer_id: uuid.UUID, notat: str, tredjepart: str = "") -> None:
    """A contact with a note."""
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld")
    log_kontakt(db, data.model_copy(update={"notat": notat, "tredjepart": tredjepart}), dato=IDAG, beboer_id=beboer_id)


def anmodning(db: Session, slags: Slags) -> tuple[uuid.UUID, str]:
    """A resident with a note, and her request's page."""
    beboer_id = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    note(db, beboer_id, "Naboen Zxqnabo klager", "Zxqklager")
    id_ = registrér(db, slags, modtaget=IDAG, beboer_id=beboer_id, id=new_id()).id
    db.commit()
    return beboer_id, f"/databeskyttelse/anmodninger/{id_}"


def vist(side: str) -> dict[str, str]:
    """What a page of the review says that it shows: which texts, and which version of the review."""
    return dict(re.findall(r'name="(aftryk|version)"[^>]*value="([0-9a-p]+)"', side))


def gennemse(klient: Klient, url: str, felter: dict[str, Any]) -> Any:
    """Send the form as its page was shown."""
    return klient.send(f"{url}/gennemsyn", {**vist(klient.get(f"{url}/gennemsyn").text), **felter})


def filer(klient: Klient, url: str) -> dict[str, bytes]:
    """What is handed out."""
    svar = klient.send(f"{url}/udlever")
    assert svar.status_code == 200
    assert svar.is_streamed
    assert svar.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(svar.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_texts_are_gone_through_and_masked_before_the_file_is_handed_out(klient: KlientFor, db: Session) -> None:
    beboer_id, url = anmodning(db, Slags.INDSIGT)
    dpo = klient(Rolle.DATABESKYTTELSE)
    for path in ("/gennemsyn", ""):
        assert "Zxqnabo" not in dpo.get(url + path).text
    assert dpo.get(f"{url}/gennemsyn").status_code == 303
    assert dpo.send(f"{url}/udlever").status_code == 409
    dpo.send(f"{url}/identitet", {"identitet": "kendt"})
    assert dpo.send(f"{url}/udlever").status_code == 409
    page = unescape(dpo.get(f"{url}/gennemsyn").text)
    assert "Naboen Zxqnabo klager" in page
    assert "Om en anden person" in page
    assert gennemse(dpo, url, {"ord": "Zxqnabo", "trin": "gem"}).status_code == 422
    felter = {"ord": "zxqnabo", "grund": "anden_person"}
    assert gennemse(dpo, url, {**felter, "trin": "gem"}).status_code == 303
    page = unescape(dpo.get(f"{url}/gennemsyn").text)
    assert "Naboen [overstreget: hensyn til en anden person (art. 15, stk. 4)] klager" in page
    assert dpo.send(f"{url}/udlever").status_code == 409
    felter = {"grund": "anden_person", "behold": "0", "trin": "godkend"}
    stale = dpo.send(f"{url}/gennemsyn", {**felter, "aftryk": "0" * 64})
    assert (stale.status_code, "Der er skrevet nyt om beboeren" in stale.text) == (422, True)
    assert gennemse(dpo, url, felter).status_code == 303
    handed = filer(dpo, url)
    assert not any(hidden in b"".join(handed.values()) for hidden in (b"Zxqnabo", b"Zxqklager"))
    assert db.exec(select(Anmodning)).one().status == "imødekommet"
    row = db.exec(select(Udlevering)).one()
    assert (row.færdig is not None, len(row.sha256), row.antal > 2) == (True, 64, True)
    db.rollback()
    note(db, beboer_id, "Zxqnyt")
    db.commit()
    assert dpo.send(f"{url}/udlever").status_code == 409


def test_a_page_from_before_another_tab_struck_something_out_neither_takes_it_back_nor_approves(
    klient: KlientFor, db: Session
) -> None:
    _hun, url = anmodning(db, Slags.INDSIGT)
    one, two = klient(Rolle.DATABESKYTTELSE), klient(Rolle.DATABESKYTTELSE)
    one.send(f"{url}/identitet", {"identitet": "kendt"})
    page = two.get(f"{url}/gennemsyn").text
    note_, other = (re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("udelad", "medtag"))
    old = {**vist(page), "ord": "Zxqklager", "medtag": other, "trin": "godkend"}
    assert gennemse(one, url, {"ord": "Zxqnabo", "grund": "anden_person", "trin": "gem"}).status_code == 303
    stale = two.send(f"{url}/gennemsyn", {**old, "grund": "anden_person"})
    assert stale.status_code == 422
    assert "gemt et andet sted" in stale.text
    assert re.search(r'name="behold"[^>]* checked|checked[^>]* name="behold"', stale.text), (
        "what is struck out stays so"
    )
    assert "Zxqklager</textarea>" in stale.text, "what was typed is kept"
    assert f'name="medtag" value="{other}" checked' not in stale.text
    assert one.send(f"{url}/udlever").status_code == 409, "nothing was approved"
    again = two.send(f"{url}/gennemsyn", {**vist(stale.text), "behold": "0", "trin": "godkend"})
    assert again.status_code == 303
    assert b"Zxqnabo" not in b"".join(filer(one, url).values())
    assert one.send(f"{url}/gennemsyn", {"aftryk": vist(page)["aftryk"], "udelad": note_}).status_code == 409


def test_texts_whose_hash_reads_like_a_cpr_number_are_approved_like_others(
    klient: KlientFor, db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    hun, url = anmodning(db, Slags.INDSIGT)
    kontakt = db.exec(select(Kontakt).where(Kontakt.beboer_id == hun)).one()
    data = open_sealed(db, kontakt, KontaktData, "prøve")
    db.commit()
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        texts = fritekster(saml(session, hun))

    def med(notat: str) -> str:
        return aftryk_af([replace(t, tekst=notat) if t.felt == "notat" else t for t in texts])

    unlucky = next(f"Zxqnotat {n}" for n in range(100_000) if ligner_cpr(med(f"Zxqnotat {n}")))
    seal(db, kontakt, data.model_copy(update={"notat": unlucky}))
    db.commit()
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        assert ligner_cpr(aftryk_af(fritekster(saml(session, hun))))
    dpo = klient(Rolle.DATABESKYTTELSE)
    dpo.send(f"{url}/identitet", {"identitet": "kendt"})
    assert gennemse(dpo, url, {"trin": "godkend"}).status_code == 303
    assert unlucky.encode() in filer(dpo, url)["indsigt.json"]


def test_what_was_handed_out_opens_again_for_a_reason_for_an_hour_and_not_after_30_days(
    klient: KlientFor, db: Session, personale: Personale, kontekst: Nøglekontekst
) -> None:
    _hun, url = anmodning(db, Slags.INDSIGT)
    dpo = klient(Rolle.DATABESKYTTELSE)
    dpo.send(f"{url}/identitet", {"identitet": "kendt"})
    assert dpo.get(f"{url}/genåbn").status_code == 303
    gennemse(dpo, url, {"trin": "godkend"})
    filer(dpo, url)
    assert "Zxqnabo" not in dpo.get(f"{url}/gennemsyn", follow_redirects=True).text
    assert dpo.send(f"{url}/udlever").status_code == 409
    assert "Åbn materialet igen" in dpo.get(url).text
    assert dpo.send(f"{url}/genåbn", {"grund": "nysgerrig"}).status_code == 422
    assert dpo.send(f"{url}/genåbn", {"grund": "klage"}).status_code == 303
    assert "Zxqnabo" in dpo.get(f"{url}/gennemsyn").text
    filer(dpo, url)
    said = db.exec(select(Spor.anledning).where(Spor.genstand == "anmodning", Spor.handling == "ændret")).all()
    db.rollback()
    assert said.count("åbnet igen, klage") == 1
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        other = opret_testbruger(session, personale.helhedsplan, Rolle.DATABESKYTTELSE, "kollega")
        session.commit()
    colleague = dpo.application.test_client()
    assert isinstance(colleague, Klient)
    colleague.sign_in(other)
    assert colleague.send(f"{url}/udlever").status_code == 409
    database.clock.read = lambda: datetime(2026, 11, 20, 10, 1, tzinfo=UTC)
    dpo.sign_in(personale.brugere[Rolle.DATABESKYTTELSE])
    assert dpo.send(f"{url}/udlever").status_code == 409
    database.clock.read = lambda: datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
    dpo.sign_in(personale.brugere[Rolle.DATABESKYTTELSE])
    assert dpo.get(f"{url}/genåbn").status_code == 303
    late = dpo.send(f"{url}/genåbn", {"grund": "klage"})
    assert (late.status_code, "registrér en ny anmodning" in unescape(late.text)) == (409, True)
    assert "Materialet er lukket" in dpo.get(url).text


def test_a_text_can_be_left_out_and_one_about_others_given(klient: KlientFor, db: Session) -> None:
    _beboer, url = anmodning(db, Slags.INDSIGT)
    dpo = klient(Rolle.DATABESKYTTELSE)
    dpo.send(f"{url}/identitet", {"identitet": "kendt"})
    page = dpo.get(f"{url}/gennemsyn").text
    keys = dict(re.findall(r'name="(udelad|medtag)" value="([^"]+/(?:notat|tredjepart))"', page))
    felter = {**keys, "grund": "myndighed", "trin": "godkend"}
    assert gennemse(dpo, url, felter).status_code == 303
    text = filer(dpo, url)["indsigt.json"].decode()
    assert "Zxqklager" in text
    assert "Zxqnabo" not in text
    assert "hensyn til det offentlige" in text


def test_dataportabilitet_is_what_she_gave_and_no_note(klient: KlientFor, db: Session) -> None:
    _beboer, url = anmodning(db, Slags.DATAPORTABILITET)
    dpo = klient(Rolle.DATABESKYTTELSE)
    dpo.send(f"{url}/identitet", {"identitet": "mitid"})
    assert dpo.get(f"{url}/gennemsyn").status_code == 303
    handed = filer(dpo, url)
    assert list(handed) == ["dataportabilitet.json"]
    assert b"Zxq Pr" in handed["dataportabilitet.json"]
    assert b"Zxqnabo" not in handed["dataportabilitet.json"]


def test_what_is_typed_in_a_consent_or_a_draft_is_gone_through_too(klient: KlientFor, db: Session) -> None:
    hun, url = anmodning(db, Slags.INDSIGT)
    giv(db, hun, SamtykkeData(formål="x", anledning="Naboen Zxqnabo ringede"), til=None)
    gem_kladde(db, f"/kontakter/ny/{hun}", {"hovedemne": ["Zxqvalgt"]})
    db.commit()
    dpo = klient(Rolle.DATABESKYTTELSE)
    dpo.send(f"{url}/identitet", {"identitet": "kendt"})
    page = dpo.get(f"{url}/gennemsyn").text
    assert "Naboen Zxqnabo ringede" in page
    assert "Zxqvalgt" in page


def test_the_verb_hands_out_no_text_that_was_written_after_they_were_gone_through(
    klient: KlientFor, db: Session, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    hun, url = anmodning(db, Slags.INDSIGT)
    dpo = klient(Rolle.DATABESKYTTELSE)
    dpo.send(f"{url}/identitet", {"identitet": "kendt"})
    gennemse(dpo, url, {"trin": "godkend"})
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RAADGIVNING_HTTPS", "0")
    verb = ["databeskyttelse", "indsigt", str(hun), "--ud"]
    assert main([*verb, str(tmp_path / "a.zip")]) == 0
    assert "ikke set igennem" not in capsys.readouterr().err
    note(db, hun, "Zxqsenere")
    db.commit()
    assert main([*verb, str(tmp_path / "b.zip")]) == 2
    assert "Se dem igennem igen" in capsys.readouterr().err
    assert not (tmp_path / "b.zip").exists()
    row = db.exec(select(Anmodning)).one()
    row.status = "afvist"
    db.commit()
    assert main([*verb, str(tmp_path / "c.zip")]) == 0
    assert "ikke set igennem" in capsys.readouterr().err
