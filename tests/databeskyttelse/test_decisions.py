"""Rettelse and begrænsning: what was corrected and who was told, her own statement, and freezing and lifting."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse.models import Anmodning, Slags
from rådgivning.databeskyttelse.requests import identificér, registrér
from rådgivning.kontakter.log import log_kontakt, ret_kontakt
from rådgivning.kontakter.models import KontaktData, KontaktVersion
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Klient, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
DATA = KontaktData(
    art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld", notat="Zxqforkert"
)


def anmodning(db: Session, slags: Slags) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A resident with a contact that was corrected, and her request: her id, the contact's, the request's."""
    hun = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    kontakt = log_kontakt(db, DATA, dato=IDAG, beboer_id=hun).id
    ret_kontakt(db, kontakt, DATA.model_copy(update={"notat": "rigtigt"}), dato=IDAG, beboer_id=hun, version=1)
    id_ = registrér(db, slags, modtaget=IDAG, ønske="Zxqønske", beboer_id=hun, id=new_id()).id
    identificér(db, id_, "kendt")
    db.commit()
    return hun, kontakt, id_


def læst(pdf: bytes) -> str:
    """A letter's text; it is tagged."""
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def test_the_adviser_writes_down_what_was_corrected_and_the_wrong_version_goes(klient: KlientFor, db: Session) -> None:
    hun, kontakt, id_ = anmodning(db, Slags.RETTELSE)
    rådgiver, url = klient(Rolle.BEBOERRÅDGIVER), f"/beboere/anmodninger/{id_}/rettelse"
    assert url in rådgiver.get(f"/beboere/{hun}").text
    assert "Zxqønske" in rådgiver.get(url).text
    assert rådgiver.send(url, {"rettet": "Notatet"}).status_code == 422
    felter = {"rettet": "Notatet", "modtagere": "Ingen havde fået det", "udgaver": str(kontakt)}
    assert rådgiver.send(url, felter).status_code == 303
    assert rådgiver.send(url, felter).status_code == 409
    assert list(db.exec(select(KontaktVersion)).all()) == []
    db.rollback()
    page = klient(Rolle.DATABESKYTTELSE).get(f"/databeskyttelse/anmodninger/{id_}").text
    assert "Ingen havde fået det" in page
    assert "rigtigt" not in page


def test_a_colleague_who_does_not_see_a_note_does_not_delete_its_earlier_version(
    klient: KlientFor, db: Session, personale: Personale, kontekst: Nøglekontekst
) -> None:
    hun, kontakt, id_ = anmodning(db, Slags.RETTELSE)
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        other = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        session.commit()
    own = klient(Rolle.BEBOERRÅDGIVER)
    colleague = own.application.test_client()
    assert isinstance(colleague, Klient)
    colleague.sign_in(other)
    url = f"/beboere/anmodninger/{id_}/rettelse"
    felter = {"rettet": "Notatet", "modtagere": "Ingen havde fået det", "udgaver": str(kontakt)}
    page = colleague.get(url)
    assert (page.status_code, "Zxqønske" in page.text) == (403, False), "her own words are her beboerrådgiver's"
    assert f"/nødadgang/beboer/{hun}" in page.text
    assert colleague.send(url, felter).status_code == 403
    told = {"slags": "rettelse", "modtaget": "20.11.2026", "ønske": "Zxqsagt til en kollega"}
    assert colleague.send(f"/beboere/{hun}/anmodning", told).status_code == 303
    written = db.exec(select(Anmodning.id).where(Anmodning.id != id_)).one()
    db.rollback()
    hers = f"/beboere/anmodninger/{written}/rettelse"
    assert "Zxqsagt til en kollega" in colleague.get(hers).text, "who wrote it down knows it"
    assert colleague.send(hers, felter).status_code == 403
    assert len(db.exec(select(KontaktVersion)).all()) == 1
    db.rollback()
    assert own.send(url, felter).status_code == 303


def test_where_nothing_is_corrected_her_own_words_stand_beside_the_note(klient: KlientFor, db: Session) -> None:
    hun, kontakt, id_ = anmodning(db, Slags.RETTELSE)
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}/afvis"
    felter = {"grund": "vurdering", "forklaring": "Det er en vurdering", "bemærkning": "Zxqmin mening"}
    assert "kontakten 20.11.2026" in dpo.get(url).text
    assert dpo.send(url, {**felter, "vedrører": str(new_id())}).status_code == 422
    assert dpo.send(url, {**felter, "vedrører": str(kontakt)}).status_code == 303
    letter = læst(dpo.get(url.replace("/afvis", "/brev")).data)
    for words in ("Afslag", "Zxq Prøvesen", "Det er en faglig vurdering", "Det er en vurdering", "Datatilsynet, Carl"):
        assert words in letter
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert "Zxqmin mening" in rådgiver.get(f"/kontakter/{kontakt}").text
    assert "Zxqmin mening" not in rådgiver.get(f"/beboere/{hun}").text


def test_restriction_is_set_and_lifted_by_databeskyttelse_once_she_was_told(klient: KlientFor, db: Session) -> None:
    hun, kontakt, id_ = anmodning(db, Slags.BEGRÆNSNING)
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}"
    assert dpo.send(f"{url}/ophæv", {}).status_code == 409
    assert dpo.get(f"{url}/brev").status_code == 303
    assert dpo.send(f"{url}/begræns", {}).status_code == 422
    assert dpo.send(f"{url}/begræns", {"grund": "rigtighed"}).status_code == 303
    assert db.get_one(Beboer, hun).begrænset is not None
    db.rollback()
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert rådgiver.get(f"/kontakter/{kontakt}").status_code == 409
    assert "Ophæv begrænsningen" in dpo.get(url).text
    assert dpo.send(f"{url}/ophæv", {"begrundelse": "Undersøgt"}).status_code == 422
    felter = {"begrundelse": "Undersøgt", "underrettet": IDAG.isoformat()}
    assert dpo.send(f"{url}/ophæv", felter).status_code == 303
    assert rådgiver.get(f"/kontakter/{kontakt}").status_code == 200
    assert "Underretning om det er givet 20.11.2026" in dpo.get(url).text
    assert "Begrænsningen er ophævet" in læst(dpo.get(f"{url}/brev").data)
    assert db.get_one(Anmodning, id_).status == "imødekommet"
    db.rollback()
    assert dpo.send(f"{url}/ophæv", felter).status_code == 409


def test_an_objection_is_weighed_under_restriction_and_upheld_with_what_stops(klient: KlientFor, db: Session) -> None:
    hun, kontakt, id_ = anmodning(db, Slags.INDSIGELSE)
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}"
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert "Giver I medhold" in dpo.get(url).text
    assert dpo.send(f"{url}/begræns", {"grund": "retskrav"}).status_code == 422
    assert dpo.send(f"{url}/begræns", {"grund": "indsigelse"}).status_code == 303
    assert rådgiver.get(f"/kontakter/{kontakt}").status_code == 409
    row = db.get_one(Anmodning, id_)
    assert (row.status, db.get_one(Beboer, hun).begrænset is not None) == ("modtaget", True)
    db.rollback()
    felter = {"begrundelse": "Der er givet medhold", "underrettet": IDAG.isoformat()}
    assert dpo.send(f"{url}/ophæv", felter).status_code == 303
    assert rådgiver.get(f"/kontakter/{kontakt}").status_code == 200
    bad = dpo.send(f"{url}/indsigelse", {"udfald": "stopper", "modtagere": "Zxqmodtager"})
    assert (bad.status_code, "Zxqmodtager" in bad.text) == (422, True)
    felter = {"udfald": "stopper", "rettet": "Vi ringer ikke mere til dig."}
    assert dpo.send(f"{url}/indsigelse", felter).status_code == 303
    assert dpo.send(f"{url}/indsigelse", felter).status_code == 409
    letter = læst(dpo.get(f"{url}/brev").data)
    for words in (
        "Du gjorde fredag den 20. november 2026 indsigelse",
        "medhold i din indsigelse",
        "Vi ringer ikke mere",
    ):
        assert words in letter
    assert db.get_one(Beboer, hun).begrænset is None


def test_an_objection_stops_everything_or_erases_or_is_refused_with_compelling_grounds(
    klient: KlientFor, db: Session
) -> None:
    dpo, base = klient(Rolle.DATABESKYTTELSE), "/databeskyttelse/anmodninger"
    hun, _kontakt, id_ = anmodning(db, Slags.INDSIGELSE)
    felter = {"udfald": "begrænses", "rettet": "Al rådgivning om dig."}
    assert dpo.send(f"{base}/{id_}/indsigelse", felter).status_code == 303
    assert db.get_one(Beboer, hun).begrænset is not None
    db.rollback()
    assert "og ingen ændrer eller bruger dem" in læst(dpo.get(f"{base}/{id_}/brev").data)
    gone, _kontakt, id_ = anmodning(db, Slags.INDSIGELSE)
    svar = dpo.send(f"{base}/{id_}/slet", {"retskrav": "nej", "ordet": "SLET"})
    assert "gjort indsigelse" in dpo.get(svar.location).text
    assert db.get(Beboer, gone) is None
    db.rollback()
    letter = læst(dpo.get(f"{base}/{id_}/brev").data)
    for words in ("Oplysningerne om dig er slettet", "Til og med mandag den 21. december 2026", "19. februar 2027"):
        assert words in letter
    _hun, _kontakt, id_ = anmodning(db, Slags.INDSIGELSE)
    assert dpo.send(f"{base}/{id_}/afvis", {"grund": "vægtige", "forklaring": "Zxqforklaring"}).status_code == 303
    letter = læst(dpo.get(f"{base}/{id_}/brev").data)
    for words in ("Afslag på din indsigelse", "Vægtige legitime grunde", "Zxqforklaring", "Datatilsynet, Carl"):
        assert words in letter


FORBUD = "ingen ændrer eller bruger dem"
OPHÆVET = {"begrundelse": "Undersøgt", "underrettet": IDAG.isoformat()}


def test_what_was_restricted_and_is_lifted_is_told_as_past_in_the_letter(klient: KlientFor, db: Session) -> None:
    hun, _kontakt, id_ = anmodning(db, Slags.INDSIGELSE)
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}"
    assert dpo.send(f"{url}/begræns", {"grund": "indsigelse"}).status_code == 303
    assert dpo.send(f"{url}/ophæv", OPHÆVET).status_code == 303
    assert "Undersøgt" in dpo.get(url).text
    felter = {"udfald": "begrænses", "rettet": "Al rådgivning om dig."}
    assert dpo.send(f"{url}/indsigelse", felter).status_code == 303
    assert "Undersøgt" not in dpo.get(url).text
    assert FORBUD in læst(dpo.get(f"{url}/brev").data)
    assert dpo.send(f"{url}/ophæv", OPHÆVET).status_code == 303
    letter = læst(dpo.get(f"{url}/brev").data)
    assert FORBUD not in letter
    assert "Det betyder" not in letter
    assert "Begrænsningen er ophævet, og vi kan igen bruge oplysningerne om dig. Undersøgt Underretning" in letter
    assert db.get_one(Beboer, hun).begrænset is None


def test_a_request_that_restricted_nothing_lifts_nothing_and_lifting_is_told_by_all_that_did(
    klient: KlientFor, db: Session
) -> None:
    hun, _kontakt, asked = anmodning(db, Slags.BEGRÆNSNING)
    ids = [registrér(db, Slags.INDSIGELSE, modtaget=IDAG, beboer_id=hun, id=new_id()).id for _ in range(2)]
    for id_ in ids:
        identificér(db, id_, "kendt")
    db.commit()
    dpo = klient(Rolle.DATABESKYTTELSE)
    first, open_one, weighed = (f"/databeskyttelse/anmodninger/{id_}" for id_ in (asked, *ids))
    assert dpo.send(f"{first}/begræns", {"grund": "retskrav"}).status_code == 303
    page = dpo.get(open_one).text
    assert ("Behandlingen er begrænset" in page, f"{open_one}/ophæv" in page) == (True, False)
    assert dpo.send(f"{open_one}/ophæv", OPHÆVET).status_code == 409
    assert dpo.send(f"{weighed}/begræns", {"grund": "indsigelse"}).status_code == 303
    assert db.get_one(Beboer, hun).begrænset is not None
    db.rollback()
    assert FORBUD in læst(dpo.get(f"{first}/brev").data)
    assert "Også en anden anmodning" in dpo.get(f"{weighed}/ophæv").text
    assert dpo.send(f"{weighed}/ophæv", OPHÆVET).status_code == 303
    assert db.get_one(Beboer, hun).begrænset is None
    db.rollback()
    letter = læst(dpo.get(f"{first}/brev").data)
    assert "Du får besked" not in letter
    assert "Begrænsningen er ophævet, og vi kan igen bruge oplysningerne om dig. Undersøgt" in letter


@pytest.mark.parametrize("også_andet", [False, True])
@pytest.mark.parametrize(
    ("trin", "felter"),
    [
        ("indsigelse", {"udfald": "stopper", "rettet": "Vi ringer ikke mere til dig."}),
        ("afvis", {"grund": "vægtige", "forklaring": "Zxqforklaring"}),
    ],
)
def test_a_restriction_while_an_objection_is_weighed_ends_with_the_decision_unless_another_request_holds_it(
    klient: KlientFor, db: Session, trin: str, felter: dict[str, str], *, også_andet: bool
) -> None:
    hun, _kontakt, id_ = anmodning(db, Slags.INDSIGELSE)
    other = registrér(db, Slags.BEGRÆNSNING, modtaget=IDAG, beboer_id=hun, id=new_id()).id
    identificér(db, other, "kendt")
    db.commit()
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}"
    assert dpo.send(f"{url}/begræns", {"grund": "indsigelse"}).status_code == 303
    if også_andet:
        assert dpo.send(f"/databeskyttelse/anmodninger/{other}/begræns", {"grund": "retskrav"}).status_code == 303
    else:
        untold = dpo.send(f"{url}/{trin}", felter)
        assert (untold.status_code, "skal have besked, før" in untold.text) == (422, True)
        felter = {**felter, "underrettet": IDAG.isoformat()}
    assert dpo.send(f"{url}/{trin}", felter).status_code == 303
    assert (db.get_one(Beboer, hun).begrænset is not None) is også_andet
    db.rollback()
    letter = læst(dpo.get(f"{url}/brev").data)
    assert "var begrænset fra fredag den 20. november 2026 til fredag den 20. november 2026." in letter
    told = "Nu er den begrænset på grund af en anden" if også_andet else "Begrænsningen er ophævet, og vi kan igen"
    assert told in letter
    assert FORBUD not in letter
    assert dpo.send(f"{url}/ophæv", OPHÆVET).status_code == 409
