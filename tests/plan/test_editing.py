"""The leder revises the plan in a draft: the checks of a plan file at each field, and the same TOML out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan import lister
from rådgivning.plan.checks import SEKTIONER
from rådgivning.plan.drafts import kladde, sæt_del
from rådgivning.plan.edit_forms import form_for
from rådgivning.plan.models import Helhedsplan, Plankladde
from rådgivning.plan.plans import PLANER, indlæs, plan
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import Listenavn
from rådgivning.plan.text import Plantekst
from rådgivning.spor.models import Spor
from tests.conftest import Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
TEXT = (PLANER / "ishøj-2025.toml").read_text("utf-8")


@pytest.fixture
def leder(klient: Callable[[Rolle | None], Any]) -> Any:
    return klient(Rolle.LEDER)


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the page's form without anything being changed."""
    form = page[page.index('<form method="post"', page.index("<h1")) :]
    form = form[: form.index("</form>")]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attrs = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attrs.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        sent.setdefault(attrs["name"], []).append(unescape(attrs.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\r?\n?(.*?)</textarea>', form, re.DOTALL):
        sent[name] = [unescape(text)]
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', inner)
        sent[unescape(name)] = [unescape(chosen[1]) if chosen else ""]
    return {unescape(name): values for name, values in sent.items() if name != "csrf_token"}


def _text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_part_of_every_plan_saved_as_shown_leaves_every_byte(
    leder: Any, kontekst: Nøglekontekst, personale: Personale
) -> None:
    for path in sorted(PLANER.glob("*.toml")):
        file = Plantekst(path.read_text("utf-8"))
        content = læs(path.read_bytes(), path.name)
        with leder.application.test_request_context():
            for section in ("helhedsplan", *SEKTIONER, "emne", "udfald", "aldersgruppe", "brobygning_til", "art"):
                written = file.rå.get("liste", {}) if section in set(Listenavn) else file.rå
                parts = {"": file.rå["helhedsplan"]} if section == "helhedsplan" else written.get(section, {})
                for key, raw in parts.items():
                    before = {"etiket": raw} if isinstance(raw, str) else raw
                    form = form_for(section, content, before)(meta={"csrf": False})
                    form.vis(before, 0)
                    assert form.rå(before)[0] == before, (section, key)


def test_an_indicator_is_edited_in_a_draft_and_published(
    leder: Any, kontekst: Nøglekontekst, personale: Personale
) -> None:
    url = "/plan/dele/indikator/ret/tillid_politiet"
    page = leder.get(url)
    assert page.status_code == 200
    sent = fields(page.text)
    assert sent["baseline_værdi"] == ["68"]
    wrong = {**sent, "baseline_værdi": "168", "retning": "under", "sammenligning_fodnoter": "9"}
    answer = leder.send(url, wrong)
    assert answer.status_code == 422
    assert "Værdi: En procent kan ikke være over 100." in _text(answer.text)
    assert "Retning: En grænse hører til retningen »under« og kun til den." in _text(answer.text)
    assert "Fodnoter: Fodnoten »9« findes ikke i planen." in _text(answer.text)
    assert 'value="168"' in answer.text
    right = {
        **sent,
        "baseline_værdi": "70,0",
        "baseline_fodnoter": "a",
        "fodnoter_0_mærke": "a",
        "fodnoter_0_tekst": "Ny.",
    }
    assert leder.send(url, right).status_code == 303
    plan_page = _text(leder.get("/plan").text)
    assert "Indikatorer: Tillid til politiet Baseline 68 % i 2023 70,0 % i 2023, fodnote a" in plan_page
    assert leder.send(url, right).status_code == 409
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        assert str(plan(session, personale.helhedsplan.id).indikator["tillid_politiet"].baseline.værdi) == "68"  # type: ignore[union-attr]
    publish = fields(leder.get("/plan/udgiv").text)
    for bad in ({"grund": ""}, {"grund": "x", "gælder_fra": "2026-11-21"}, {"grund": "x", "gælder_fra": "2025-10-01"}):
        assert leder.send("/plan/udgiv", {**publish, **bad}).status_code == 422
    assert leder.send("/plan/udgiv", {**publish, "grund": "Delaftalen er revideret"}).status_code == 303
    assert "Version 2 gælder fra 20.11.2026. Delaftalen er revideret." in _text(leder.get("/plan").text)
    assert "Testa Leder" in leder.get("/plan/versioner").text
    assert "Tillid til politiet 70,0 % a i 2023." in re.sub(r"Fodnote ", "", _text(leder.get("/delmål").text))
    exported = leder.get("/plan/versioner/2/hent").get_data(as_text=True)
    gone = [line for line in TEXT.splitlines() if line not in exported.splitlines()]
    assert gone == ['baseline = { "år" = 2023, "værdi" = 68 }']
    assert 'baseline = { "år" = 2023, "værdi" = 70.0, fodnoter = ["a"] }' in exported
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        kinds = [(e.genstand, e.handling) for e in session.exec(select(Spor).where(Spor.genstand == "plankladde"))]
        assert kinds == [("plankladde", "ændret")]


def test_parts_are_added_ordered_retired_and_only_new_ones_removed(
    leder: Any, kontekst: Nøglekontekst, personale: Personale
) -> None:
    assert leder.send("/plan/dele/emne/ny", {"etiket": "Gæld", "gruppe": "økonomi", "nr": "0"}).status_code == 422
    assert leder.send("/plan/dele/emne/ny", {"etiket": "Ny cykel!", "gruppe": "hverdag", "nr": "0"}).status_code == 303
    assert leder.send("/plan/dele/emne/flyt/ny_cykel", {"nr": "1", "retning": "op"}).status_code == 303
    vold = fields(leder.get("/plan/dele/emne/ret/vold").text)
    assert leder.send("/plan/dele/emne/ret/vold", {**vold, "til": "2026-12-31"}).status_code == 303
    assert leder.send("/plan/dele/emne/fjern/vold", {"nr": "3"}).status_code == 409
    assert leder.send("/plan/dele/delmål/flyt/tillid", {"nr": "3", "retning": "ned"}).status_code == 303
    page = _text(leder.get("/plan/dele/emne").text)
    assert "Ny cykel! Ny i kladden Fjern" in page
    assert "til 31.12.2026" in page
    publish = fields(leder.get("/plan/udgiv").text)
    assert leder.send("/plan/udgiv", {**publish, "grund": "Nye emner"}).status_code == 303
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        key = personale.helhedsplan.id
        topics = [name for name, _label in lister.valg(session, key, "hovedemne")]
        assert topics[-2:] == ["ny_cykel", "andet"]
        assert list(plan(session, key).delmål)[:2] == ["sammenhængskraft", "tillid"]
        assert plan(session, key).liste[Listenavn.EMNE]["vold"].til is not None
    new = fields(leder.get("/plan/dele/delmål/ny").text)
    assert (
        leder.send("/plan/dele/delmål/ny", {**new, "tekst": "Et mål", "indsatsområde": "uddannelse"}).status_code == 303
    )
    assert leder.send("/plan/dele/delmål/fjern/et_mål", {"nr": "1"}).status_code == 303
    assert "Der er ingen forskel." in leder.get("/plan").text
    publish = fields(leder.get("/plan/udgiv").text)
    assert leder.send("/plan/udgiv", {**publish, "grund": "Intet"}).status_code == 303
    assert "der er ingen ny version" in leder.get("/plan").text


def test_a_list_that_was_the_standard_becomes_the_plans_own(
    leder: Any, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        row = indlæs(session, PLANER / "slagelse-2021.toml")
        session.flush()
        found = kladde(session, row.id)
        text = sæt_del(found, "art", "besøg", {"etiket": "Besøg"})
        assert list(text.rå["liste"]) == ["art"]
        assert list(text.rå["liste"]["art"]) == [*found.indhold.liste[Listenavn.ART], "besøg"]
        assert text.tekst.startswith(found.tekst.tekst.rstrip("\n"))


def test_the_head_counts_and_activities_have_forms_and_a_draft_can_be_dropped(leder: Any) -> None:
    head = fields(leder.get("/plan/helhedsplan").text)
    assert leder.send("/plan/helhedsplan", {**head, "til": "2020-01-01"}).status_code == 422
    assert leder.send("/plan/helhedsplan", {**head, "udkast": ""}).status_code == 303
    count = fields(leder.get("/plan/dele/optælling/ret/brobygning_myndighed").text)
    assert count["filter_modtager"][:2] == ["cvv", "cbf"]
    bad = {**count, "filter_enhed": "kontakt", "filter_udfald": "udsat"}
    answer = leder.send("/plan/dele/optælling/ret/brobygning_myndighed", bad)
    assert answer.status_code == 422
    assert "Udfald: I listen udfald: nøglen »udsat« findes ikke i planen." in _text(answer.text)
    job = fields(leder.get("/plan/dele/aktivitet/ret/sundhedstjek").text)
    assert job["roller_2_hvem"] == ["Den boligsociale leder"]
    for number in range(3):
        job[f"roller_{number}_hvem"] = job[f"roller_{number}_opgaver"] = [""]
    assert leder.send("/plan/dele/aktivitet/ret/sundhedstjek", job).status_code == 303
    assert "Roller" in leder.get("/plan").text
    assert leder.send("/plan/kassér", {"nr": "1"}).status_code == 409
    assert leder.send("/plan/kassér", {"nr": "2"}).status_code == 303
    assert "Kladde, der ikke er udgivet" not in leder.get("/plan").text
    assert leder.get("/plan/udgiv").status_code == 303


def test_a_draft_is_not_published_over_a_version_made_meanwhile(
    leder: Any, kontekst: Nøglekontekst, personale: Personale, tmp_path: Path
) -> None:
    head = fields(leder.get("/plan/helhedsplan").text)
    assert leder.send("/plan/helhedsplan", {**head, "udkast": ""}).status_code == 303
    publish = fields(leder.get("/plan/udgiv").text)
    path = tmp_path / "ishøj-2025.toml"
    path.write_text(TEXT.replace('jura = "Jura"', 'jura = "Juridisk afdeling"'), "utf-8")
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        indlæs(session, path)
        session.commit()
    assert leder.send("/plan/udgiv", {**publish, "grund": "x"}).status_code == 409
    assert "Den kan ikke udgives" in leder.get("/plan").text
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        assert session.exec(select(Plankladde)).one().bygger_på == 1
        assert session.exec(select(Helhedsplan.version)).one() == 2


def test_what_is_no_part_of_the_plan_is_not_found(leder: Any, klient: Callable[[Rolle | None], Any]) -> None:
    for url in (
        "/plan/dele/findes_ikke",
        "/plan/dele/emne/ret/findes_ikke",
        "/plan/dele/helhedsplan",
        "/plan/dele/x/ny",
    ):
        assert leder.get(url).status_code == 404, url
    for rolle in (Rolle.BEBOERRÅDGIVER, Rolle.DATABESKYTTELSE):
        assert klient(rolle).get("/plan/dele/emne").status_code == 403
