"""The databeskyttelse role makes users, hands over a password once, and shuts users out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlmodel import select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
NY = {"navn": "Testa Nyansat", "brugernavn": "Testa.Ny", "rolle": "leder", "boligorganisation": ""}


def engangskode(page: str) -> str:
    """The password on the page that shows it."""
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page)
    assert found is not None
    return found.group()


def test_a_new_user_signs_in_with_the_password_shown_once_and_chooses_her_own(
    klient: Klienter, kontekst: Nøglekontekst
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert "vis_" not in dpo.get("/brugere/ny").text
    formular = {**NY, "formular_id": str(new_id())}
    made = dpo.send("/brugere/ny", formular)
    assert made.status_code == 200
    kode = engangskode(made.text)
    again = dpo.send("/brugere/ny", formular)
    assert again.status_code == 303
    page = dpo.get(again.location).text
    assert "Brugeren er allerede oprettet" in page
    assert kode not in page
    assert "Engangskode, ikke skiftet endnu" in page
    liste = dpo.get("/brugere").text
    assert "Testa Nyansat" in liste
    assert "Har en engangskode" in liste
    new = klient(None)
    assert new.log_ind("testa.ny", kode).status_code == 303
    assert new.get("/delmål").headers["Location"] == "/kodeord"
    with kontekst.session(Aktør()) as session:
        entry = session.exec(select(Spor).where(Spor.genstand == "bruger", Spor.handling == "oprettet")).one()
        assert entry.detaljer == {"rolle": "leder"}


@pytest.mark.parametrize(
    ("changed", "besked"),
    [
        ({"navn": ""}, "Skriv brugerens navn."),
        ({"rolle": ""}, "Vælg en rolle."),
        ({"rolle": "chef"}, "Vælg en af mulighederne"),
        ({"brugernavn": "leder"}, "Brugernavnet er optaget."),
        ({"brugernavn": "to ord"}, "Brugernavnet skal have"),
        ({"rolle": "inkasso"}, "Vælg boligorganisation"),
        ({"boligorganisation": "aab"}, "Vælg boligorganisation"),
        ({"boligorganisation": "findes-ikke"}, "Vælg en af mulighederne"),
    ],
)
@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_a_user_that_cannot_be_made_is_explained(klient: Klienter, changed: dict[str, str], besked: str) -> None:
    svar = klient(Rolle.DATABESKYTTELSE).send("/brugere/ny", NY | changed)
    assert svar.status_code == 422
    assert besked in svar.text
    assert "Testa Nyansat" in svar.text or "navn" in changed


def test_ejendomsdrift_belongs_to_a_boligorganisation(klient: Klienter) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    svar = dpo.send("/brugere/ny", NY | {"rolle": "ejendomsdrift", "boligorganisation": "aab"})
    assert svar.status_code == 200
    assert "Ejendomsdrift, Boligforeningen AAB" in dpo.get("/brugere").text


def test_a_user_is_blocked_let_in_again_and_given_a_new_password(klient: Klienter, personale: Personale) -> None:
    dpo, leder = klient(Rolle.DATABESKYTTELSE), klient(Rolle.LEDER)
    side = f"/brugere/{personale.brugere[Rolle.LEDER].id}"
    assert "1 sted" in dpo.get(side).text
    assert dpo.send(f"{side}/spær").status_code == 303
    assert leder.get("/sessioner").status_code == 303
    assert "Spærret" in dpo.get("/brugere").text
    assert "Åbn igen" in dpo.get(side).text
    assert dpo.send(f"{side}/åbn").status_code == 303
    leder = klient(Rolle.LEDER)
    assert dpo.send(f"{side}/afslut-sessioner").status_code == 303
    assert leder.get("/sessioner").status_code == 303
    leder = klient(Rolle.LEDER)
    kode = engangskode(dpo.send(f"{side}/nyt-kodeord").text)
    assert leder.get("/sessioner").status_code == 303
    assert klient(None).log_ind("leder").status_code == 422
    assert klient(None).log_ind("leder", kode).status_code == 303


def test_nobody_shuts_herself_out(klient: Klienter, personale: Personale, kontekst: Nøglekontekst) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    side = f"/brugere/{personale.brugere[Rolle.DATABESKYTTELSE].id}"
    assert "Det er dig selv." in dpo.get(side).text
    for handling in ("spær", "åbn", "afslut-sessioner", "nyt-kodeord"):
        svar = dpo.send(f"{side}/{handling}")
        assert svar.status_code == 409
        assert "din egen bruger" in svar.text
    with kontekst.session(Aktør()) as session:
        assert session.get_one(Bruger, personale.brugere[Rolle.DATABESKYTTELSE].id).spærret is None
