"""The whole way: Opkrævning's list, letters, contact, ophævelse, betalingsaftale, and the delmål on udsættelser moves.

Everything on the way is done in the browser. What lies before it, two known residents and cases closed before,
is made directly.
"""

from __future__ import annotations

import io
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.restancer.cases import luk_sag
from rådgivning.settings import Settings
from tests.browser.conftest import Vindue, Åbner
from tests.browser.test_every_page import axe
from tests.restancer.factories import sag, skridt

pytestmark = pytest.mark.browser
KENDT, DELT_TELEFON = "Øde Prøvesen", "Åse Prøvesen"
PÅ_VEJ = {"Testa Opdigtet": "forfalden", "Bibi Påfund": "påkrav", "Cilla Påfund": "påkrav"}
OPHÆVEDE = (KENDT, DELT_TELEFON, "Eja Digt", "Fie Fabel", "Gudrun Fabel")
ALLE = (*PÅ_VEJ, *OPHÆVEDE)
INTET = "Beboeren har ikke givet samtykke til, at det deles."
FØR = {"afsluttede": 20, "afværget": 10, "afhjulpet": 10}
EFTER = {name: antal + len(ALLE) for name, antal in FØR.items()}


class Mål(NamedTuple):
    """What `/delmål` says of restancer: three rounded figures, and the share as it is worded."""

    tal: dict[str, int]
    andel: str


def listen() -> bytes:
    """The list as a finance system writes it: Windows-1252, headings of its own, one row refused."""
    dates = {"forfalden": "", "påkrav": "02-11-2026", "ophævet": "19-11-2026"}
    lines = ["Lejenr;Lejer;Mobil;Vej;Afd;Saldo;Forfald;Status;Statusdato"]
    for n, navn in enumerate(ALLE):
        fase = PÅ_VEJ.get(navn, "ophævet")
        lines.append(
            f"55-{n:04}-1;{navn};2012340{n};Opdigtet Allé {n};55;{8000 + n},50;01-10-2026;{fase};{dates[fase]}"
        )
    return "\r\n".join([*lines, "55-0099-1;Uden Beløb;;;55;0;01-10-2026;;", ""]).encode("cp1252")


def forud(session: Session) -> None:
    """Two residents the beboerrådgiver knows already, and twenty cases closed this month: half of them averted."""
    phones = {KENDT: ALLE.index(KENDT), "En anden i husstanden": ALLE.index(DELT_TELEFON)}
    for navn, n in phones.items():
        opret_beboer(session, BeboerData(navn=navn, telefon=f"+452012340{n}", afdeling="aab55"))
    for n in range(20):
        ophævet = skridt("ophævet", date(2026, 10, 28))
        luk_sag(
            session,
            sag(session, ophævet, navn=f"Zxq{n} Forrige{n}", lejemål=f"55-1{n:03}-1", telefon="").id,
            udfald="betalingsaftale" if n % 2 else "fraflyttet",
            dato=date(2026, 11, 9),
            kilde="opkrævning",
            hændelse_id=new_id(),
        )
    session.commit()


def test_a_list_becomes_eight_averted_udsættelser_and_the_goal_moves(
    db: Session, settings: Settings, vindue: Åbner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forud(db)
    leder, rådgiver, inkasso = (
        vindue(Rolle.LEDER, 1280),
        vindue(Rolle.BEBOERRÅDGIVER, 390),
        vindue(Rolle.INKASSO, 1280),
    )
    begyndelsen = delmål(leder)
    indlæs_listen(inkasso)
    meldt = egne(inkasso)
    assert {navn: svar for navn, _fase, svar in meldt} == dict.fromkeys(ALLE, INTET)

    find_beboerne(rådgiver)
    indkald(rådgiver, settings, tmp_path / "midlertidig", monkeypatch)
    rådgiver.gå("/restancer")
    for navn in ALLE:
        træf(rådgiver, navn)
    samtykke(rådgiver, KENDT)
    for navn, fase in PÅ_VEJ.items():
        luk(ophæv(sagen(rådgiver, navn), fase))
    assert delmål(leder) == begyndelsen  # three are too few for a figure to move
    for navn in OPHÆVEDE:
        luk(sagen(rådgiver, navn))
    expect(rådgiver.gå("/restancer").get_by_text("Ingen restancesager her.")).to_be_visible()

    slutningen = delmål(leder)
    for reading, true in ((begyndelsen, FØR), (slutningen, EFTER)):
        assert [n % 5 for n in reading.tal.values()] == [0, 0, 0]
        assert all(abs(n - true[name]) < 5 for name, n in reading.tal.items()), (reading, true)
    assert all(slutningen.tal[name] > begyndelsen.tal[name] for name in FØR)
    assert (begyndelsen.andel, slutningen.andel) == tuple(andel(reading.tal) for reading in (begyndelsen, slutningen))

    shared = "Kontakt opnået: ja. Aftale på vej: ja."
    assert egne(inkasso) == [(navn, fase, shared if navn == KENDT else svar) for navn, fase, svar in meldt]
    for navn in (KENDT, "Testa Opdigtet"):
        inkasso.side.get_by_role("link", name=navn).click()
        expect(inkasso.side.get_by_role("heading", name=f"Restance: {navn}")).to_be_visible()
        expect(inkasso.side.get_by_text(re.compile("Betalingsaftale|Afværget|Indkaldelse"))).to_have_count(0)
        inkasso.gå("/restancer")


def andel(tal: dict[str, int]) -> str:
    """The share the page ought to word: every case of this journey had come to the ophævelse."""
    return f"Ca. {100 * tal['afværget'] / tal['afsluttede']:.0f} %"


def delmål(window: Vindue) -> Mål:
    """Read the goal on udsættelser."""
    side = window.side
    side.goto(f"{window.adresse}/delmål")  # new figures are attacked before they are shown

    def figure(tabel: str, række: str) -> list[str]:
        row = side.get_by_role("table", name=tabel).get_by_role("row").filter(has=side.get_by_text(række, exact=True))
        expect(row).to_have_count(1)
        return row.get_by_role("cell").all_inner_texts()

    key, counts = "Nøgletal for afsluttede restancesager", "Optællinger fra det daglige arbejde"
    share, how = figure(key, "Afværget")
    (afsluttede, _how), (afhjulpet,) = (
        figure(key, "Afsluttede restancesager"),
        figure(counts, "Restancesager, der endte med betaling, betalingsaftale eller enkeltydelse *"),
    )
    return Mål(
        {"afsluttede": int(afsluttede), "afværget": int(how.split(" af ")[0]), "afhjulpet": int(afhjulpet)}, share
    )


def egne(window: Vindue) -> list[tuple[str, str, str]]:
    """What Opkrævning sees of each case she filed: who, how far, and the two answers."""
    rows = window.gå("/restancer").get_by_role("table", name="Restancer, du har meldt ind").locator("tbody tr")
    expect(rows).to_have_count(len(ALLE))
    found = []
    for row in rows.all():
        navn, _lejemål, _dag, fase, udfald, _beløb, svar = row.locator("th, td").all_inner_texts()
        assert udfald == ""
        found.append((navn, fase, svar))
    return found


def indlæs_listen(window: Vindue) -> None:
    """From Opkrævning's own page: the file, a look at it, and in."""
    side = window.gå("/restancer")
    side.get_by_role("link", name="Restancelister").click()
    side.get_by_role("link", name="Hent en liste").first.click()
    side.get_by_label("Fil", exact=True).set_input_files(
        {"name": "restancer.csv", "mimeType": "text/csv", "buffer": listen()}
    )
    side.get_by_role("button", name="Kontrollér listen").click()
    expect(side.get_by_text("Intet er gemt endnu.")).to_be_visible()
    expect(side.get_by_role("table", name="Rækker, der er afvist")).to_contain_text("Beløbet skal være over 0 kr.")
    expect(side.get_by_role("table", name="Nye sager").locator("tbody tr")).to_have_count(len(ALLE))
    assert axe(side) == []
    side.get_by_role("button", name="Importér listen").click()
    expect(side.get_by_text(f"{len(ALLE)} nye, 0 ændrede, 0 uændrede, 1 afvist")).to_be_visible()


def find_beboerne(window: Vindue) -> None:
    """The one who is sure is chosen, the one with another's phone is asked about, the rest are new."""
    side = window.gå("/restancer")
    side.get_by_role("link", name="Restancelister").tap()
    side.get_by_role("link", name=f"{len(ALLE)} mangler beboer").tap()
    for navn in ALLE:
        about = side.get_by_role("radiogroup", name=navn)
        if navn == KENDT:
            expect(about.get_by_role("radio", name=KENDT)).to_be_checked()
        elif navn == DELT_TELEFON:
            about.get_by_role("radio", name="En anden i husstanden").check()
        else:
            about.get_by_role("radio", name="Opret som ny beboer").check()
    assert axe(side) == []
    side.get_by_role("button", name="Knyt de valgte").tap()
    expect(side.get_by_text(f"{len(ALLE)} sager er knyttet til deres beboer.")).to_be_visible()


def indkald(window: Vindue, settings: Settings, midlertidig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are invited by letter; the file reaches the browser and nothing of it stays behind."""
    midlertidig.mkdir()
    monkeypatch.setenv("TMPDIR", str(midlertidig))
    monkeypatch.setattr(tempfile, "tempdir", str(midlertidig))
    before, chosen = _files(settings.instance), ALLE[:3]
    side = window.gå("/restancer")
    for navn in chosen:
        side.get_by_label(f"Vælg {navn}").check()
    side.get_by_role("button", name="Indkald de valgte til samtale").tap()
    side.get_by_label("Hvilken dag?").fill("2026-11-24")
    side.get_by_label("Første samtale klokken").fill("10:00")
    side.get_by_label("Hvor?").fill("Kontoret")
    side.get_by_label("Telefon, beboeren kan ringe til").fill("20 12 34 56")
    side.get_by_role("button", name="Se brev og sms").tap()
    expect(side.get_by_role("heading", name="Se indkaldelserne")).to_be_visible()
    assert axe(side) == []
    with side.expect_download() as download:
        side.get_by_role("button", name="Lav og gem som forsøg").tap()
    pdf = Path(download.value.path()).read_bytes()
    assert pdf.startswith(b"%PDF-")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert [sum(navn in page for page in pages) for navn in chosen] == [1, 1, 1]
    assert {path.suffix for path in _files(settings.instance) - before} <= {".db-wal", ".db-shm"}
    assert _files(midlertidig) == set()
    assert not [path for path in _files(settings.instance) if b"%PDF-" in path.read_bytes()]


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def træf(window: Vindue, navn: str) -> None:
    """Two taps on the list, which comes back with the way to undo them at the case."""
    side = window.side
    side.locator("summary", has_text=f"Kontaktforsøg hos {navn}").tap()
    side.get_by_role("group", name=f"Ringede hos {navn}").get_by_role("button", name="Truffet", exact=True).tap()
    row = side.get_by_role("row").filter(has=side.get_by_role("link", name=navn))
    expect(row.get_by_text("Kontaktforsøget er skrevet ind.")).to_be_visible()


def sagen(window: Vindue, navn: str) -> Page:
    """Open a case from the list."""
    side = window.gå("/restancer")
    side.get_by_role("link", name=navn).tap()
    expect(side.get_by_role("heading", name=f"Restancesag: {navn}")).to_be_visible()
    return side


def samtykke(window: Vindue, navn: str) -> None:
    """The resident lets Opkrævning know that they talk, and that an agreement is on its way."""
    side = sagen(window, navn)
    side.get_by_role("button", name="Ja, en aftale er på vej").tap()
    side.get_by_role("link", name="Registrér beboerens samtykke").tap()
    side.get_by_label("Hvad må oplysningerne bruges til?").fill("At Opkrævning ved, at vi taler sammen")
    side.get_by_label("Hvilke oplysninger må gives?").fill("At vi taler sammen, og at en aftale er på vej")
    side.get_by_label("Opkrævning og inkasso").check()
    side.get_by_label("Mundtligt").check()
    side.get_by_label("Hvornår og hvordan blev det sagt?").fill("Ved samtalen på kontoret")
    side.get_by_role("button", name="Gem samtykket").tap()
    expect(side.get_by_text("Samtykket er gemt.")).to_be_visible()


def ophæv(side: Page, fase: str) -> Page:
    """What Opkrævning tells after the list: the påkrav where it is missing, then the ophævelse."""
    if fase == "forfalden":
        hændelse(side, "Påkrav", "2026-11-02", "2026-11-03")
    hændelse(side, "Ophævet", "2026-11-20")
    return side


def hændelse(side: Page, fase: str, dag: str, fremme: str = "") -> None:
    """One step of a case."""
    side.get_by_role("link", name="Ny hændelse").tap()
    side.get_by_label("Hvad er der sket?").select_option(label=fase)
    side.get_by_label("Hvilken dag?").fill(dag)
    if fremme:
        side.get_by_label("Dagen, påkravet kom frem").fill(fremme)
    side.get_by_label("Hvem siger det?").select_option("opkrævning")
    side.get_by_role("button", name="Gem hændelsen").tap()
    expect(side.get_by_text("Hændelsen er gemt, og fristen er regnet ud igen.")).to_be_visible()


def luk(side: Page) -> None:
    """A betalingsaftale ends the case."""
    side.get_by_role("link", name="Luk sagen").tap()
    side.get_by_label("Hvordan endte sagen?").select_option("betalingsaftale")
    side.get_by_label("Hvem siger det?").select_option("opkrævning")
    side.get_by_role("button", name="Luk sagen").tap()
    expect(side.get_by_text("Udfald: Betalingsaftale (afdragsordning)")).to_be_visible()
    expect(side.get_by_text("Afværget").first).to_be_visible()
