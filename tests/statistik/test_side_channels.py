"""Nothing but the published figures tells of anybody: not order, length, colour, count, header or file property.

Figures are made and recorded; then somebody is taken out of the database and everything that a role can reach is
rendered again. Not a byte may differ. Pages and formats are found from the URL map and from the links on the pages, so
a new one is tried without being named here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Ret, Rolle
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import Slettegrund, opret_beboer, slet_beboer
from rådgivning.database import empty_wal
from rådgivning.drift.instance import open_instance
from rådgivning.fakta.models import Faktum, FrossetFaktum, FrossetMåned
from rådgivning.kontakter.log import log_kontakt, slet_beboers_kontakter
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.rapporter.formater import FORMATER
from rådgivning.settings import Settings
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.release import beskyttet
from tests.adgang.test_matrix import Verden
from tests.conftest import IDAG, Klient, Personale
from tests.kontakter.conftest import ZXQ
from tests.statistik.cases import FRØ, fakta, gem
from tests.statistik.walking import Svar, ens_numre, find_vej, forskelle, gå, kopi, send_tomt, åben

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
PERIODER = ("2026", "2026-K1", "2026-K4", "planår-1", "2025-K4")
ALENE = KontaktData(
    art="servicebesøg",
    aktivitet="beboerrådgivning",
    afdeling="steenbjerggård",
    form="hjemmebesøg",
    kilde="jura",
    hovedemne="vold",
    udfald="råd_givet",
    brobygning_til="cvv",
)
"""A kind of contact that nobody else in the invented year has."""


@dataclass(frozen=True)
class Hun:
    """The one who is taken out: her number, and the facts that were counted of her."""

    id: uuid.UUID
    fakta: frozenset[uuid.UUID]


def registrér(db: Session, personale: Personale) -> Hun:
    """A year of many, and one resident in cells of her own: in a closed month, before New Year, and in the open one."""
    gem(db, personale.helhedsplan.id, fakta(250) + fakta(40, 2, ["2025-11", "2025-12"]))
    before = set(db.exec(select(Faktum.id)).all())
    hun = opret_beboer(db, ZXQ.model_copy(update={"fødselsdato": date(1940, 5, 1), "afdeling": "steenbjerggård"})).id
    for day in (date(2025, 12, 3), date(2026, 2, 10), date(2026, 2, 11), date(2026, 10, 6), IDAG):
        log_kontakt(db, ALENE, dato=day, beboer_id=hun)
    db.commit()
    return Hun(hun, frozenset(set(db.exec(select(Faktum.id)).all()) - before))


def slettes(session: Session, hun: Hun) -> None:
    """She is erased by the ordinary way: what was published of closed months stays, what is open waits for a crowd."""
    slet_beboers_kontakter(session, hun.id)
    slet_beboer(session, hun.id, Slettegrund.ØNSKE)


def har_aldrig_været_her(session: Session, hun: Hun) -> None:
    """Not even the copies that the figures were counted from have her any more."""
    slettes(session, hun)
    for table in (Faktum, FrossetFaktum):
        session.execute(delete(table).where(col(table.id).in_(hun.fakta)))


def ingen_er_her(session: Session, hun: Hun) -> None:
    """Nobody at all: what is shown cannot come from anything but what was published. What the agreement publishes
    itself is counted as it is now, and stays. A form that has figures made anew would now make others: none is sent."""
    slettes(session, hun)
    for table in (Faktum, FrossetFaktum):
        session.execute(delete(table).where(col(table.udfald) != "udsat"))
    for rows in (Kontakt, Beboer):
        session.execute(delete(rows))


Udtagelse = Callable[[Session, Hun], None]
UDTAGET: Mapping[str, Udtagelse] = {"erased": slettes, "nobody": ingen_er_her}
TAL = frozenset({Ret.DELMÅL, Ret.STATISTIK})
HVEM: Mapping[Rolle | None, frozenset[Ret] | None] = {Rolle.LEDER: None, Rolle.BEBOERRÅDGIVER: TAL, None: None}
"""Whose pages: all of the leder's and of strangers'; of the beboerrådgiver's, who knows her residents, those with
figures. The other roles get none."""


def test_whoever_is_taken_out_every_page_and_file_is_byte_for_byte_the_same(
    db: Session,
    personale: Personale,
    kontekst: Nøglekontekst,
    settings: Settings,
    app: Flask,
    klient: Callable[[Rolle | None], Klient],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hun = registrér(db, personale)
    db.close()
    verden = Verden(app, kontekst, personale, settings)
    ture = [find_vej(app, verden, rolle, klient(rolle), kun) for rolle, kun in HVEM.items()]
    assert {f"/statistik?periode={periode}" for periode in ("2026", "2026-K4", "planår-1")} <= set(ture[0].stier)
    assert {f"/statistik/hent/2026.{form}" for form in FORMATER} <= set(ture[0].stier)
    empty_wal(kontekst.engine)

    def gang(navn: str, tag_ud: Udtagelse | None) -> tuple[dict[str, Svar], list[str]]:
        own = kopi(settings, tmp_path / navn)
        if tag_ud is not None:
            opened = open_instance(own)
            with opened.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
                tag_ud(session, hun)
                session.commit()
            opened.close()
        caplog.clear()
        answers: dict[str, Svar] = {}
        with åben(own) as world, ens_numre(monkeypatch):
            for go in (gå, send_tomt) if tag_ud is not ingen_er_her else (gå,):
                for tur in ture:
                    answers |= go(world, None if tur.rolle is None else personale.brugere[tur.rolle], tur)
        return answers, [record.getMessage() for record in caplog.records]

    before, said = gang("alle", None)
    for navn, tag_ud in UDTAGET.items():
        after, then_said = gang(navn, tag_ud)
        found = forskelle(before, after)
        assert found == {}, "\n".join([navn, *map(str, found.items())])
        assert set(then_said) <= set(said), navn


def test_what_a_release_has_besides_its_values_does_not_depend_on_anybody(db: Session, personale: Personale) -> None:
    hun = registrér(db, personale)

    def skeletter() -> list[Any]:
        releases = [beskyttet(db, personale.helhedsplan.id, periode, frø=FRØ) for periode in PERIODER]
        return [skelet(release.indhold) for release in releases]

    before = skeletter()
    har_aldrig_været_her(db, hun)
    for table in (Udgivelse, FrossetMåned, FrossetFaktum):
        db.execute(delete(table))
    db.commit()
    assert skeletter() == before


def skelet(indhold: dict[str, Any]) -> Any:
    """A release in its own order, without the protected values."""
    tables = [
        [table["name"], [[list(cell["key"].items()), cell.get("public")] for cell in table["cells"]]]
        for table in indhold["tables"]
    ]
    return [tables, [[name, keys] for name, keys in indhold["dims"].items()], indhold["known_rule"]]
