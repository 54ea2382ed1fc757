"""Inviting residents: three steps of one form, one attempt for each, and nothing personal in names, logs or on disk."""

from __future__ import annotations

import io
import tempfile
import uuid
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, slet_beboer
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_many
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.plan.models import Brevhoved
from rådgivning.restancer import cases
from rådgivning.restancer.models import Kontaktforsøg
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Klient, Personale
from tests.restancer.factories import sag
from tests.restancer.test_letter_templates import STANDARD, png, template

Klienter = Callable[[Rolle | None], Klient]
DAG = "2026-11-24"


@pytest.fixture
def rådgiver(klient: Klienter) -> Klient:
    return klient(Rolle.BEBOERRÅDGIVER)


Lav = Callable[..., uuid.UUID]


@pytest.fixture
def lav(kontekst: Nøglekontekst, personale: Personale) -> Lav:
    """Makes a case and leaves no transaction open, which on SQLite would keep the browser waiting."""

    def make(**felter: Any) -> uuid.UUID:
        with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
            return sag(session, **felter).id

    return make


def felter(*ids: uuid.UUID, **ændret: Any) -> dict[str, Any]:
    """The form as the first page shows it, in Danish, on a Tuesday at ten."""
    fields: dict[str, Any] = {"formular_id": str(new_id()), "sag": [str(i) for i in ids], "trin": "vis"}
    fields |= {"dag": DAG, "klokken": "10:00", "minutter": "30", "sted": "Kontoret", "telefon": "20 12 34 56"}
    return fields | {f"sprog_{i.hex}": "da" for i in ids} | ændret


def forsøg(kontekst: Nøglekontekst, personale: Personale, id: uuid.UUID) -> list[Kontaktforsøg]:  # noqa: A002
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        return cases.hent_sag(session, id)[1].forsøg


def sider(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def test_one_case_from_choice_to_letter(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst, personale: Personale
) -> None:
    case = lav()
    url = f"/restancer/indkald?sag={case}"
    page = rådgiver.get(url).text
    assert "Zxq Prøvesen" in page
    assert "Til gennemlæsning" in page
    sent = felter(case, **{f"sprog_{case.hex}": "ar"})
    shown = rådgiver.send("/restancer/indkald", sent)
    assert shown.status_code == 200
    for part in ('lang="ar" dir="rtl"', 'lang="da" dir="ltr"', "Til gennemlæsning", 'href="sms:+4520123456?&amp;body='):
        assert part in shown.text
    assert "8.450" not in shown.text
    assert forsøg(kontekst, personale, case) == []
    sent |= {"trin": "opret", "form": "pdf", "opgave": "y"}
    answers = [rådgiver.send("/restancer/indkald", sent), rådgiver.send("/restancer/indkald", {**sent, "form": "docx"})]
    for answer, kind in zip(answers, ("pdf", "docx"), strict=True):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"] == f"attachment; filename=indkaldelser.{kind}"
    pages = sider(answers[0].data)
    assert len(pages) == 2
    assert "tirsdag den 24. november 2026 kl. 10.00" in pages[1]
    assert "Zxq Prøvesen" in pages[1]
    assert "Zxq Prøvesen" in "\n".join(p.text for p in Document(io.BytesIO(answers[1].data)).paragraphs)
    (attempt,) = forsøg(kontekst, personale, case)
    assert (attempt.måde, attempt.sprog, attempt.dato, attempt.truffet) == (
        "indkaldelse",
        "ar",
        date(2026, 11, 20),
        None,
    )
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        rows = session.exec(select(Opgave)).all()
        (task,) = open_many(session, rows, OpgaveData, "prøve").values()
        assert (rows[0].frist, task.titel) == (date(2026, 11, 24), "Samtale kl. 10.00 efter indkaldelse")
        out = session.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET)).all()
        assert [(e.rækker, e.detaljer) for e in out] == [
            ([str(case)], {"antal": 1, "form": kind}) for kind in ("pdf", "docx")
        ]
        assert "Zxq" not in "".join(e.model_dump_json(exclude={"mac"}) for e in session.exec(select(Spor)).all())
    assert '<option selected value="ar">' in rådgiver.get(url).text


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_thirty_at_once_in_all_languages_each_with_a_time_and_an_attempt(
    rådgiver: Klient,
    lav: Lav,
    kontekst: Nøglekontekst,
    personale: Personale,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path_factory.mktemp("midlertidig")
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    ids = [lav(navn=f"Zxq Nummer{n:02}") for n in range(30)]
    before = _files(settings.instance)
    languages = {f"sprog_{i.hex}": ("da", "en", "tr", "ar", "ur")[n % 5] for n, i in enumerate(ids)}
    sent = felter(*ids, minutter="10", trin="opret", form="pdf", **languages)
    answer = rådgiver.send("/restancer/indkald", sent)
    assert answer.status_code == 200, answer.text
    pages = sider(answer.data)
    assert len(pages) == 54
    for n in range(30):
        assert sum(f"Zxq Nummer{n:02}" in page and "kl." in page for page in pages) == 1
    assert sum("kl. 14.50" in page for page in pages) == 1
    archive = rådgiver.send("/restancer/indkald", {**sent, "form": "docx"})
    assert archive.headers["Content-Disposition"] == "attachment; filename=indkaldelser.zip"
    with zipfile.ZipFile(io.BytesIO(archive.data)) as files:
        assert len(files.namelist()) == 30
        assert "Nummer" not in "".join(files.namelist())
    assert all(len(forsøg(kontekst, personale, i)) == 1 for i in ids)
    assert "30 indkaldelser er skrevet" in rådgiver.get("/hjælp").text
    assert _files(temporary) == set()
    new = _files(settings.instance) - before
    assert {path.suffix for path in new} <= {".db-wal", ".db-shm"}
    assert not [path for path in _files(settings.instance) if b"Zxq Nummer" in path.read_bytes()]


def _files(*folders: Path) -> set[Path]:
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("databasetype", ["sqlite"])
@pytest.mark.parametrize(
    ("ændret", "besked"),
    [
        ({"dag": "2026-11-19"}, "Vælg en dag fra i dag"),
        ({"dag": "2028-01-01"}, "højst et år frem"),
        ({"klokken": ""}, "Skriv klokkeslættet for den første samtale."),
        ({"klokken": "25"}, "Skriv klokkeslættet som"),
        ({"dag": ""}, "Skriv også dagen."),
        ({"sted": ""}, "Skriv, hvor samtalen er."),
        ({"telefon": ""}, "Skriv et telefonnummer."),
        ({"minutter": "1"}, "mellem 5 og 240"),
        ({"sprog": "xx"}, "Vælg en af mulighederne"),
        ({"sprog": ""}, "Vælg sproget."),
        ({"egen_dag": "2026-11-25"}, "Skriv også klokkeslættet."),
        ({"egen_dag": "2026-11-01", "egen_klokken": "9"}, "Vælg en dag fra i dag"),
        ({"sted": "010190-1234"}, "ligner et CPR-nummer"),
        ({"trin": "opret"}, "Vælg, hvad der skal laves."),
        ({"trin": "opret", "form": "exe"}, "Vælg en af mulighederne"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst, personale: Personale, ændret: dict[str, str], besked: str
) -> None:
    case = lav()
    names = {
        "sprog": f"sprog_{case.hex}",
        "egen_dag": f"dag_{case.hex}",
        "egen_klokken": f"klokken_{case.hex}",
    }
    answer = rådgiver.send("/restancer/indkald", felter(case, **{names.get(k, k): v for k, v in ændret.items()}))
    assert answer.status_code == 422
    assert besked in answer.text
    assert forsøg(kontekst, personale, case) == []


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_erased_and_closed_cases_are_left_out_with_a_word_and_foreign_ones_are_not_found(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst, personale: Personale
) -> None:
    open_case, erased, closed = ids = [lav(navn=f"Zxq {name}") for name in ("Åben", "Slettet", "Lukket")]
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as db:
        beboer_id = opret_beboer(db, BeboerData(navn="Zxq Slettet")).id
        cases.knyt_beboer(db, erased, beboer_id=beboer_id)
        cases.luk_sag(db, closed, udfald="betalt", dato=date(2026, 11, 19), kilde="opkrævning", hændelse_id=new_id())
        db.commit()
        slet_beboer(db, beboer_id, Slettegrund.ØNSKE)
        db.commit()
    answer = rådgiver.send("/restancer/indkald", {"sag": [str(i) for i in ids]})
    assert answer.status_code == 200
    assert "1 sag er udeladt, fordi beboeren er slettet." in " ".join(answer.text.split())
    assert "1 sag er udeladt, fordi den er lukket." in " ".join(answer.text.split())
    made = rådgiver.send("/restancer/indkald", felter(*ids, trin="opret", form="pdf"))
    (page,) = sider(made.data)
    assert "Zxq Åben" in page
    assert rådgiver.get(f"/restancer/indkald?sag={open_case}&sag={new_id()}").status_code == 404
    assert rådgiver.send("/restancer/indkald", {"sag": "slet ikke"}).status_code == 422
    assert rådgiver.get("/restancer/indkald").status_code == 200
    many = rådgiver.send("/restancer/indkald", {"sag": [str(new_id()) for _ in range(101)]})
    assert "Vælg højst 100 ad gangen." in many.text


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_what_the_resident_told_goes_before_the_landlords_words_and_an_own_time_before_the_row(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst, personale: Personale
) -> None:
    case, other = lav(navn="Zxq Udlejers"), lav(navn="Zxq Anden")
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as db:
        beboer = opret_beboer(db, BeboerData(navn="Zxq Egennavn", telefon="+4530303030"))
        cases.knyt_beboer(db, case, beboer_id=beboer.id)
        db.commit()
    own = {f"dag_{case.hex}": "2026-11-26", f"klokken_{case.hex}": "16.15"}
    shown = rådgiver.send("/restancer/indkald", felter(case, other, **own)).text
    assert "Zxq Egennavn" in shown
    assert "Zxq Udlejers" not in shown
    assert "sms:+4530303030" in shown
    assert "torsdag den 26. november 2026 kl. 16.15" in shown
    assert "tirsdag den 24. november 2026 kl. 10.00" in shown
    again = rådgiver.send("/restancer/indkald", felter(case, other, trin="ret", **own))
    assert again.status_code == 200
    assert 'value="16:15"' in again.text


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_only_a_text_message_is_an_attempt_by_sms_and_no_file(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst, personale: Personale
) -> None:
    case = lav()
    sent = felter(case, dag="", klokken="", sted="", trin="opret", form="sms")
    assert rådgiver.send("/restancer/indkald", sent).status_code == 303
    (attempt,) = forsøg(kontekst, personale, case)
    assert (attempt.måde, attempt.sprog) == ("sms", "da")


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_a_sign_no_font_has_is_told_and_nothing_is_written(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst, personale: Personale
) -> None:
    case = lav(navn="Zxq \N{GRINNING FACE}")
    answer = rådgiver.send("/restancer/indkald", felter(case, trin="opret", form="pdf"))
    assert answer.status_code == 422
    assert "kan ikke vises i PDF" in answer.text
    assert forsøg(kontekst, personale, case) == []
    assert rådgiver.send("/restancer/indkald", felter(case, trin="opret", form="docx")).status_code == 200


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_a_landlord_has_its_own_letterhead_logo_and_template_until_it_goes_back_to_the_standard(
    rådgiver: Klient, lav: Lav, kontekst: Nøglekontekst
) -> None:
    url = "/restancer/brevhoved/aab"
    assert "Standard" in rådgiver.get("/restancer/brevhoved").text
    own = {"afsender": "Prøvekontoret", "adresse": "Prøvevej 9", "telefon": "20998877", "version": "0"}
    bad = {**own, "skabelon": (io.BytesIO(template("{{ cpr }}")), "x.docx"), "logo": (io.BytesIO(b"GIF89a"), "x.gif")}
    refused = rådgiver.send(url, bad, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "Pladsen cpr kendes ikke" in refused.text
    assert "PNG- eller JPEG-fil" in refused.text
    assert "Prøvekontoret" in refused.text
    good = {
        **own,
        "skabelon": (io.BytesIO(template("Prøveskabelonens egen linje")), "../x.docm"),
        "logo": (io.BytesIO(png(40, 20)), "logo.png"),
    }
    assert rådgiver.send(url, good, content_type="multipart/form-data").status_code == 303
    assert rådgiver.send(url, own).status_code == 409
    case = lav()
    sent = felter(case, trin="opret", form="docx")
    letter = Document(io.BytesIO(rådgiver.send("/restancer/indkald", sent).data))
    text = "\n".join(p.text for p in letter.paragraphs)
    assert "Prøvekontoret" in text
    assert "Prøveskabelonens egen linje" in text
    assert len(letter.inline_shapes) == 1
    assert "Prøvevej 9" in sider(rådgiver.send("/restancer/indkald", {**sent, "form": "pdf"}).data)[0]
    assert 'value="Prøvevej 9"' in rådgiver.get(f"/restancer/indkald?sag={case}").text
    for path in ("prøve/hent", "prøve/hent?form=docx", "skabelon/hent"):
        answer = rådgiver.get(f"{url}/{path}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
    for hvad in ("logo", "skabelon", "andet"):
        assert rådgiver.send(f"{url}/fjern", {"hvad": hvad}).status_code == 303
    assert rådgiver.get(f"{url}/skabelon/hent").data == STANDARD
    with Session(kontekst.engine) as session:
        (row,) = session.exec(select(Brevhoved)).all()
        assert (row.logo, row.skabelon, row.version, row.afsender) == (None, None, 3, "Prøvekontoret")
    assert rådgiver.get("/restancer/brevhoved/findes_ikke").status_code == 404
