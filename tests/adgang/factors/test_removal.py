"""What is removed, lost or made anew ends every other session; what may be stolen is known as hers no more."""

from __future__ import annotations

import pytest
from sqlmodel import select

from rådgivning.adgang.factors import faktorer
from rådgivning.adgang.models import Bruger, BrugerSession, Enhed, Mellemtrin
from rådgivning.adgang.permissions import Rolle
from rådgivning.kalender.models import Kalenderfeed
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import FRØ, NAVN, ROLLE, Klienter, er_inde, kode, med_app, med_koder
from tests.conftest import Klient, Personale

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
NYT_FRØ = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def bruger(kontekst: Nøglekontekst, personale: Personale) -> Bruger:
    """The beboerrådgiver, with two apps and paper."""
    for frø in (FRØ, NYT_FRØ):
        med_app(kontekst, personale.brugere[ROLLE], frø)
    med_koder(kontekst, personale.brugere[ROLLE])
    return personale.brugere[ROLLE]


def ind(client: Klient, frø: str, skridt: int = 0) -> Klient:
    """Sign in with the code of an app."""
    client.log_ind(NAVN)
    assert client.send("/log-ind/kode", {"kode": kode(frø, skridt)}).status_code == 303
    return client


def kendte(kontekst: Nøglekontekst, bruger: Bruger) -> int:
    """How many browsers are known as hers."""
    with kontekst.session(Aktør()) as session:
        return len(session.exec(select(Enhed).where(Enhed.bruger_id == bruger.id)).all())


def sidste(kontekst: Nøglekontekst, bruger: Bruger) -> str:
    """The id of her second app."""
    with kontekst.session(Aktør()) as session:
        return str(next(f.id for f in faktorer(session, bruger.id) if f.sidst_brugt is None))


def test_removing_a_factor_ends_the_other_sessions_at_once_and_keeps_the_known_browsers(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    here, there, halfway, other = ind(klient(None), FRØ), klient(ROLLE), klient(None), klient(Rolle.INKASSO)
    halfway.log_ind(NAVN)
    side = f"/to-trin/{sidste(kontekst, bruger)}/fjern"
    assert "logget ud alle andre steder end her" in here.get(side).text
    unsaid = here.send(side, {})
    assert (unsaid.status_code, "Vælg, hvorfor du fjerner den." in unsaid.text) == (422, True)
    assert er_inde(there)
    before = here.get_cookie("raadgivning")
    done = here.send(side, {"mistet": "bruges ikke"}, follow_redirects=True)
    assert "Du er logget ud alle andre steder." in done.text
    after = here.get_cookie("raadgivning")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert (er_inde(here), er_inde(there), er_inde(other)) == (True, False, True)
    assert halfway.send("/log-ind/kode", {"kode": kode(FRØ, 1)}).location.startswith("/log-ind")
    assert kendte(kontekst, bruger) == 1
    with kontekst.session(Aktør()) as session:
        entry = session.exec(select(Spor).where(Spor.anledning == "fjernet app")).one()
        assert entry.detaljer == {"sessioner": 1}
        assert session.exec(select(Mellemtrin)).all() == []
        assert {row.slut for row in session.exec(select(BrugerSession)).all()} == {"", "login i to trin"}


@SQLITE
def test_what_is_lost_or_stolen_takes_the_known_browsers_and_the_calendar_with_it(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    elsewhere, here = ind(klient(None), NYT_FRØ, -1), ind(klient(None), NYT_FRØ)
    here.send("/kalender/abonnement/ny")
    assert kendte(kontekst, bruger) == 2
    page = here.send(f"/to-trin/{sidste(kontekst, bruger)}/fjern", {"mistet": "mistet"}, follow_redirects=True).text
    assert "Kun den enhed, du sidder ved, regnes nu for din" in page
    assert (er_inde(here), er_inde(elsewhere), kendte(kontekst, bruger)) == (True, False, 1)
    assert "Denne her" in here.get("/sessioner").text
    with kontekst.session(Aktør()) as session:
        assert [feed.tilbagekaldt is not None for feed in session.exec(select(Kalenderfeed)).all()] == [True]
        assert session.exec(select(Spor).where(Spor.anledning == "mistet app")).one()
    ind(elsewhere, NYT_FRØ, 1)
    assert "Der er logget ind som dig på en ny enhed" in here.get("/sessioner").text


@SQLITE
def test_new_recovery_codes_end_the_other_sessions_and_say_so(klient: Klienter, bruger: Bruger) -> None:
    here, there = ind(klient(None), FRØ), klient(ROLLE)
    assert "du bliver logget ud alle andre steder end her" in here.get("/to-trin").text
    page = here.send("/to-trin/koder").text
    assert "Du er logget ud alle andre steder end her." in page
    assert (er_inde(here), er_inde(there)) == (True, False)


@SQLITE
def test_a_reset_by_databeskyttelse_forgets_every_browser_of_hers_and_none_of_others(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst, personale: Personale
) -> None:
    hers, dpo = ind(klient(None), FRØ), klient(Rolle.DATABESKYTTELSE)
    klient(None).log_ind("leder")
    assert "ingen af hendes enheder er kendt mere" in dpo.get(f"/brugere/{bruger.id}").text
    assert "ingen af hendes enheder er kendt mere" in dpo.send(f"/brugere/{bruger.id}/nulstil-to-trin").text
    assert not er_inde(hers)
    assert (kendte(kontekst, bruger), kendte(kontekst, personale.brugere[Rolle.LEDER])) == (0, 1)


@SQLITE
def test_a_new_one_time_password_alone_leaves_the_browsers_known(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    hers, dpo = ind(klient(None), FRØ), klient(Rolle.DATABESKYTTELSE)
    page = dpo.send(f"/brugere/{bruger.id}/nyt-kodeord").text
    assert "ingen af hendes enheder" not in page
    assert (er_inde(hers), kendte(kontekst, bruger)) == (False, 1)
