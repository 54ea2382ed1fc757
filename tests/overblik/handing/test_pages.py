"""The pages of handing over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Konflikt, Rolle
from rådgivning.beboere.models import Beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now, today
from rådgivning.henvisninger.models import Henvisning
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik import handing
from rådgivning.overblik import handing_views as views
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale, opret_testbruger
from tests.databeskyttelse.test_stepping import has_step_up
from tests.overblik.handing.cases import NOTAT, SQLITE, Hold, spær


def test_whose_a_resident_is_changes_only_for_who_has_proved_lately_who_she_is() -> None:
    pages = (views.overdragelser, views.overdragelse, views.ny_overdragelse, views.overdrag_alt, views.giv_tilbage)
    assert [has_step_up(page) for page in pages] == [False, False, True, True, True]


@SQLITE
def test_the_pages_hand_over_from_the_list_tell_what_it_means_and_give_back(
    hold: Hold, klient: Callable[[Rolle | None], Klient], db: Session, personale: Personale
) -> None:
    mig, dpo = klient(Rolle.BEBOERRÅDGIVER), klient(Rolle.DATABESKYTTELSE)
    hende = klient(None)
    with Session(db.get_bind()) as plain:
        bruger = plain.get_one(Bruger, hold.hun)
        plain.expunge(bruger)
    hende.sign_in(bruger)
    assert "Overdrag de valgte" in mig.get("/beboere").text
    assert "Overdrag de valgte" not in hende.get("/beboere").text
    assert mig.get("/overdragelser/ny").headers["Location"] == "/beboere"
    url = f"/overdragelser/ny?beboere={hold.beboer}"
    assert hende.get(url).status_code == 403
    page = mig.get(url).text
    assert "også alle dine notater" in page
    assert "Testa Opdigtet" in page
    missing = mig.send("/overdragelser/ny", {"beboere": [hold.beboer], "til": hold.hun})
    assert (missing.status_code, "Vælg hvorfor." in missing.text, " checked" in missing.text) == (422, True, True)
    none = mig.send("/overdragelser/ny", {"vist": [hold.beboer], "til": hold.hun, "grund": "ønske"})
    assert (none.status_code, "Vælg mindst én beboer." in none.text, "Testa Opdigtet" in none.text) == (422, True, True)
    form = {"beboere": [hold.beboer], "til": hold.hun, "grund": "ønske", "formular_id": new_id()}
    made = mig.send("/overdragelser/ny", form)
    assert made.headers["Location"] == f"/overdragelser/{form['formular_id']}"
    assert mig.send("/overdragelser/ny", form).headers["Location"] == made.headers["Location"]
    assert NOTAT in hende.get(f"/beboere/{hold.beboer}").text
    assert "1 beboer er overdraget" in hende.get("/beskeder").text
    receipt = hende.get(made.headers["Location"]).text
    assert "Testa Opdigtet" in receipt
    assert "1 beboer, 1 opgave, 1 henvisning og 1 restancesag" in receipt
    assert "1 beboer, 1 opgave, 1 henvisning og 1 restancesag" in hende.get("/overdragelser").text
    seen = dpo.get(made.headers["Location"]).text
    assert "Testa Opdigtet" not in seen
    assert "Giv tilbage" not in seen
    assert hende.send(f"{made.headers['Location']}/tilbage").status_code == 303
    assert "Givet tilbage" in mig.get("/overdragelser").text
    assert NOTAT not in hende.get(f"/beboere/{hold.beboer}").text.replace("kontakt", "")
    page = dpo.get("/overdragelser/alle").text
    assert "Ingen sager at overdrage" in page, page[page.index("<h1") :]
    with Session(db.get_bind()) as plain:
        plain.get_one(Bruger, hold.jeg).spærret = now()
        plain.commit()
    page = dpo.get("/overdragelser/alle").text
    assert "Testa Beboerrådgiver: 1 beboer, 1 opgave, 1 henvisning, 1 restancesag og 1 anonym kontakt" in page
    assert "Testa Opdigtet" not in page
    missing = dpo.send("/overdragelser/alle", {"fra": hold.jeg, "til": hold.jeg, "grund": "ophørt"})
    assert missing.status_code == 422
    form = {"fra": hold.jeg, "til": hold.hun, "grund": "ophørt", "formular_id": new_id()}
    assert [dpo.send("/overdragelser/alle", form).status_code for _ in range(2)] == [303, 303]
    assert "overdraget til Testa" in hende.get(f"/kontakter/{hold.anonym}").text
    assert NOTAT in hende.get(f"/kontakter/{hold.anonym}").text


@SQLITE
def test_the_notice_the_receipt_and_the_list_say_what_moved(
    hold: Hold, kontekst: Nøglekontekst, klient: Callable[[Rolle | None], Klient], db: Session, personale: Personale
) -> None:
    """Tasks alone, and then residents with a task and a contact beside them."""
    with kontekst.session(Aktør()) as session:
        gone = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "gone")
        gone.spærret = now()
        session.commit()
        gone_id = gone.id
    with kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=gone_id)) as session:
        for _ in range(2):
            opret_opgave(session, titel="Ring", frist=today())
        session.commit()
    dpo, hende = klient(Rolle.DATABESKYTTELSE), klient(None)
    with Session(db.get_bind()) as plain:
        bruger = plain.get_one(Bruger, hold.hun)
        plain.expunge(bruger)
    hende.sign_in(bruger)
    assert "Testa Beboerrådgiver: 2 opgaver" in dpo.get("/overdragelser/alle").text
    url = dpo.send("/overdragelser/alle", {"fra": gone_id, "til": hold.hun, "grund": "ophørt"}).headers["Location"]
    assert "Overdraget: 2 opgaver. Modtageren har fået besked." in dpo.get("/overdragelser").text
    told = hende.get("/beskeder").text
    assert ("2 opgaver er overdraget" in told, "1 beboer er overdraget" in told) == (True, False)
    for page in (url, "/overdragelser"):
        assert "2 opgaver" in hende.get(page).text
    opret_opgave(hold.min, titel="Ring", frist=today())
    hold.min.commit()
    spær(kontekst, hold.jeg)
    dpo.send("/overdragelser/alle", {"fra": hold.jeg, "til": hold.hun, "grund": "ophørt"})
    told = hende.get("/beskeder").text
    for words in (
        "1 beboer er overdraget",
        "1 opgave er overdraget",
        "1 henvisning, restancesag eller anonym kontakt er overdraget",
    ):
        assert words in told
    assert dpo.send(f"{url}/tilbage").status_code == 303
    assert dpo.send(f"{url}/tilbage").status_code == 303
    assert "Givet tilbage" in dpo.get("/overdragelser").text


@SQLITE
def test_what_has_gone_on_since_is_not_given_back(hold: Hold) -> None:
    row = hold.giv()
    beboer = hold.hendes.get_one(Beboer, hold.beboer)
    beboer.ejer_id = hold.jeg
    for model, id_ in ((Opgave, hold.opgave), (Restancesag, hold.sag)):
        hold.hendes.get_one(model, id_).ejer_id = hold.jeg
    hold.hendes.get_one(Henvisning, hold.henvisning).rådgiver_id = hold.jeg
    hold.hendes.commit()
    with pytest.raises(Konflikt, match="ikke noget at give tilbage"):
        handing.giv_tilbage(hold.hendes, row.id)


@SQLITE
def test_every_user_who_has_something_is_shown_with_the_way_to_hand_it_over(
    hold: Hold, kontekst: Nøglekontekst, klient: Callable[[Rolle | None], Klient]
) -> None:
    dpo, way = klient(Rolle.DATABESKYTTELSE), f'href="/overdragelser/alle?fra={hold.jeg}"'
    har = "Har 1 beboer, 1 opgave, 1 henvisning, 1 restancesag og 1 anonym kontakt."
    works = dpo.get(f"/brugere/{hold.jeg}").text
    assert (har in works, way in works, "spær først brugeren" in works) == (True, True, True)
    assert "/overdragelser/alle" not in dpo.get(f"/brugere/{hold.hun}").text
    assert "spær hende først" in dpo.get(f"/overdragelser/alle?fra={hold.jeg}").text
    spær(kontekst, hold.jeg)
    gone = dpo.get(f"/brugere/{hold.jeg}").text
    assert (har in gone, way in gone, "spær først brugeren" in gone) == (True, True, False)
    assert re.search(f'<option selected value="{hold.jeg}"', dpo.get(f"/overdragelser/alle?fra={hold.jeg}").text)


@SQLITE
def test_nobody_is_told_of_what_went_to_a_third(
    hold: Hold, kontekst: Nøglekontekst, klient: Callable[[Rolle | None], Klient], personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        gone = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "gone").id
        sag = session.get_one(Restancesag, hold.sag)
        session.flush()
        sag.ejer_id = gone
        session.commit()
    spær(kontekst, gone)
    dpo = klient(Rolle.DATABESKYTTELSE)
    form = {"fra": gone, "til": hold.hun, "grund": "ophørt"}
    page = dpo.get(dpo.send("/overdragelser/alle", form).headers["Location"]).text
    assert "Alt handlede om andre kollegers beboere." in page
    assert hold.hendes.exec(select(Besked).where(Besked.bruger_id == hold.hun)).all() == []
