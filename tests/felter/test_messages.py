"""No English message reaches the user, and the CSRF check works with the forms."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import flask_wtf
import pytest
import wtforms
from flask import Flask
from flask_wtf.csrf import CSRFError, CSRFProtect
from flask_wtf.file import FileField, FileSize
from werkzeug.datastructures import FileStorage
from wtforms import StringField, validators
from wtforms.fields import SelectChoice

from rådgivning.felter import Formular, TekstFelt, dansk_besked
from rådgivning.felter.messages import BESKEDER, UDLØBET_BESKED
from tests.felter.test_felter import errors, make, shown

PLACEHOLDER = re.compile(r"%\(?\w*\)?[sd]|\{\w+\}")


class Page(Formular):
    """The form of a page."""

    tekst = TekstFelt("Tekst")


def messages_of(package: Any) -> Iterator[str]:
    """Every message text in the source of a package."""
    for path in Path(package.__file__).parent.rglob("*.py"):
        if "recaptcha" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in {"gettext", "ngettext", "ValidationError", "StopValidation", "_error_response"}:
                    yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def test_every_message_of_wtforms_and_flask_wtf_has_a_danish_one() -> None:
    english = {*messages_of(wtforms), *messages_of(flask_wtf)}
    assert len(english) > 45
    assert english <= BESKEDER.keys()


def test_a_danish_message_uses_only_the_placeholders_it_is_given() -> None:
    for english, danish in BESKEDER.items():
        assert set(PLACEHOLDER.findall(danish)) <= set(PLACEHOLDER.findall(english)), english


BUILT_IN = [
    validators.Length(min=3),
    validators.Length(max=1),
    validators.Length(min=1, max=1),
    validators.Length(min=3, max=9),
    validators.Regexp("z"),
    validators.IPAddress(),
    validators.MacAddress(),
    validators.URL(),
    validators.UUID(),
    validators.AnyOf(["a", "b"]),
    validators.NoneOf(["xy"]),
    validators.EqualTo("andet"),
    validators.EqualTo("ingenting"),
    validators.ReadOnly(),
    validators.Disabled(),
]
ENGLISH = re.compile(r"\b(the|field|must|is|not|be|invalid|valid|this|value|number|of|choice)\b", re.IGNORECASE)


@pytest.mark.parametrize("validator", BUILT_IN)
def test_no_english_message_of_a_validator_reaches_the_user(validator: Any) -> None:
    class Checked(Formular):
        tekst = StringField("Tekst", [validator])
        andet = StringField("Andet")

    (message,) = errors("tekst", "xy", Checked)
    assert message
    assert not ENGLISH.search(message)


@pytest.mark.parametrize(
    "field",
    [
        wtforms.DateField(),
        wtforms.DateTimeLocalField(),
        wtforms.DecimalField(),
        wtforms.FloatField(),
        wtforms.IntegerField(),
        wtforms.TimeField(),
        wtforms.WeekField(),
        wtforms.SelectField(choices=[SelectChoice("a", "A")]),
        wtforms.SelectField(coerce=int, choices=[SelectChoice("1", "A")]),
        wtforms.SelectMultipleField(choices=[SelectChoice("a", "A")]),
        wtforms.SelectMultipleField(coerce=int, choices=[SelectChoice("1", "A")]),
        wtforms.StringField(validators=[validators.Length(min=9)]),
    ],
)
def test_no_english_message_of_a_field_reaches_the_user(field: Any) -> None:
    form = make(type("Checked", (Formular,), {"værdi": field}), værdi="xy")
    assert not form.validate()
    assert not any(ENGLISH.search(message) for message in form.værdi.errors)


def test_a_file_of_wrong_size_is_refused_in_danish() -> None:
    class Upload(Formular):
        fil = FileField("Fil", [FileSize(max_size=1)])

    assert errors("fil", FileStorage(BytesIO(b"xyz"), "x.csv"), Upload) == ["Filen er tom eller for stor."]
    assert "autocomplete" not in shown(Upload).fil()


def web_app(*, protect: bool) -> Flask:
    """An app with one form page, CSRF checked for the whole app or by the form alone."""
    app = Flask(__name__)
    app.secret_key = "nøgle"
    if protect:
        CSRFProtect(app)

    @app.route("/", methods=["GET", "POST"])
    def page() -> tuple[str, int]:
        form = Page()
        if form.validate_on_submit():
            return f"gemt {form.formular_id.data}", 200
        return f"{form.hidden_tag()}{form.errors}", 422

    @app.errorhandler(CSRFError)
    def refused(error: CSRFError) -> tuple[str, int]:
        return dansk_besked(str(error.description)), 400

    return app


def hidden_values(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]+)"', page))


@pytest.mark.parametrize("protect", [True, False])
def test_a_form_can_be_sent_with_its_hidden_fields(protect: bool) -> None:
    client = web_app(protect=protect).test_client()
    hidden = hidden_values(client.get("/").text)
    assert hidden.keys() == {"csrf_token", "formular_id"}
    answer = client.post("/", data=hidden | {"tekst": "x"})
    assert (answer.status_code, answer.text) == (200, f"gemt {hidden['formular_id']}")


def test_a_form_without_token_is_refused_in_danish_by_the_form() -> None:
    client = web_app(protect=False).test_client()
    for data in ({"tekst": "x"}, {"tekst": "x", "csrf_token": "x"}):
        answer = client.post("/", data=data)
        assert answer.status_code == 422
        assert UDLØBET_BESKED in answer.text
        assert "CSRF" not in answer.text


def test_a_form_without_token_is_refused_in_danish_by_the_app() -> None:
    client = web_app(protect=True).test_client()
    client.get("/")
    for data in ({"tekst": "x"}, {"tekst": "x", "csrf_token": "x"}):
        answer = client.post("/", data=data)
        assert (answer.status_code, answer.text) == (400, UDLØBET_BESKED)


def test_messages_of_our_own_pass_unchanged() -> None:
    assert dansk_besked("Skriv et navn.") == "Skriv et navn."


def test_a_number_form_of_a_message_is_chosen() -> None:
    class Short(Formular):
        tekst = StringField("Tekst", [validators.Length(min=2, max=-1)])

    assert errors("tekst", "x", Short) == ["Skriv mindst 2 tegn."]
