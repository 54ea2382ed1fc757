"""What is being typed when the program begins to want another password or a second factor is there afterwards."""

from __future__ import annotations

import re

import pytest

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import Klienter, kode
from tests.conftest import KODEORD, Klient, Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
SIDER = {Rolle.BEBOERRÅDGIVER: "/beboere/ny", Rolle.DATABESKYTTELSE: "/brugere/ny"}
SKREVET = {"navn": "Zxq Prøvesen"}


def tilføj_app(client: Klient) -> str:
    """Add a first app; where the page with the codes leads on."""
    found = re.search(r'kodetekst">([A-Z2-7 ]+)<', client.get("/to-trin/app").text)
    assert found is not None
    shown = client.send("/to-trin/app", {"navn": "Telefonen", "kode": kode(found[1].replace(" ", ""))})
    on = re.search(r'href="([^"]+)">Jeg har gemt koderne', shown.text)
    assert on is not None
    return on[1]


@pytest.mark.parametrize("rolle", SIDER)
@pytest.mark.parametrize("skal_skifte", [False, True])
def test_what_a_living_session_without_a_factor_sends_is_kept_and_she_gets_back_to_it(
    klient: Klienter, personale: Personale, kontekst: Nøglekontekst, rolle: Rolle, skal_skifte: bool
) -> None:
    client, side = klient(None), SIDER[rolle]
    client.log_ind(str(rolle))
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, personale.brugere[rolle].id).skal_skifte = skal_skifte
        session.commit()
    first = client.send(side, SKREVET)
    assert (first.status_code, first.location) == (303, "/kodeord" if skal_skifte else "/to-trin")
    page = client.get(first.location).text
    assert "er gemt og står klar bagefter" in page
    assert SKREVET["navn"] not in page
    assert client.get("/sessioner").location == first.location, "what she looks at meanwhile changes nothing"
    if skal_skifte:
        new = "en helt anden sætning"
        changed = client.send("/kodeord", {"gammelt": KODEORD, "nyt": new, "gentaget": new})
        assert changed.location == side
        assert client.get(side).location == "/to-trin"
    assert tilføj_app(client) == side
    assert SKREVET["navn"] in client.get(side).text


def test_what_cannot_be_kept_is_said_not_to_be(klient: Klienter) -> None:
    client = klient(None)
    client.log_ind(str(Rolle.DATABESKYTTELSE))
    assert client.send("/brugere/ny", {"navn": "x" * 3000}).location == "/to-trin"
    assert "kunne ikke gemmes her" in client.get("/to-trin").text
    autosaved = klient(None)
    autosaved.log_ind(str(Rolle.BEBOERRÅDGIVER))
    autosaved.send("/kladde", {"formular": "/beboere/ny"}, headers={"Sec-Fetch-Dest": "empty"})
    assert "gemmes" not in autosaved.get("/to-trin").text, "the form itself says so"
