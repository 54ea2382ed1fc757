"""What is struck out is gone in every form it takes, and what is handed out is said in words a resident knows."""

from __future__ import annotations

import re
import uuid
from datetime import date, time
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.households import opret_lejemål
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id, now
from rådgivning.databeskyttelse.descriptions import kuverter
from rådgivning.databeskyttelse.export_words import er_fritekst, er_navngivet, felt
from rådgivning.databeskyttelse.models import AnmodningData, Maske, Slags, Status
from rådgivning.databeskyttelse.request_words import IDENTITET
from rådgivning.databeskyttelse.requests import identificér, registrér
from rådgivning.databeskyttelse.retention_keep import GRUNDE
from rådgivning.databeskyttelse.unusual import TITLER
from rådgivning.drift.schema import all_tables
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.henvisninger.models import Status as Henvisningsstand
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData
from rådgivning.kalender.states import Side
from rådgivning.kalender.states import Status as Besøgsstand
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.recurring import Gentagelse
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.emergency import ÅRSAGER
from rådgivning.restancer.models import Hændelse, Restancesag, RestancesagData
from rådgivning.samtykker.forms import MÅDER, TRUKKET_MÅDER
from tests.conftest import IDAG, Personale
from tests.databeskyttelse.test_export import alt, række, udlevér
from tests.databeskyttelse.test_insight_pages import KlientFor, filer, gennemse

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def hun(db: Session, personale: Personale) -> uuid.UUID:
    """A resident whom another resident has told of, three times, and who came once by herself; her request; and a task
    made of a contact."""
    base: dict[str, Any] = {"helhedsplan_id": personale.helhedsplan.id}
    base["ejer_id"] = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    hun = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", telefon="+4510101739")).id
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld")
    data = data.model_copy(update={"kilde": "anden_beboer", "notat": "Ring på +45 10101739 eller 10-10-17-39."})
    kontakt = log_kontakt(db, data, dato=IDAG, beboer_id=hun)
    log_kontakt(db, data.model_copy(update={"kilde": "beboeren_selv", "notat": ""}), dato=IDAG, beboer_id=hun)
    opret_opgave(db, titel="Zxqopgave", frist=IDAG, beboer_id=hun, kontakt_id=kontakt.id)
    række(db, Henvisning(**base, beboer_id=hun, oprettet=now()), HenvisningData(navn="Zxq", kilde="anden_beboer"))
    sagt = [Hændelse(fase="påkrav", dato=IDAG, kilde="anden_beboer")]
    sag = Restancesag(**base, beboer_id=hun, boligorganisation="aab", oprettet=IDAG, fase="påkrav")
    række(db, sag, RestancesagData(navn="Zxq Prøvesen", hændelser=sagt))
    identificér(db, registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=hun, id=new_id()).id, "legitimation")
    db.commit()
    return hun


def _handed(kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID, data: AnmodningData) -> tuple[str, str]:
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        pdf, text, others = alt(udlevér(session, hun, data))
    return re.sub(r"[\s\u00ad]+", " ", pdf), text + "".join(others)


@pytest.mark.parametrize("skrevet", ["Anden beboer", "anden_beboer"])
def test_a_source_that_is_struck_out_is_neither_told_by_its_label_nor_by_its_key(
    kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID, skrevet: str
) -> None:
    pdf, text = _handed(kontekst, personale, hun, AnmodningData())
    assert ("Kilde: Anden beboer" in pdf, "anden_beboer" in text) == (True, True)
    pdf, text = _handed(kontekst, personale, hun, AnmodningData(masker=[Maske(tekst=skrevet, grund="anmelder")]))
    assert "nden beboer" not in pdf.replace("en anden beboer", "")
    assert "anden_beboer" not in pdf + text
    assert pdf.count("hensyn til den, der har henvendt sig") >= 4  # three sources, and where data come from


@pytest.mark.parametrize("skrevet", ["10 10 17 39", "+4510101739", "10101739"])
def test_a_telephone_number_that_is_struck_out_is_gone_however_it_is_written(
    kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID, skrevet: str
) -> None:
    pdf, text = _handed(kontekst, personale, hun, AnmodningData(masker=[Maske(tekst=skrevet, grund="anmelder")]))
    digits = re.sub(r"\D", "", pdf + text)
    assert "10101739" not in digits
    assert text.count("[overstreget: hensyn til den, der har henvendt sig") >= 4  # twice in the note, twice hers


def test_a_mask_that_is_a_reasons_own_key_strikes_no_reason_and_what_hits_nothing_is_not_counted(
    kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID
) -> None:
    masks = [("Ring på", "anmelder"), ("anmelder", "beboeren")]
    data = AnmodningData(masker=[Maske(tekst=tekst, grund=grund) for tekst, grund in masks])
    pdf, text = _handed(kontekst, personale, hun, data)
    assert "1 gange: hensyn til den, der har henvendt sig" in pdf
    assert "afgørende hensyn til dig selv" not in pdf + text


def test_the_source_is_offered_and_what_hits_nothing_is_told(klient: KlientFor, db: Session, hun: uuid.UUID) -> None:
    id_ = registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=hun, id=new_id()).id
    identificér(db, id_, "kendt")
    db.commit()
    url, dpo = f"/databeskyttelse/anmodninger/{id_}", klient(Rolle.DATABESKYTTELSE)
    page = unescape(dpo.get(f"{url}/gennemsyn").text)
    assert page.count("Udelad kilden") == 3
    assert "Anden beboer" in page
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}</p>", page), "a row's number is no text"
    felter = {"ord": "Zxqfindesikke\nRing på", "grund": "anmelder"}
    assert gennemse(dpo, url, {**felter, "trin": "gem"}).status_code == 303
    page = unescape(dpo.get(f"{url}/gennemsyn").text)
    assert "»Zxqfindesikke« står ingen steder i det, beboeren får" in page
    assert "»Ring på«" not in page
    kilde = re.findall(r'name="udelad" value="([^"]+/kilde)"', page)
    assert len(kilde) == 3
    svar = gennemse(dpo, url, {"behold": ["0"], "udelad": kilde, "grund": "anmelder", "trin": "godkend"})
    assert svar.status_code == 303
    page = unescape(dpo.get(url).text)
    assert "1 af de overstregede ord eller vendinger står ingen steder" in page
    assert "Anden beboer" not in unescape(dpo.get(f"{url}/gennemsyn").text)


def test_a_visit_at_her_address_is_hers_only_when_databeskyttelse_says_so(
    klient: KlientFor, db: Session, personale: Personale, hun: uuid.UUID
) -> None:
    """The tenancy's former tenant had a visit with a note before she moved in: no column says whose it was."""
    drift = personale.brugere[Rolle.EJENDOMSDRIFT].id
    base: dict[str, Any] = {"helhedsplan_id": personale.helhedsplan.id}
    hjem = LejemålData(nummer="55-1", adresse="Opdigtet Allé 7", afdeling="aab55", boligorganisation="aab")
    opret_lejemål(db, hjem.model_copy(update={"medlemmer": [hun]}))
    ids = []
    for dag, note in ((date(2026, 1, 5), "Zxqforrige drikker"), (IDAG, "Zxqhendes hund")):
        besøg = Aftale(**base, ejer_id=drift, boligorganisation="aab", dato=dag)
        række(db, besøg, AftaleData(lejemål="55-1", afdeling="aab55", start=time(9)))
        række(db, AftaleNote(id=besøg.id, **base), AftaleNoteData(note=note))
        ids.append(str(besøg.id))
    id_ = registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=hun, id=new_id()).id
    identificér(db, id_, "kendt")
    db.commit()
    url, dpo = f"/databeskyttelse/anmodninger/{id_}", klient(Rolle.DATABESKYTTELSE)
    page = unescape(dpo.get(f"{url}/gennemsyn").text)
    assert "Besøg 05.01.2026, før beboeren blev registreret: er beboerens" in page
    assert "ikke skrevet ned, hvornår beboeren flyttede ind" in page
    assert page.count("Zxqhendes hund") == 1, "not among the texts she gets"
    assert gennemse(dpo, url, {"trin": "godkend"}).status_code == 303
    handed = b"".join(filer(dpo, url).values())
    assert b"Zxqforrige" not in handed
    assert b"Zxqhendes" not in handed
    assert dpo.send(f"{url}/genåbn", {"grund": "klage"}).status_code == 303
    assert gennemse(dpo, url, {"medtag": [ids[1]], "trin": "godkend"}).status_code == 303
    handed = b"".join(filer(dpo, url).values())
    assert b"Zxqforrige" not in handed
    assert b"Zxqhendes" in handed


def test_every_sealed_field_is_named_as_text_or_as_no_text(databasetype: str) -> None:
    """Whoever adds a sealed field says in export_words.py what it is: shown in gennemsyn as a text, or not."""
    all_tables()
    unnamed = [f"{tabel}.{navn}" for tabel, fields in kuverter().items() for navn in fields
               if not er_navngivet(tabel, navn)]  # fmt: skip
    assert unnamed == []
    assert er_fritekst("opgave", "et_nyt_felt")
    assert not er_navngivet("opgave", "et_nyt_felt")
    for navn in ("opgave_id", "kontakt_id", "henvisning_id", "serie_dag", "gentages_til"):
        assert not er_fritekst("opgave", navn)


def test_no_word_of_the_programs_own_is_printed_as_it_is_kept(
    kontekst: Nøglekontekst, personale: Personale, hun: uuid.UUID
) -> None:
    fixed: dict[tuple[str, str], Any] = {
        ("anmodning", "identitet"): IDENTITET, ("anmodning", "status"): Status, ("anmodning", "slags"): Slags,
        ("henvisning", "status"): Henvisningsstand, ("aftale", "status"): Besøgsstand, ("aftale", "før"): Besøgsstand,
        ("aftale", "afventer"): Side, ("samtykke", "måde"): dict(MÅDER), ("samtykke", "trukket_måde"):
        dict(TRUKKET_MÅDER), ("fastholdelse", "grund"): GRUNDE, ("nødadgang", "årsag"): ÅRSAGER,
        ("gennemset", "slags"): TITLER, ("opgave", "gentages"): [g for g in Gentagelse if g],
    }  # fmt: skip
    missing = [(where, key) for where, keys in fixed.items() for key in keys if str(key) not in felt(*where).ord]
    assert missing == []
    pdf, _text = _handed(kontekst, personale, hun, AnmodningData())
    assert "Du har vist legitimation" in pdf
    assert "Hvad: Indsigt (art. 15)" in pdf
    for internal in ("Fundet", "legitimation Stand", "modtaget", " id: ", "_"):
        assert internal not in pdf, internal
