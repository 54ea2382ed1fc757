"""The pages of what has been released: the list, one release as it was, and two of a period side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id, now
from rådgivning.spor.models import Handling, Spor
from rådgivning.statistik.archive import SIDELÆNGDE
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.release import Release, beskyttet
from rådgivning.statistik.release_words import forskelle
from tests.conftest import Klient, Personale
from tests.statistik.cases import FRØ, fakta, gem, kontakt

Indlogget = Callable[[Rolle | None], Klient]
kun_sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def leder(klient: Indlogget) -> Klient:
    """A signed-in leder."""
    return klient(Rolle.LEDER)


@pytest.fixture
def to(db: Session, personale: Personale) -> tuple[Release, Release]:
    """Two releases of 2026: many new contacts lie between them."""
    plan = personale.helhedsplan.id
    gem(db, plan, fakta(60))
    first = beskyttet(db, plan, "2026", frø=FRØ)
    gem(db, plan, [kontakt("2026-11", number) for number in range(800, 840)])
    return first, beskyttet(db, plan, "2026", frø=FRØ)


@kun_sqlite
def test_before_anything_is_released_the_list_says_so(leder: Klient) -> None:
    page = leder.get("/statistik/udgivelser").text
    assert "Ingen udgivelser endnu" in page
    assert "<table" not in page
    assert "Ingen udgivelser for perioden" in leder.get("/statistik/udgivelser?periode=2026-K1").text
    assert leder.get("/statistik/udgivelser?periode=1999").status_code == 404


def test_each_release_is_listed_with_all_about_it_and_has_its_page(
    leder: Klient, to: tuple[Release, Release], db: Session
) -> None:
    page = unescape(leder.get("/statistik/udgivelser").text)
    assert "2 udgivelser" in page
    assert page.index("2. udgave") < page.index("1. udgave")
    for release in to:
        for told in (f"Udgivelse {release.nummer}<", release.sha256[:8], release.nøgle_id, "plan 2,", "Foreløbig"):
            assert told in page
    old = unescape(leder.get(f"/statistik/udgivelser/{to[0].id}").text)
    total = re.search(r'<tr class="sum">.*?<td class="tal">([\d.]+)</td></tr>', old, re.DOTALL)
    assert total is not None
    assert int(total[1].replace(".", "")) == to[0].celle("kontakter") != to[1].celle("kontakter")
    assert "Ingen af dem røber noget" in old
    assert to[0].sha256 in old
    answer = leder.get(f"/statistik/udgivelser/{to[0].id}/hent.json")
    assert answer.data == to[0].data
    assert db.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET)).one().rækker == [str(to[0].id)]
    db.rollback()
    assert "JSON" in leder.get("/statistik/udgivelser").text
    assert leder.get(f"/statistik/udgivelser/{to[0].id}/hent.doc").status_code == 404


@kun_sqlite
def test_two_releases_of_a_period_show_which_figures_differ(
    leder: Klient, to: tuple[Release, Release], db: Session, personale: Personale
) -> None:
    first, second = to
    page = unescape(leder.get(f"/statistik/udgivelser/{first.id}/forskel").text)
    assert f"Udgivelse {first.nummer} og {second.nummer}" in page
    assert "Kontakter i alt" in page
    assert page.count('<th scope="row">') <= 50
    assert unescape(leder.get(f"/statistik/udgivelser/{second.id}/forskel?med={first.id}").text).count(
        "Kontakter i alt"
    )
    assert "Alle tal er ens" in leder.get(f"/statistik/udgivelser/{first.id}/forskel?med={first.id}").text
    quarter = beskyttet(db, personale.helhedsplan.id, "2026-K1", frø=FRØ)
    db.rollback()
    alone = leder.get(f"/statistik/udgivelser/{quarter.id}/forskel")
    assert (alone.status_code, alone.headers["Location"]) == (303, f"/statistik/udgivelser/{quarter.id}")
    assert leder.get(f"/statistik/udgivelser/{first.id}/forskel?med={quarter.id}").status_code == 404


@kun_sqlite
def test_a_suppressed_or_missing_cell_differs_from_a_figure(db: Session, to: tuple[Release, Release]) -> None:
    content = json.loads(to[0].data)
    cells = content["tables"][0]["cells"]
    blank, gone = cells[0]["value"], cells.pop(1)["value"]
    cells[0]["value"] = None
    changed = Release(**{**vars_of(to[0]), "data": json.dumps(content).encode()})
    found = forskelle(to[0], changed, Navne())  # type: ignore[arg-type]
    assert [(one.før, one.efter) for one in found] == [(blank, None), (gone, None)]


class Navne:
    """Labels that are the keys themselves."""

    def kategori(self, _dimension: str, værdi: Any) -> str:
        """The key."""
        return str(værdi)

    def offentlig(self, navn: str) -> str:
        """The name."""
        return navn


def vars_of(release: Release) -> dict[str, Any]:
    """The fields a release was made of."""
    return {name: getattr(release, name) for name in Release.__dataclass_fields__}


def _row(plan: Any, nummer: int, periode: str) -> Udgivelse:
    """A release without figures."""
    empty: dict[str, Any] = {"nøgle_id": "", "mærke": "", "indhold": "{}", "sha256": "", "stande": {}, "revision": {}}
    return Udgivelse(
        helhedsplan_id=plan, nummer=nummer, periode=periode, oprettet=now(), metode="controlled-rounding", **empty
    )


@kun_sqlite
def test_a_long_list_comes_in_pages(leder: Klient, db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    db.add_all(_row(plan, number, "2026-K1") for number in range(1, SIDELÆNGDE + 3))
    system = _row(plan, 99, "system-2026")
    system_id = system.id
    db.add(system)
    db.commit()
    first, last = (leder.get(f"/statistik/udgivelser?periode=2026-K1&side={side}").text for side in (1, 9))
    assert (first.count('<th scope="row">'), last.count('<th scope="row">')) == (SIDELÆNGDE, 2)
    assert "Udgivelse 99<" not in first
    assert leder.get(f"/statistik/udgivelser/{system_id}").status_code == 404
    assert leder.get(f"/statistik/udgivelser/{new_id()}").status_code == 404
