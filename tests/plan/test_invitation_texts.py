"""Texts of an invitation: what the plan file may say, who corrects it, and that the mark stays until it is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan import invitation_texts
from rådgivning.plan.invitations import mangler, retning, udfyld
from rådgivning.plan.models import Indkaldelsesrettelse
from rådgivning.plan.plans import plan
from rådgivning.plan.reader import PlanFejl, læs
from rådgivning.plan.schema import Indkaldelsestekst
from tests.conftest import ISHØJ, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
SPROG = ["da", "en", "tr", "ar", "ur"]
PLAN = læs(ISHØJ.read_bytes(), ISHØJ.name)


def test_the_plan_has_five_languages_each_a_draft_to_read_through() -> None:
    texts = PLAN.indkaldelse.sprog
    assert list(texts) == SPROG
    assert {text.status for text in texts.values()} == {"til gennemlæsning"}
    assert [retning(sprog) for sprog in texts] == ["ltr", "ltr", "ltr", "rtl", "rtl"]
    for text in texts.values():
        assert list(mangler(text)) == []
        assert text.brev.count("\n\n") == 3
        assert "Opkrævning og inkasso" in text.brev
        assert not any(word in text.sms.lower() for word in ("husleje", "rent ", "kira", "إيجار", "کرای"))


@pytest.mark.parametrize(
    ("before", "after", "path", "besked"),
    [
        ("[indkaldelse.sprog.da]", "[indkaldelse.sprog.sv]", "indkaldelse.sprog", "Den danske tekst (da) mangler"),
        ("[indkaldelse.sprog.tr]", "[indkaldelse.sprog.tyrkisk]", "indkaldelse.sprog.tyrkisk", "kendes ikke"),
        ('hilsen = "Kære {navn}"', 'hilsen = "Kære {nавn}"', "indkaldelse.sprog.da.hilsen", "kan ikke bruges her"),
        ('hilsen = "Kære {navn}"', 'hilsen = "Kære {navn"', "indkaldelse.sprog.da.hilsen", "står alene"),
        ('sms = "Hej.', 'sms = "Hej {navn}.', "indkaldelse.sprog.da.sms", "kan ikke bruges her"),
        ("uden_tid = ", "uden = ", "indkaldelse.sprog.da.uden", "Mente du"),
    ],
)
def test_a_mistake_in_a_text_is_told_with_its_line(before: str, after: str, path: str, besked: str) -> None:
    text = ISHØJ.read_text("utf-8").replace(before, after, 1)
    with pytest.raises(PlanFejl) as fejl:
        læs(text.encode(), "prøve.toml")
    found = {f.sti: f for f in fejl.value.fejl}
    assert besked in found[path].besked
    assert found[path].linje > 600


def test_a_plan_without_invitations_is_a_plan() -> None:
    text = ISHØJ.read_text("utf-8").partition("[indkaldelse.sprog.da]")[0] + "[indkaldelse.sprog]\n"
    assert læs(text.encode(), "prøve.toml").indkaldelse.sprog == {}


def test_what_is_filled_in_is_never_a_place_itself() -> None:
    assert udfyld("{a} {b} {c}", {"a": "{b}", "b": "x"}) == "{b} x "


def test_a_correction_holds_until_it_is_given_up_and_stands_in_the_history(db: Session, personale: Personale) -> None:
    plan_id = personale.helhedsplan.id
    own = invitation_texts.hent_tekst(db, plan_id, "tr")
    better = own.tekst.model_copy(update={"emne": "Davet"})
    invitation_texts.gem_tekst(db, "tr", better, 0)
    with pytest.raises(invitation_texts.TekstÆndret):
        invitation_texts.gem_tekst(db, "tr", better, 0)
    invitation_texts.markér_gennemlæst(db, "tr", 1)
    db.commit()
    found = invitation_texts.hent_tekst(db, plan_id, "tr")
    assert (found.tekst.emne, found.gennemlæst, found.rettet, found.version) == ("Davet", True, True, 2)
    invitation_texts.gem_tekst(db, "tr", None, 2)
    db.commit()
    found = invitation_texts.hent_tekst(db, plan_id, "tr")
    assert (found.tekst, found.gennemlæst, found.rettet) == (own.tekst, False, False)
    history = invitation_texts.historik(db, plan_id, "tr")
    assert [(h.version, h.gennemlæst, h.til_planen) for h in history] == [
        (3, False, True),
        (2, True, False),
        (1, False, False),
    ]
    assert {h.hvem for h in history} == {"Testa Beboerrådgiver"}


@pytest.mark.parametrize("databasetype", ["sqlite"])
@pytest.mark.parametrize("rolle", [Rolle.BEBOERRÅDGIVER, Rolle.LEDER])
def test_both_who_answer_for_the_texts_correct_and_mark_them(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale, rolle: Rolle
) -> None:
    browser = klient(rolle)
    assert browser.get("/indkaldelse/tekster").text.count("Til gennemlæsning") == len(SPROG)
    page = browser.get("/indkaldelse/tekster/ur").text
    assert 'lang="ur"' in page
    assert 'dir="rtl"' in page
    assert "رازدارانہ" in page
    with Session(kontekst.engine) as session:
        own = plan(session, personale.helhedsplan.id).indkaldelse.sprog["ur"]
    typed = {k: v for k, v in own.model_dump().items() if isinstance(v, str)} | {"version": "0", "læst": "ja"}
    wrong = browser.send("/indkaldelse/tekster/ur", {**typed, "sms": "{navn} {telefon}", "emne": "Prøve 1"})
    assert wrong.status_code == 422
    assert "Pladsen {navn} kan ikke bruges her" in wrong.text
    assert "Prøve 1" in wrong.text
    assert browser.send("/indkaldelse/tekster/ur", {**typed, "emne": "نیا"}).status_code == 303
    late = browser.send("/indkaldelse/tekster/ur", {**typed, "emne": "for sent"})
    assert late.status_code == 409
    assert "for sent" in late.text
    assert browser.get("/indkaldelse/tekster").text.count("Til gennemlæsning") == len(SPROG) - 1
    assert browser.send("/indkaldelse/tekster/ar/læst", {"version": "0"}).status_code == 303
    assert browser.send("/indkaldelse/tekster/ar/læst", {}).status_code == 409
    assert browser.send("/indkaldelse/tekster/ur/planens", {"version": "1"}).status_code == 303
    assert browser.get("/indkaldelse/tekster/xx").status_code == 404
    with Session(kontekst.engine) as session:
        rows = session.exec(select(Indkaldelsesrettelse)).all()
        assert {row.rettet_af for row in rows} == {personale.brugere[rolle].id}
        assert [row.indhold is None for row in rows if row.sprog == "ur"] == [False, True]
    assert Indkaldelsestekst.model_validate(own.model_dump()) == own
