"""What the users of a year's demo do in their browsers: the daily work, and what seldom happens."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.walk import Gang


def dagens_arbejde(gang: Gang, navn: str, tmp_path: Path) -> None:
    """The beboerrådgiver's acts: search, open, print, log, leave a draft, an attempt in a restancesag, a referral."""
    side = gang.gå("/")
    side.get_by_label("Find en beboer").press_sequentially(navn)
    side.get_by_role("option", name=navn).first.click()
    expect(side.get_by_role("heading", name=navn).first).to_be_visible()
    side.pdf(path=tmp_path / "udskrift.pdf")
    (tmp_path / "udskrift.pdf").unlink()
    gang.gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Beboer", exact=True).press_sequentially(navn)
    side.get_by_role("listbox", name="Forslag").get_by_role("option").first.click()
    _logget(side, f"Zxqnotat om {navn}")
    gang.gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Notat").fill(f"Om {navn}, ikke færdig")
    expect(side.get_by_text("Kladde gemt kl.")).to_be_visible()
    gang.gå("/restancer")
    side.locator("summary", has_text="Kontaktforsøg hos").first.click()
    side.get_by_role("button", name="Ikke truffet").first.click()
    expect(side.get_by_text("Kontaktforsøget er skrevet ind.")).to_be_visible()
    gang.gå("/henvisninger/ny")
    side.get_by_label("Beboerens navn").fill(navn)
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Hvorfor henviser du?").select_option("bekymring")
    side.get_by_label("Hvem henviser?").select_option(index=1)
    side.get_by_label("Akut: samme dag").check()
    side.get_by_role("radio", name="Ja", exact=True).check()
    side.get_by_role("button", name="Gem henvisning").click()
    expect(side.get_by_role("heading", name=f"Henvisning: {navn}")).to_be_visible()


def _logget(side: Page, notat: str) -> None:
    """A contact, of the resident who is chosen or nobody's."""
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_role("radio", name="Telefon").check()
    side.get_by_label("Henvist af").select_option("beboeren_selv")
    side.get_by_label("Notat").fill(notat)
    side.get_by_role("button", name="Gem kontakten").click()
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()


def vagtens_arbejde(gang: Gang, navn: str, tmp_path: Path) -> None:
    """databeskyttelse's acts: what was read, the trail as a file, and a request written down."""
    gang.gå("/spor/læst")
    side = gang.gå("/spor")
    with side.expect_download() as download:
        side.get_by_role("button", name="Hent filen").click()
    download.value.save_as(tmp_path / "udtræk")
    assert (tmp_path / "udtræk").stat().st_size > 1000
    gang.gå("/databeskyttelse/anmodninger/ny")
    side.get_by_label(re.compile("^Navn")).fill(navn)
    side.get_by_label("Adresse").fill("Zxqvej 7")
    side.locator("input[name=slags][value=indsigt]").check()
    side.get_by_role("button", name="Registrér anmodningen").click()
    expect(side.get_by_role("heading", level=1)).not_to_have_text("Ny anmodning")


def kollegas_notat(gang: Gang) -> str:
    """A colleague talks with somebody who does not say her name; the path of what she writes."""
    side = gang.gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Anonym").check()
    side.get_by_label("Afdeling", exact=True).select_option("aab55")
    made = side.locator("input[name=formular_id]").first.input_value()
    _logget(side, "Zxqnotat om ingen")
    return f"/kontakter/{made}"


def sjældent_arbejde(gang: Gang) -> str:
    """Two who are one are merged, a resident is handed over, and the calendar gets an address, which is returned."""
    side = gang.gå("/beboere")
    side.get_by_role("link", name="ligner hinanden").click()
    side.get_by_role("link", name="Sammenlign").first.click()
    side.get_by_role("button", name="Læg sammen").click()
    side.get_by_role("link", name="Fortryd sammenlægningen").click()
    expect(side.get_by_role("heading", level=1)).to_contain_text("Fortryd")
    gang.gå("/beboere")
    side.locator("input[name=beboere]").last.check()
    side.get_by_role("button", name="Overdrag de valgte").click()
    side.get_by_label("Hvem overtager?").select_option(index=1)
    side.get_by_label("Beboeren ønsker det").check()
    side.get_by_role("button", name="Overdrag").click()
    expect(side.get_by_text("Beboeren er overdraget")).to_be_visible()
    gang.gå("/kalender/abonnement")
    side.get_by_role("button", name="Lav en adresse").click()
    expect(side.get_by_role("heading", level=1)).not_to_have_text("Vis i min egen kalender")
    found = re.search(r"https://[^\s\"<]+/kalender/hent/[^\s\"<]+\.ics", side.content())
    assert found is not None
    return urlsplit(found[0]).path


def sjælden_vagt(gang: Gang) -> str:
    """Who asked is made sure of, one is restricted, one answered, and the review of rights begun; the path where what
    is corrected is written down, which is the beboerrådgiver's too."""
    side = _anmodning(gang, "Rettelse", "Identitet mangler")
    side.get_by_role("radio", name="MitID").check()
    side.get_by_role("button", name="Gem", exact=True).click()
    rettelse = side.get_by_role("link", name="Skriv, hvad der er rettet").get_attribute("href")
    assert rettelse is not None
    _anmodning(gang, "Indsigelse", "Klar")
    side.get_by_role("link", name="Begræns behandlingen").click()
    side.locator("input[name=grund]").first.check()
    side.get_by_role("button", name="Begræns behandlingen").click()
    expect(side.get_by_role("link", name="Ophæv begrænsningen")).to_be_visible()
    _anmodning(gang, "Indsigt", "Klar")
    side.get_by_role("link", name="Se teksterne igennem").click()
    side.get_by_role("button", name="Godkend").click()
    with side.expect_download() as download:
        side.get_by_role("button", name="Hent filen til beboeren").click()
    download.value.delete()
    gang.gå("/rettigheder")
    side.locator("main th a").first.click()
    side.locator("input[name=afgørelse]").first.check()
    side.get_by_role("button", name="Gem afgørelsen").click()
    expect(side.get_by_text("Afgørelsen er skrevet ned.")).to_be_visible()
    return rettelse


def _anmodning(gang: Gang, hvad: str, stand: str) -> Page:
    """The first request of a right that stands so."""
    side = gang.gå("/databeskyttelse/anmodninger")
    row = side.get_by_role("row").filter(has_text=hvad).filter(has_text=stand)
    row.get_by_role("link").first.click()
    expect(side.get_by_role("heading", level=1)).not_to_have_text("Anmodninger")
    return side


def to_apps(gang: Gang) -> None:
    """Two apps with codes are added, and one might be removed."""
    for navn in ("Første", "Anden"):
        side = gang.gå("/to-trin/app")
        frø = side.locator(".kodetekst").inner_text().replace(" ", "")
        side.get_by_label("Kode").fill(pyotp.TOTP(frø).now())
        side.get_by_label("Navn").fill(navn)
        side.get_by_role("button", name="Tilføj").click()
        expect(side.get_by_role("heading", level=1)).not_to_have_text("Tilføj en app med koder")
    gang.gå("/to-trin").get_by_role("link", name="Fjern").first.click()
    expect(side.get_by_role("heading", level=1)).to_contain_text("Fjern")
