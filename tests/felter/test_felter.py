"""Forms: Danish messages, clean text, no CPR numbers, and nothing typed is lost."""

import datetime as dt
import unicodedata
import uuid
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import wtforms
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import FieldList, FormField, PasswordField, StringField, validators
from wtforms.fields import SelectChoice
from wtforms.widgets import ListWidget

from rådgivning.felter import (
    BeløbFelt,
    DatoFelt,
    DecimalFelt,
    FlervalgFelt,
    Formular,
    JaNejFelt,
    KlokkeslætFelt,
    NotatFelt,
    SkjultFelt,
    TalFelt,
    TekstFelt,
    TelefonFelt,
    ValgFelt,
    højst,
    ikke_i_fremtiden,
    påkrævet,
)
from rådgivning.felter.messages import CPR_BESKED, STYRETEGN_BESKED, VALG_BESKED

ARTER = [("en_til_en", "En til en"), ("opsøgende", "Opsøgende")]


class Inner(wtforms.Form):  # type: ignore[misc]
    """A form inside another."""

    tekst = TekstFelt("Tekst")


class Everything(Formular):
    """One field of each kind."""

    navn = TekstFelt("Navn", [påkrævet("Skriv et navn.")])
    kort = TekstFelt("Kort", [højst(5)])
    notat = NotatFelt("Notat")
    dato = DatoFelt("Dato", [ikke_i_fremtiden])
    art = ValgFelt("Art", [påkrævet("Vælg en art.")], choices=ARTER)
    emner = FlervalgFelt("Emner", [højst(2)], choices=[("gæld", "Gæld"), ("helbred", "Helbred"), ("bolig", "Bolig")])
    antal = TalFelt("Antal", [højst(50)])
    andel = DecimalFelt("Andel", decimaler=1, højst=100)
    beløb = BeløbFelt("Beløb")
    aftale = JaNejFelt("Aftale")
    svar = JaNejFelt("Svar", [påkrævet("Svar ja eller nej.")], ved_ikke=False)
    telefon = TelefonFelt("Telefon")
    version = SkjultFelt("Version")


VALID = {"navn": "Zxq Prøvesen", "art": "opsøgende", "svar": "nej"}


def make(form: Any = Everything, **typed: Any) -> Any:
    """The form as it is after a POST of what was typed, without a request."""
    return form(formdata=MultiDict(typed), meta={"csrf": False})


def shown(form: Any = Everything, **values: Any) -> Any:
    """The form as it is shown with values of the program, without a request."""
    return form(formdata=None, meta={"csrf": False}, data=values)


def errors(field: str, typed: Any, form: type[Formular] = Everything) -> list[str]:
    """The messages at one field when this is typed into it."""
    sent = make(form, **(VALID | {field: typed}))
    sent.validate()
    return list(sent[field].errors)


def test_a_filled_form_gives_values() -> None:
    form = make(
        **VALID,
        notat="linje 1\r\nlinje 2",
        dato="20.11.2026",
        emner="bolig",
        antal="12",
        andel="7,8",
        beløb="1.234,50",
        aftale="ja",
        telefon="20 12 34 56",
    )
    assert form.validate(), form.errors
    assert form.navn.data == "Zxq Prøvesen"
    assert form.notat.data == "linje 1\nlinje 2"
    assert form.dato.data == dt.date(2026, 11, 20)
    assert (form.art.data, form.emner.data) == ("opsøgende", ["bolig"])
    assert (form.antal.data, form.andel.data, form.beløb.data) == (12, Decimal("7.8"), Decimal("1234.50"))
    assert (form.aftale.data, form.svar.data) == (True, False)
    assert form.telefon.data == "+4520123456"


def test_an_empty_form_gives_empty_values() -> None:
    for form in (make(**dict.fromkeys(Everything(formdata=None, meta={"csrf": False}).data, "")), make(), shown()):
        data = {name: value for name, value in form.data.items() if name != "formular_id"}
        texts = {"navn", "kort", "notat", "art", "telefon", "version"}
        assert {name for name, value in data.items() if value == ""} == texts
        assert {name for name, value in data.items() if value is None} == data.keys() - texts - {"emner"}


def test_values_of_the_program_are_shown_in_the_form_danes_read() -> None:
    form = shown(dato=dt.date(2026, 11, 20), beløb=Decimal(1500), antal=7, telefon="+4520123456", andel=Decimal("7.8"))
    values = [field._value() for field in (form.dato, form.beløb, form.antal, form.telefon, form.andel)]
    assert values == ["2026-11-20", "1.500,00", "7", "20 12 34 56", "7,8"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("dato", "31.02.2026"), ("antal", "mange"), ("beløb", "1,2,3"), ("telefon", "12"), ("navn", "x" * 201)],
)
def test_what_was_typed_wrong_stays_in_the_field(field: str, typed: str) -> None:
    form = make(**(VALID | {field: typed}))
    assert not form.validate()
    assert form[field].errors
    assert form[field]._value() == typed
    assert typed in form[field]()


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("navn", " \u200b ", "Skriv et navn."),
        ("navn", "x" * 201, "Teksten er 201 tegn lang; der er plads til 200."),
        ("kort", "seksex", "Teksten er 6 tegn lang; der er plads til 5."),
        ("notat", "x" * 10_485_760, "Teksten er 10.485.760 tegn lang; der er plads til 20.000."),
        ("antal", "9" * 201, "Teksten er 201 tegn lang; der er plads til 200."),
        ("dato", "31.02.2026", "Den dato findes ikke i kalenderen. Skriv den som 21.11.2026."),
        ("dato", "21.11.2026", "Datoen ligger i fremtiden."),
        ("art", "", "Vælg en art."),
        ("art", "ukendt", VALG_BESKED),
        ("emner", "ukendt", VALG_BESKED),
        ("antal", "1,5", "Skriv et helt tal, fx 12."),
        ("antal", "-1", "Tallet skal ligge mellem 0 og 1.000.000."),
        ("antal", "51", "Tallet må højst være 50."),
        ("andel", "100,1", "Tallet skal ligge mellem 0 og 100."),
        ("andel", "7,85", "Skriv tallet med højst 1 decimal."),
        ("beløb", "1e5", "Skriv et tal, fx 1.234,50."),
        ("aftale", "måske", VALG_BESKED),
        ("svar", "", "Svar ja eller nej."),
        (
            "telefon",
            "123",
            "Et dansk telefonnummer har 8 cifre, fx 20 12 34 56. Et udenlandsk begynder med + og landekoden.",
        ),
        ("formular_id", "1", "Formularens nummer er ikke gyldigt. Tryk på knappen igen."),
    ],
)
def test_each_mistake_has_its_sentence_at_its_field(field: str, typed: str, message: str) -> None:
    assert errors(field, typed) == [message]


def test_more_choices_than_allowed_are_refused() -> None:
    form = Everything(
        formdata=MultiDict([*VALID.items(), *[("emner", k) for k in ("bolig", "gæld", "helbred")]]),
        meta={"csrf": False},
    )
    assert not form.validate()
    assert form.emner.errors == ["Vælg højst 2."]


def test_several_choices_come_once_each_in_the_order_of_the_list() -> None:
    form = Everything(
        formdata=MultiDict([*VALID.items(), *[("emner", k) for k in ("bolig", "gæld", "bolig")]]), meta={"csrf": False}
    )
    assert form.validate(), form.errors
    assert form.emner.data == ["gæld", "bolig"]


def test_zero_nej_and_ved_ikke_are_answers() -> None:
    class Required(Formular):
        antal = TalFelt("Antal", [påkrævet()])
        aftale = JaNejFelt("Aftale", [påkrævet()])

    assert make(Required, antal="0", aftale="nej").validate()
    form = make(Required, antal="0", aftale="ved_ikke")
    assert form.validate()
    assert form.aftale.data is None
    assert errors("aftale", "", Required) == ["Feltet skal udfyldes."]


def test_what_could_not_be_read_is_not_called_missing() -> None:
    class Required(Formular):
        dato = DatoFelt("Dato", [påkrævet("Skriv en dato.")])

    assert errors("dato", "i går", Required) == ["Skriv datoen som 21.11.2026."]
    assert errors("dato", "", Required) == ["Skriv en dato."]


def test_choices_can_be_set_per_request_and_start_with_the_empty_one() -> None:
    form = shown()
    form.art.choices = [("a", "A"), SelectChoice("b", "B")]
    assert [(c.value, c.label) for c in form.art.iter_choices()] == [("", "Vælg …"), ("a", "A"), ("b", "B")]
    form.emner.choices = None
    assert form.emner.iter_choices() == []


def test_radio_buttons_have_no_empty_choice() -> None:
    class Radio(Formular):
        art = ValgFelt("Art", choices=ARTER, widget=ListWidget())

    form = make(Radio)
    assert form.validate()
    assert form.art.data == ""
    assert [c.selected for c in form.art.iter_choices()] == [False, False]
    assert 'type="radio"' in form.art()


def test_ved_ikke_is_chosen_until_something_else_is() -> None:
    form = shown(svar=True)
    assert [c.selected for c in form.aftale.iter_choices()] == [False, False, True]
    assert [c.selected for c in form.svar.iter_choices()] == [True, False]
    assert [c.selected for c in shown().svar.iter_choices()] == [False, False]


CPR_TEXTS = ["010165-1234", "0101651234", "Zxq 010165 1234"]


@pytest.mark.parametrize("field", [name for name in shown().data if name != "formular_id"])
@pytest.mark.parametrize("text", CPR_TEXTS)
def test_a_cpr_number_is_refused_in_every_field_and_stays_visible(field: str, text: str) -> None:
    form = make(**(VALID | {field: text}))
    assert not form.validate()
    assert CPR_BESKED in form[field].errors
    assert [name for name, found in form.errors.items() if CPR_BESKED in found] == [field]


def test_a_cpr_number_is_refused_inside_lists_and_forms_and_in_foreign_fields() -> None:
    class Nested(Formular):
        liste = FieldList(StringField("Linje"), min_entries=1)
        del_ = FormField(Inner)
        rå = StringField("Rå", [validators.Optional()])

    form = make(Nested, **{"liste-0": "ok", "liste-1": "0101651234", "del_-tekst": "010165-1234", "rå": "010165-1234"})
    assert not form.validate()
    assert CPR_BESKED in form.liste.entries[1].errors
    assert CPR_BESKED in form.del_.form.tekst.errors
    assert CPR_BESKED in form.rå.errors
    assert not form.liste.entries[0].errors


def test_ids_and_passwords_are_not_taken_for_cpr_numbers() -> None:
    class Login(Formular):
        kodeord = PasswordField("Kodeord")
        beboer = SkjultFelt("Beboer")

    form = make(
        Login,
        kodeord="010165-1234",
        beboer="0101651a-1234-4abc-8abc-a0101651234b",
        formular_id="7f000000-0000-4000-8000-a0101651234b",
    )
    assert form.validate(), form.errors


def test_text_is_composed_and_trimmed() -> None:
    form = make(navn=" A\u030ase\u200b Op\u00addigtet\ufeff ")
    assert form.navn.data == "Åse Opdigtet"


@given(st.text())
def test_kept_text_is_nfc_without_control_characters(text: str) -> None:
    form = make(notat=text, navn=text)
    form.validate()
    if not form.notat.errors:
        kept = form.notat.data
        assert unicodedata.is_normalized("NFC", kept)
        assert not any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in kept)
        assert form.notat.data == make(notat=kept).notat.data
    if not form.navn.errors:
        assert not any(unicodedata.category(sign) == "Cc" for sign in form.navn.data)


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\ud800"])
def test_control_characters_are_refused(sign: str) -> None:
    assert errors("navn", f"Zxq{sign}Prøvesen") == [STYRETEGN_BESKED]
    assert errors("notat", f"Zxq{sign}Prøvesen") == [STYRETEGN_BESKED]


def test_lines_are_kept_in_notes_and_refused_in_one_line_fields() -> None:
    assert make(notat="a\r\nb\rc\n\td").notat.data == "a\nb\nc\n\td"
    assert errors("navn", "a\nb") == [STYRETEGN_BESKED]


def test_a_file_sent_as_text_is_refused() -> None:
    for field in ("navn", "dato", "art", "formular_id"):
        assert errors(field, FileStorage(BytesIO(b"x"), "x.txt")), field


def test_the_length_of_a_text_is_a_setting_of_the_field() -> None:
    class Long(Formular):
        tekst = TekstFelt("Tekst", max_længde=500)

    assert errors("tekst", "x" * 500, Long) == []
    assert errors("tekst", "x" * 501, Long) == ["Teksten er 501 tegn lang; der er plads til 500."]


def test_the_browser_is_asked_not_to_remember_anything() -> None:
    form = shown()
    assert all('autocomplete="off"' in field() for field in form if not isinstance(field.widget, ListWidget))

    class Login(Formular):
        navn = StringField("Navn", render_kw={"autocomplete": "username"})

    assert 'autocomplete="username"' in shown(Login).navn()


def test_a_shown_form_has_a_fresh_id_and_a_sent_one_keeps_it() -> None:
    first, second = shown(), shown()
    assert first.formular_id.data != second.formular_id.data
    assert first.formular_id.data.version == 4
    sent = make(**VALID, formular_id=first.formular_id._value())
    assert sent.validate(), sent.errors
    assert sent.formular_id.data == first.formular_id.data
    assert isinstance(make(**VALID).formular_id.data, uuid.UUID)


@pytest.mark.parametrize(
    "text", ["", "x", "{7f000000-0000-4000-8000-000000000000}", "7f000000-0000-1000-8000-000000000000", "1" * 32]
)
def test_an_invalid_form_id_is_refused_and_replaced(text: str) -> None:
    form = make(**VALID, formular_id=text)
    assert not form.validate()
    assert uuid.UUID(form.formular_id._value()).version == 4


def test_the_own_message_of_a_limit_is_used() -> None:
    class Own(Formular):
        tekst = TekstFelt("Tekst", [højst(1, "Kun ét tegn.")])
        antal = TalFelt("Antal", [højst(5)])

    assert errors("tekst", "xy", Own) == ["Kun ét tegn."]
    assert errors("antal", "", Own) == []


def test_today_is_not_in_the_future() -> None:
    assert errors("dato", "2026-11-20") == []
    assert errors("dato", "") == []


class Klokken(Formular):
    """A form with a time of day."""

    start = KlokkeslætFelt("Klokken")


def test_a_time_is_shown_in_a_picker_and_what_is_no_time_as_it_was_typed() -> None:
    read, unread = make(Klokken, start="9.30"), make(Klokken, start="halv ti")
    assert (read.start.data, unread.start.data) == (dt.time(9, 30), None)
    assert 'type="time" value="09:30"' in str(read.start())
    assert 'type="text" value="halv ti"' in str(unread.start())
    assert not unread.validate()
    assert unread.start.errors == ["Skriv klokkeslættet som 14.05."]
