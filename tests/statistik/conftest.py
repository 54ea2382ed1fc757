"""The figures' tests stand on the Ishøj plan with shorter lists: the same tables, a fifth of the cells.

The long form (./kør test-lang) takes the plan whole; so do the demo in tests/drift and the browser's tests.
"""

from __future__ import annotations

import pytest

from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import liste_for
from rådgivning.spor.trail import Aktør
from rådgivning.statistik.tables import ENHEDER
from tests.conftest import LANG, Personale
from tests.statistik.cases import LISTER
from tests.statistik.remembered import husk


@pytest.fixture(autouse=True)
def _husker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same facts are rounded and attacked once in a run."""
    if not LANG:
        husk(monkeypatch)


@pytest.fixture
def personale(personale: Personale, kontekst: Nøglekontekst) -> Personale:
    """The users; their plan's lists are cut down to those of the invented facts and of the plan's own counts."""
    if LANG:
        return personale
    with kontekst.session(Aktør()) as session:
        indhold = plan(session, personale.helhedsplan.id)
        wanted: dict[str, set[str]] = {}
        for enhed in ENHEDER.values():
            for name, column in enhed.kolonner.items():
                wanted.setdefault(liste_for(column, enhed.fakta), set()).update(LISTER.get(name, ()))
        for optælling in indhold.optælling.values():
            for column, values in optælling.filter.dimensioner().items():
                wanted.setdefault(liste_for(column, optælling.filter.enhed), set()).update(values)
        lister = {
            name: {key: value for key, value in values.items() if name not in wanted or key in wanted[name]}
            for name, values in indhold.liste.items()
        }
        row = session.get_one(Helhedsplan, personale.helhedsplan.id)
        row.indhold = indhold.model_copy(update={"liste": lister}).model_dump(mode="json")
        row.version += 1
        session.add(row)
        session.commit()
    return personale
