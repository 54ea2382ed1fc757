"""The root key is changed while four browsers work: every key ends under the new one, and no request fails."""

from __future__ import annotations

import pytest

from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.instance import open_instance
from rådgivning.settings import Settings
from tests.bench.rotation import rotate_under_load
from tests.conftest import DATABASER, KODEORD, LANG, Personale
from tests.facit import Facit, læs_alt


@pytest.fixture(params=DATABASER if LANG else ["sqlite"])
def databasetype(request: pytest.FixtureRequest) -> str:
    """Each lets readers and writers by in another way."""
    return str(request.param)


@pytest.mark.lang
def test_no_request_fails_while_every_person_key_is_wrapped_anew(settings: Settings, personale: Personale) -> None:
    who = personale.aktør(Rolle.BEBOERRÅDGIVER)
    kontekst = open_instance(settings)
    with kontekst.session(who) as session:
        facit = Facit().læg_i(session, 40 if LANG else 8)
    kontekst.close()
    antal = 100_000 if LANG else 1_000
    found = rotate_under_load(settings, ("beboerrådgiver", KODEORD), list(facit.navne), antal, 10 if LANG else 0.5)
    assert (found.uden.fejl, found.under.fejl) == ([], [])
    assert found.nøgler >= antal
    assert found.under.tider
    after = læs_alt(settings, who)
    assert facit.navne.items() <= after.navne.items()
    assert facit.notater.items() <= after.notater.items()
