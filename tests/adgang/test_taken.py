"""A form whose number is another helhedsplan's row: wherever a form's number becomes an id, the answer is the ordinary
one of a form that cannot be saved. A new place that takes a number stands here, or the last test fails."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger, BrugerFaktor, Nødadgang, Vikar
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData, Fastholdelse, Lejemål
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id, now
from rådgivning.databeskyttelse.models import Anmodning
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kalender.models import Aftale
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.models import Opgave
from rådgivning.overblik.models import Overdragelse, Sammenlægning
from rådgivning.plan.models import Helhedsplan, Måling
from rådgivning.restancer.models import Restancesag
from rådgivning.samtykker.models import Samtykke
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from rådgivning.statistik.models import EgenTabel
from rådgivning.sundhedstjek.models import Sundhedstjek
from tests.adgang.factors.cases import kode
from tests.conftest import IDAG, Klient, Personale, opret_testbruger
from tests.databeskyttelse import retention_cases
from tests.henvisninger.factories import SENDT, henvisning
from tests.kalender.factories import FORM
from tests.kontakter.conftest import felter as kontakt
from tests.overblik.test_merge_pages import felter as sammenlægning
from tests.plan.test_målinger import SURVEY
from tests.restancer.factories import MELDT, sag

KODE = Path(__file__).resolve().parents[2] / "rådgivning"
SKREVET = "Zxq skrevet"
Felter = dict[str, Any]


@dataclass
class Sted:
    """Whoever sends, what she sends about, and how many forms she has sent."""

    db: Session
    personale: Personale
    klient: Klient
    nr: int = 0

    def kollega(self, *, spærret: bool = False) -> uuid.UUID:
        """Another beboerrådgiver of the plan."""
        made = opret_testbruger(self.db, self.personale.helhedsplan, Rolle.BEBOERRÅDGIVER, f"kollega-{new_id()}")
        made.spærret = now() if spærret else None
        id_ = made.id
        self.db.commit()
        return id_

    def beboer(self, navn: str = "Testa Opdigtet", ejer: uuid.UUID | None = None) -> uuid.UUID:
        """A resident, the beboerrådgiver's unless she is another's."""
        made = opret_beboer(self.db, BeboerData(navn=navn, afdeling="aab55"))
        made.ejer_id = ejer or made.ejer_id
        id_ = made.id
        self.db.commit()
        return id_


def _husstand(sted: Sted) -> tuple[str, Felter]:
    return f"/beboere/{sted.beboer()}/husstand", {
        "nummer": f"55-010{sted.nr}-2", "adresse": SKREVET, "afdeling": "aab55", "børn": "ja", "version": "",
    }  # fmt: skip


def _samtykke(sted: Sted) -> tuple[str, Felter]:
    return f"/samtykker/ny/{sted.beboer()}", {
        "formål": SKREVET, "modtagere": ["kommune"], "til": "2027-05-20", "hvad": "Restancen", "måde": "mundtligt",
        "anledning": "Ved samtalen", "vidne": "Tolken", "givet": "2026-11-20", "ordlyd": "Sig det bare",
    }  # fmt: skip


def _tag_op(sted: Sted) -> tuple[str, Felter]:
    made = henvisning(sted.db).id
    sted.db.rollback()
    return f"/henvisninger/{made}/tag-op", {"hvem": "ny", "frist": "2026-11-23"}


def _knyt_sag(sted: Sted) -> tuple[str, Felter]:
    made = sag(sted.db).id
    sted.db.rollback()
    return f"/restancer/{made}/beboer", {"hvem": "ny"}


def _aftale(sted: Sted) -> tuple[str, Felter]:
    rådgiver = str(sted.personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    day = date(2026, 11, 25) + timedelta(weeks=sted.nr)
    return "/kalender/ny", FORM | {"rådgiver": rådgiver, "note": SKREVET, "dato": day.isoformat()}


def _behold(sted: Sted) -> tuple[str, Felter]:
    om = retention_cases.beboer(sted.db, date(2024, 11, 1))
    return f"/beboere/{om}/behold", {"grund": "andet", "forklaring": SKREVET}


def _nødadgang(sted: Sted) -> tuple[str, Felter]:
    om = sted.beboer(ejer=sted.kollega())
    return f"/nødadgang/beboer/{om}", {"årsag": "akut", "begrundelse": SKREVET, "varighed": "1"}


def _vikar(sted: Sted) -> tuple[str, Felter]:
    mig = sted.personale.brugere[Rolle.BEBOERRÅDGIVER].id
    return "/vikar/ny", {"for_id": mig, "vikar_id": sted.kollega(), "fra": IDAG.isoformat(), "til": "2026-12-24"}


def _overdrag(sted: Sted) -> tuple[str, Felter]:
    return "/overdragelser/ny", {"beboere": [sted.beboer()], "til": sted.kollega(), "grund": "ønske"}


def _overdrag_alt(sted: Sted) -> tuple[str, Felter]:
    gone = sted.kollega(spærret=True)
    sted.beboer(ejer=gone)
    return "/overdragelser/alle", {"fra": gone, "til": sted.kollega(), "grund": "ophørt"}


def _sammenlæg(sted: Sted) -> tuple[str, Felter]:
    url = f"/beboere/{sted.beboer(navn='Zxqa Prøvesen')}/sammenlæg/{sted.beboer(navn='Zxqb Prøvesen')}"
    return url, {k: v for k, v in sammenlægning(sted.klient.get(url).text).items() if k != "formular_id"}


def _bruger(sted: Sted) -> tuple[str, Felter]:
    return "/brugere/ny", {"navn": SKREVET, "brugernavn": f"testa.{sted.nr}", "rolle": "leder", "boligorganisation": ""}


def _app(sted: Sted) -> tuple[str, Felter]:
    frø = re.search(r'kodetekst">([A-Z2-7 ]+)<', sted.klient.get("/to-trin/app").text)
    assert frø is not None
    return "/to-trin/app", {"navn": SKREVET, "kode": kode(frø[1].replace(" ", ""))}


def _fast(url: str, felter: Felter) -> Callable[[Sted], tuple[str, Felter]]:
    return lambda _sted: (url, felter)


R, D, L = Rolle.BEBOERRÅDGIVER, Rolle.DATABESKYTTELSE, Rolle.LEDER
TJEK = {"dato": "2026-11-18", "sted": "vejleåparken", "tema": "søvn", "temamøde": "ja", "titel": SKREVET}
ANMODNING = {"slags": "indsigt", "modtaget": "2026-10-31", "ønske": SKREVET}
OPGAVE = {"titel": SKREVET, "frist": "2026-11-25"}
SAGER: dict[str, tuple[Rolle, type[Any], Callable[[Sted], tuple[str, Felter]]]] = {
    "beboere/views.py": (R, Beboer, lambda s: ("/beboere/ny", {"navn": ("Testa", "Zxq")[s.nr], "note": SKREVET})),
    "beboere/household_views.py": (R, Lejemål, _husstand),
    "kontakter/views.py": (R, Kontakt, lambda _s: ("/kontakter/ny", {**kontakt(), "notat": SKREVET})),
    "opgaver/views.py": (R, Opgave, _fast("/opgaver/ny", OPGAVE)),
    "samtykker/views.py": (R, Samtykke, _samtykke),
    "henvisninger/views.py": (Rolle.EJENDOMSDRIFT, Henvisning,
                              _fast("/henvisninger/ny", {**SENDT, "beskrivelse": SKREVET})),
    "henvisninger/forms.py": (R, Beboer, _tag_op),
    "henvisninger/forms.py sag": (R, Beboer, _knyt_sag),
    "restancer/views.py": (Rolle.INKASSO, Restancesag, _fast("/restancer/ny", {**MELDT, "navn": SKREVET})),
    "kalender/views.py": (R, Aftale, _aftale),
    "sundhedstjek/views.py": (R, Sundhedstjek, _fast("/sundhedstjek/ny", TJEK)),
    "databeskyttelse/subject_views.py": (R, Anmodning, lambda s: (f"/beboere/{s.beboer()}/anmodning", ANMODNING)),
    "databeskyttelse/subject_views.py ny": (D, Anmodning, _fast("/databeskyttelse/anmodninger/ny", {
        **ANMODNING, "navn": "Zxq Prøvesen", "fødselsdato": "1980-02-03"})),
    "databeskyttelse/retention_views.py": (R, Fastholdelse, _behold),
    "databeskyttelse/user_pages.py": (D, Bruger, _bruger),
    "overblik/emergency_views.py": (R, Nødadgang, _nødadgang),
    "overblik/emergency_views.py vikar": (R, Vikar, _vikar),
    "overblik/handing_views.py": (R, Overdragelse, _overdrag),
    "overblik/handing_views.py alle": (D, Overdragelse, _overdrag_alt),
    "overblik/merge_views.py": (R, Sammenlægning, _sammenlæg),
    "plan/views.py": (L, Måling, _fast("/målinger/ny/tillid_politiet", {**SURVEY, "note": SKREVET})),
    "statistik/own_table_views.py": (L, EgenTabel, _fast("/statistik/tabeller/ny/kontakter", {"dimension_1": "form"})),
    "adgang/factor_views.py": (L, BrugerFaktor, _app),
}  # fmt: skip
UDEN_RÆKKE = {
    "restancer/attempt_views.py": "an attempt stands inside its case",
    "restancer/forms.py": "an event stands inside its case",
    "restancer/invitation_views.py": "attempts inside cases, and tasks whose ids are made from the number and the case",
    "restancer/steps.py": "as restancer/forms.py",
}


OPTAGET = "formularens nummer er optaget"
HUSKES: dict[Any, dict[str, str]] = {
    Beboer: {},
    Lejemål: {},
    Restancesag: {"boligorganisation": "aab", "fase": "påkrav"},
}
"""Of these each worker remembers its helhedsplan's, so none is moved to another: it is made there."""
GEMT = {200, 303}  # a page that shows codes once is an answer


def test_a_form_whose_number_is_another_plans_row_is_answered_as_one_that_cannot_be_saved(
    db: Session, kontekst: Nøglekontekst, personale: Personale, klient: Callable[[Rolle | None], Klient]
) -> None:
    with kontekst.session(Aktør()) as session:
        other = Helhedsplan(nøgle="fremmed", **personale.helhedsplan.model_dump(exclude={"id", "nøgle"}))
        session.add(other)
        session.commit()
        fremmed = other.id
    clients = {rolle: klient(rolle) for rolle in {rolle for rolle, _model, _make in SAGER.values()}}
    for hvor, (rolle, model, make) in SAGER.items():
        sted, number = Sted(db, personale, clients[rolle]), str(new_id())
        whose = {"helhedsplan_id": fremmed}
        if model in HUSKES:
            values = HUSKES[model] | {"id": uuid.UUID(number), "sealed": b"", **whose}
            with kontekst.session(Aktør()) as session:
                session.add(model(**values, ejer_id=personale.brugere[Rolle.LEDER].id, oprettet=IDAG))
                session.commit()
        else:
            url, felter = make(sted)
            assert sted.klient.send(url, {**felter, "formular_id": number}).status_code in GEMT, hvor
            if model is BrugerFaktor:
                whose = {"bruger_id": personale.brugere[Rolle.INKASSO].id}
            with kontekst.session(Aktør()) as session:
                moved = update(model).where(col(model.id) == uuid.UUID(number)).values(whose)
                session.execute(moved)
                session.commit()

        sted.nr = 1
        url, felter = make(sted)
        svar = sted.klient.send(url, {**felter, "formular_id": number})
        assert (svar.status_code, "Tryk på knappen igen" in svar.text) == (422, True), hvor
        assert number not in svar.text, hvor
        assert SKREVET not in felter.values() or SKREVET in svar.text, hvor
        found = re.search(r'name="formular_id"[^>]*value="([^"]+)"', svar.text)
        assert found is not None
        with kontekst.session(Aktør()) as session:
            refused = select(Spor).where(Spor.handling == Handling.AFVIST, Spor.anledning == OPTAGET)
            assert [r.aktør for r in session.exec(refused).all() if r.rækker == [number]] == [
                personale.brugere[rolle].id
            ], hvor
            [row] = session.exec(select(model).where(col(model.id) == uuid.UUID(number))).all()
            assert {getattr(row, name) for name in whose} == set(whose.values()), hvor
        assert sted.klient.send(url, {**felter, "formular_id": found[1]}).status_code in GEMT, hvor


def test_every_place_where_a_forms_number_becomes_an_id_is_tried() -> None:
    places = {str(f.relative_to(KODE)) for f in KODE.rglob("*.py") if "formular_id.data" in f.read_text()}
    assert places == {hvor.partition(" ")[0] for hvor in SAGER} | UDEN_RÆKKE.keys()
