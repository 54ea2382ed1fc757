"""The macros in templates/komponenter give the markup that assistive technology and the script rely on."""

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Ret
from rådgivning.dansk import FILTERS
from rådgivning.felter import (
    BeløbFelt,
    DatoFelt,
    FlervalgFelt,
    Formular,
    JaNejFelt,
    NotatFelt,
    SkjultFelt,
    TalFelt,
    TekstFelt,
    TelefonFelt,
    ValgFelt,
    påkrævet,
)

ROOT = Path(__file__).parents[2]


class Example(Formular):
    """One field of every kind."""

    art = ValgFelt("Art", [påkrævet("Vælg en art.")], choices=[("a", "Råd"), ("b", "Opsøgende")], widget=ListWidget())
    dato = DatoFelt("Dato", [påkrævet("Skriv en dato.")])
    hovedemne = ValgFelt("Hovedemne", choices=[("x", "Gæld")])
    emner = FlervalgFelt("Emner", choices=[("x", "Gæld"), ("y", "Bolig")])
    beboer = TekstFelt("Beboer")
    beboer_id = SkjultFelt()
    telefon = TelefonFelt("Telefon")
    beløb = BeløbFelt("Beløb")
    varighed = TalFelt("Varighed")
    notat = NotatFelt("Notat", description="Skriv kort.", max_længde=5)
    ved_det = JaNejFelt("Ved beboeren det?")


FIELDS = """
{% from "komponenter/formular.html" import formular %}{% from "komponenter/felt.html" import felt %}
{% call formular(form, kladde="/kladde") %}
{% for f in form if f.widget.input_type != "hidden" %}{{ felt(f) }}{% endfor %}{% endcall %}"""


@pytest.fixture
def app() -> Flask:
    app = Flask("prøve", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "rådgivning" / "static"))
    app.config.update(SECRET_KEY="only for this test", WTF_CSRF_ENABLED=False)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.add_url_rule("/liste", "liste", lambda: "")
    return app


def render(app: Flask, source: str, data: dict[str, Any] | None = None, **context: Any) -> str:
    with app.test_request_context("/ny", method="POST" if data is not None else "GET", data=data):
        form = Example()
        if data is not None:
            form.validate()
        return re.sub(r"\s+", " ", render_template_string(source, form=form, **context))


def test_every_field_has_a_label_and_every_hint_and_error_is_linked(app: Flask) -> None:
    page = render(app, FIELDS, {"notat": "meget langt"})
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert len(ids) == len(re.findall(r'\bid="', page)), "an id stands twice"
    assert set(re.findall(r'<label[^>]* for="([^"]+)"', page)) <= ids
    for described in re.findall(r'aria-describedby="([^"]+)"', page):
        assert set(described.split()) <= ids
    assert 'aria-describedby="notat-hint notat-fejl"' in page
    assert re.search(r'<textarea[^>]*aria-invalid="true"', page)


def test_the_error_summary_links_to_the_first_control_of_each_wrong_field(app: Flask) -> None:
    page = render(app, FIELDS, {"notat": "meget langt", "dato": "2026-11-21"})
    assert '<a href="#notat">Notat: Teksten er 11 tegn lang; der er plads til 5.</a>' in page
    assert '<a href="#art">Art: Vælg en art.</a>' in page
    assert re.search(r'<input type="radio" class="form-radio" id="art" ', page)
    assert 'href="#dato"' not in page
    assert "fejloversigt" not in render(app, FIELDS)


def test_a_date_is_a_date_box_with_the_date_in_words_below(app: Flask) -> None:
    page = render(app, FIELDS, {"dato": "2027-01-02"})
    assert re.search(r'<input[^>]*id="dato"[^>]*type="date"[^>]*value="2027-01-02"', page)
    assert "lørdag den 2. januar 2027, uge 53" in page


def test_a_date_that_cannot_be_read_stays_visible_as_it_was_typed(app: Flask) -> None:
    page = render(app, FIELDS, {"dato": "31/2"})
    assert re.search(r'<input[^>]*id="dato"[^>]*type="text"[^>]*value="31/2"', page)


def test_several_choices_are_check_boxes_and_nothing_is_cut_by_the_browser(app: Flask) -> None:
    page = render(app, FIELDS, {"emner": ["y"]})
    assert re.search(r'type="checkbox"[^>]*name="emner" value="y" checked', page)
    assert "multiple" not in page
    assert re.search(r'type="radio"[^>]*name="ved_det" value="ved_ikke" checked', page)
    assert "maxlength" not in page


def test_what_is_typed_is_escaped(app: Flask) -> None:
    page = render(app, FIELDS, {"notat": "<b>x</b>", "beboer": '"><script>'})
    assert "<b>x" not in page
    assert "<script>" not in page


def test_a_resident_chosen_without_javascript_counts_before_the_hidden_field(app: Flask) -> None:
    source = """{% from "komponenter/formular.html" import formular %}
    {% from "komponenter/beboersøg.html" import beboersøg %}{% call formular(form) %}
    {{ beboersøg(form.beboer, form.beboer_id, træffere=hits, opret="Opret ny") }}{% endcall %}"""
    hit = SimpleNamespace(id="7", navn="Zxq Prøvesen", adresse="Bøgelunden 14", telefon="+4520121234", afdeling="55")
    page = render(app, source, hits=[hit])
    assert page.index('type="radio"') < page.index('name="beboer_id" type="hidden"')
    assert "Zxq Prøvesen, Bøgelunden 14, 20 12 12 34" in page
    assert 'data-søg="/beboere/forslag"' in page


def test_suggestions_are_escaped_options_with_the_id(app: Flask) -> None:
    source = '{% from "komponenter/beboersøg.html" import forslag_liste %}{{ forslag_liste(hits) }}'
    page = render(app, source, hits=[SimpleNamespace(id="7", navn="A & <b>", adresse="", telefon="", afdeling="")])
    assert '<li role="option" data-autocomplete-value="7"' in page
    assert "A &amp; &lt;b&gt;" in page


def test_a_table_has_a_caption_and_no_empty_heading(app: Flask) -> None:
    source = """{% from "komponenter/tabel.html" import tabel %}
    {% call(r) tabel("Opgaver", ["Titel", ""], [1, 2]) %}<th scope="row">{{ r }}</th><td></td>{% endcall %}"""
    page = render(app, source)
    assert ">Opgaver</caption>" in page
    assert page.count('<th scope="col">') == 1
    assert page.count('<th scope="row">') == 2


def test_the_other_macros_render(app: Flask) -> None:
    source = """{% from "komponenter/tidslinje.html" import tidslinje %}
    {% from "komponenter/sideskift.html" import sideskift %}
    {% from "komponenter/tom.html" import tom %}{% from "komponenter/stamdata.html" import stamdata %}
    {% from "komponenter/bekræft.html" import bekræft %}{% from "komponenter/graf.html" import graf %}
    {% from "komponenter/hurtigknap.html" import hurtigknap, nøgletal %}
    {% from "komponenter/knapper.html" import postknap %}
    {{ tidslinje([{"dato": day, "titel": "Påkrav", "mærke": ("over frist", "fejl")}]) }}{{ sideskift(2, 3, "liste") }}
    {{ tom("Ingen") }}{{ stamdata([("Navn", ""), ("Antal", 0)]) }}{{ bekræft(form, "Slet?", "For altid.") }}
    {% call graf("<svg></svg>", "Titel") %}tal{% endcall %}{{ hurtigknap("Ny", "/ny") }}{{ nøgletal(3, "opgaver") }}
    {{ postknap("/x", "Udført", {"id": 3}) }}"""
    page = render(app, source, day=dt.date(2026, 11, 21))
    for text in (
        "lørdag den 21. november 2026",
        "Side 2 af 3",
        "?side=3",
        "<dd>–</dd>",
        "<dd>0</dd>",
        "<svg></svg>",
        "mærke-fejl",
    ):
        assert text in page


def test_the_frame_shows_the_menu_to_a_user_and_a_bare_header_to_a_stranger(app: Flask) -> None:
    source = '{% extends "base.html" %}{% block title %}Prøve{% endblock %}{% block main %}<h1>Prøve</h1>{% endblock %}'
    menu = [SimpleNamespace(titel="Beboere", url="/beboere", aktiv=True)]
    user = SimpleNamespace(navn="Bodil Opdigtet", rolle="beboerrådgiver")
    rights: dict[str, Any] = {"Ret": Ret, "har_ret": {Ret.OPGAVER}.__contains__, "ulæste_beskeder": lambda: 3}
    page = render(app, source, bruger=user, navigation=menu, session_sekunder=900, **rights)
    assert '<html lang="da">' in page
    assert '<a href="/beboere" aria-current="page">Beboere</a>' in page
    assert 'action="/log-ud"' in page
    assert 'href="/opgaver/ny"' in page
    assert "Beskeder, 3 ulæste" in page
    assert '<meta name="session-sekunder" content="900">' in page
    bare = render(app, source, bruger=None, navigation=menu)
    assert "/log-ud" not in bare
    assert "/beboere" not in bare


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_has_a_page_with_a_danish_sentence(app: Flask, code: int) -> None:
    with app.test_request_context("/x"):
        page = render_template("fejl.html", kode=code, fejl_id="a1b2")
        own = render_template("fejl.html", kode=code, besked="En anden har rettet kontakten.")
    assert "Der gik noget galt" not in page
    assert "a1b2" in page
    assert "En anden har rettet kontakten." in own
