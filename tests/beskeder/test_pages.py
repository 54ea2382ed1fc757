"""The pages: the number in the header, the list, the choices, a trial mail, and what databeskyttelse sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import col, select, update

from rådgivning import create_app
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, Rolle
from rådgivning.beskeder.kinds import SLAGS, Slags
from rådgivning.beskeder.models import Besked, Beskedvalg
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.beskeder.sending import tøm_køen
from rådgivning.database import now
from rådgivning.spor.models import Spor
from tests.beskeder.conftest import Køen, Server
from tests.conftest import Klient

Klienter = Callable[[Rolle | None], Klient]
BR = Rolle.BEBOERRÅDGIVER
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
ADRESSE = "bodil.opdigtet@bruger.example"
VALG = {
    "ny_henvisning": "straks",
    "ny_aftale": "app",
    "aftale_svar": "overblik",
    "opgave_overdraget": "ingen",
    "dagens_overblik": "straks",
    "overblik_kl": "08:00",
    "ny_enhed": "app",
}


def tell(køen: Køen, slags: Slags, times: int = 1, rolle: Rolle = BR) -> None:
    with køen.session() as session:
        for _ in range(times):
            læg_i_kø(session, køen.personale.brugere[rolle].id, slags)
        session.commit()


@pytest.fixture
def postapp(køen: Køen) -> Iterator[Flask]:
    """The application of an instance with a mail server."""
    made = create_app(køen.settings)
    made.testing = True
    made.test_client_class = Klient
    yield made
    made.extensions["nøgler"].close()


def sign_in(postapp: Flask, rolle: Rolle) -> Klient:
    client = postapp.test_client()
    assert isinstance(client, Klient)
    assert client.log_ind(str(rolle)).status_code == 303
    return client


def bell(page: str) -> str:
    found = re.search(r'class="klokke".*?<span class="sr-only">(.*?)</span>', page, re.DOTALL)
    return found.group(1) if found else ""


def test_every_page_shows_how_many_are_unread_and_the_list_reads_them(køen: Køen, klient: Klienter) -> None:
    client = klient(BR)
    assert bell(client.get("/opgaver").text) == "Beskeder"
    tell(køen, Slags.NY_HENVISNING, 26)
    tell(køen, Slags.NY_AFTALE)
    assert bell(client.get("/opgaver").text) == "Beskeder, 27 ulæste"
    page = client.get("/beskeder").text
    assert page.count("Der er 1 ny") == 25
    assert "Side 1 af 2" in page
    assert client.get("/beskeder?side=9").text.count("Siden er tom") == 1
    [one] = [row for row in køen.rækker() if row.slags == Slags.NY_AFTALE]
    for _ in range(2):
        assert client.send(f"/beskeder/{one.id}/åbn").location == "/kalender"
    assert bell(client.get("/opgaver").text) == "Beskeder, 26 ulæste"
    assert client.send("/beskeder/læst").status_code == 303
    page = client.get("/beskeder").text
    assert bell(page) == "Beskeder"
    assert "Ulæst" not in page
    assert bell(klient(Rolle.INKASSO).get("/beskeder").text) == "Beskeder"


def test_an_error_page_asks_the_database_nothing_more(klient: Klienter) -> None:
    page = klient(BR).get("/findes-ikke")
    assert page.status_code == 404
    assert 'href="/beskeder"' not in page.text


def test_every_notice_leads_to_a_page_its_reader_may_open(køen: Køen, klient: Klienter) -> None:
    for slags, om in SLAGS.items():
        readers = [rolle for rolle in Rolle if om.retter & RETTIGHEDER[rolle]]
        assert readers
        for rolle in readers:
            assert klient(rolle).get(om.url, follow_redirects=True).status_code == 200, (slags, rolle)


def test_what_is_chosen_is_kept_and_stands_in_the_trail_without_the_address(køen: Køen, klient: Klienter) -> None:
    client = klient(BR)
    assert client.send("/beskeder/valg", {**VALG, "email": f" {ADRESSE} "}).status_code == 303
    assert client.send("/beskeder/valg", {**VALG, "email": ADRESSE}).status_code == 303
    page = client.get("/beskeder/valg").text
    assert f'value="{ADRESSE}"' in page
    assert re.search(r'value="overblik" checked>\s*<label[^>]*for="aftale_svar', page)
    with køen.session() as session:
        bruger = session.get_one(Bruger, køen.personale.brugere[BR].id)
        chosen = session.get_one(Beskedvalg, bruger.id)
        assert (bruger.email, chosen.overblik_kl) == (ADRESSE, "08:00")
        assert chosen.valg == {key: value for key, value in VALG.items() if key != "overblik_kl"}
        entries = session.exec(select(Spor).where(col(Spor.genstand).in_(["bruger", "beskedvalg"]))).all()
        assert [(e.genstand, e.anledning) for e in entries if e.handling == "ændret"] == [
            ("bruger", "ny e-mailadresse"), ("beskedvalg", "")
        ]  # fmt: skip
        assert "opdigtet" not in str([e.model_dump() for e in session.exec(select(Spor)).all()])


@pytest.mark.parametrize(
    ("change", "besked"),
    [
        ({"email": "bodil@"}, "Skriv en e-mailadresse som navn@example.dk."),
        ({"email": "bo dil@bruger.example"}, "Skriv en e-mailadresse"),
        ({"email": "bodil@bruger.example\r\nBcc: x@y.example"}, "Skriv en e-mailadresse|linje"),
        ({"email": "bødil@bruger.example"}, "Skriv en e-mailadresse"),
        ({"email": "a" * 65 + "@bruger.example"}, "Skriv en e-mailadresse"),
        ({"email": "bodil@" + "b" * 64 + ".example"}, "Skriv en e-mailadresse"),
        ({"ny_aftale": ""}, "Vælg, hvordan du vil have det at vide."),
        ({"ny_aftale": "brevdue"}, "Vælg|gyldig|listen"),
        ({"dagens_overblik": "ingen"}, "Du har valgt beskeder i dagens overblik."),
        ({"dagens_overblik": "app"}, ""),
        ({"overblik_kl": "25:00"}, ""),
    ],
)
def test_what_cannot_be_used_is_said_at_the_field(
    køen: Køen, klient: Klienter, change: dict[str, str], besked: str
) -> None:
    page = klient(BR).send("/beskeder/valg", {**VALG, "email": ADRESSE} | change)
    assert page.status_code == 422
    fejl = re.search(r'form-error-message".*?</span>(.*?)</span>', page.text)
    assert fejl is not None
    assert re.search(besked, fejl.group(1))
    with køen.session() as session:
        assert session.get(Beskedvalg, køen.personale.brugere[BR].id) is None
        assert session.get_one(Bruger, køen.personale.brugere[BR].id).email == ""


def test_an_address_may_have_a_danish_domain(køen: Køen, klient: Klienter) -> None:
    assert klient(BR).send("/beskeder/valg", {**VALG, "email": "bodil@bøøg.example"}).status_code == 303
    with køen.session() as session:
        assert session.get_one(Bruger, køen.personale.brugere[BR].id).email == "bodil@xn--bg-lkaa.example"


def test_without_a_mail_server_the_pages_say_so_and_offer_no_trial(klient: Klienter) -> None:
    client = klient(BR)
    assert "E-mail er ikke sat op her" in client.get("/beskeder").text
    assert client.send("/beskeder/valg", {**VALG, "email": ADRESSE}).status_code == 303
    page = client.get("/beskeder/valg").text
    assert "E-mail er ikke sat op her" in page
    assert "prøvebesked" not in page
    assert "Slet ikke" not in klient(Rolle.LEDER).get("/beskeder/valg").text
    assert client.send("/beskeder/prøve").status_code == 409
    assert "E-mail er ikke sat op" in klient(Rolle.DATABESKYTTELSE).get("/beskeder/udsendelse").text


def test_a_trial_mail_comes_and_the_page_says_so(køen: Køen, postapp: Flask, server: Server) -> None:
    kasse, post = server()
    client = sign_in(postapp, BR)
    assert "Send en prøvebesked" not in client.get("/beskeder/valg").text, "there is no address yet"
    assert client.send("/beskeder/prøve").status_code == 409
    client.send("/beskeder/valg", {**VALG, "email": ADRESSE})
    assert client.send("/beskeder/prøve").status_code == 303
    assert client.send("/beskeder/prøve").status_code == 409, "one at a time"
    assert "venter på at blive sendt" in client.get("/beskeder/valg").text
    with køen.session() as session:
        tøm_køen(session, post)
    sent = {(mail["To"], mail["Subject"]) for mail in kasse.breve}
    assert sent == {(ADRESSE, "Prøvebesked"), (ADRESSE, "Der er 1 ændring af, hvordan du logger ind eller får besked")}
    page = client.get("/beskeder/valg").text
    assert "sendt 20.11.2026 kl. 10.00" in page
    assert bell(page) == "Beskeder, 1 ulæst", "that her address is another; a trial is no news"


def test_databeskyttelse_sees_what_was_not_delivered_and_to_whom(køen: Køen, postapp: Flask, server: Server) -> None:
    kasse, post = server()
    kasse.rcpt = ["550 no"]
    køen.adresse(BR, ADRESSE)
    tell(køen, Slags.NY_HENVISNING)
    client = sign_in(postapp, Rolle.DATABESKYTTELSE)
    page = client.get("/beskeder/udsendelse").text
    assert "1 besked venter" in page
    assert "kl. 10.00" in page
    with køen.session() as session:
        tøm_køen(session, post)
    page = client.get("/beskeder/udsendelse").text
    assert "Testa Beboerrådgiver" in page
    assert "adressen afvist" in page
    assert "Opgivet" in page
    assert bell(page) == "Beskeder, 2 ulæste"  # this, and that the quarter's review is due
    assert ADRESSE in client.get(f"/brugere/{køen.personale.brugere[BR].id}").text
    hers = sign_in(postapp, BR)
    assert "kunne ikke leveres: adressen afvist" in hers.get("/beskeder/valg").text
    assert hers.get("/beskeder/udsendelse").status_code == 403
    assert hers.send("/beskeder/udsendelse/igen").status_code == 403
    assert "Send de opgivne igen" in client.get("/beskeder/udsendelse").text
    page = client.send("/beskeder/udsendelse/igen", follow_redirects=True).text
    assert "1 e-mail er lagt i køen igen." in page
    assert "Send de opgivne igen" not in page
    with køen.session() as session:
        assert tøm_køen(session, post).sendt == 1
    assert "Alt er kommet frem" in client.get("/beskeder/udsendelse").text
    assert "0 e-mails" in client.send("/beskeder/udsendelse/igen", follow_redirects=True).text


def test_databeskyttelse_sets_an_address_and_nobody_else_sees_it(køen: Køen, klient: Klienter) -> None:
    client, bruger = klient(Rolle.DATABESKYTTELSE), køen.personale.brugere[Rolle.EJENDOMSDRIFT]
    assert client.send(f"/brugere/{bruger.id}/email", {"email": "ejnar@"}).status_code == 422
    assert client.send(f"/brugere/{bruger.id}/email", {"email": "ejnar@bruger.example"}).status_code == 303
    assert "ejnar@bruger.example" in client.get(f"/brugere/{bruger.id}").text
    assert "ejnar@bruger.example" in klient(Rolle.EJENDOMSDRIFT).get("/beskeder/valg").text
    assert klient(BR).get(f"/brugere/{bruger.id}/email").status_code == 403
    assert client.send(f"/brugere/{bruger.id}/email", {"email": ""}).status_code == 303
    assert "ejnar@" not in client.get(f"/brugere/{bruger.id}").text


def test_what_is_over_90_days_old_is_not_shown_and_goes_when_somebody_signs_in(køen: Køen, klient: Klienter) -> None:
    tell(køen, Slags.NY_AFTALE)
    hers = klient(BR)
    with køen.session() as session:
        session.execute(update(Besked).values(oprettet=now() - timedelta(days=91)))
        session.commit()
    page = hers.get("/beskeder").text
    assert "Ingen beskeder" in page
    assert bell(page) == "Beskeder"
    assert len(køen.rækker()) == 1
    assert klient(None).log_ind(str(Rolle.INKASSO)).status_code == 303
    assert [row.slags for row in køen.rækker()] == [Slags.RETTIGHEDER]
