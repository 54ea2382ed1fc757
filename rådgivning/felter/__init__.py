"""The base of every form and its fields: Danish messages, clean text, and no CPR numbers.

A field keeps what was typed, also when it is wrong, so that nothing has to be typed twice. Data types are fixed:
texts and keys are `str` ("" when empty), several keys a list, everything else is None when empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField, PasswordField
from wtforms.csrf.core import CSRFTokenField
from wtforms.widgets import FileInput, ListWidget

from rådgivning.dansk import ligner_cpr
from rådgivning.felter.choices import FlervalgFelt, JaNejFelt, ValgFelt
from rådgivning.felter.messages import CPR_BESKED, DANISH, Danish, dansk_besked
from rådgivning.felter.text import UUID_TEXT, FormularIdFelt, NotatFelt, SkjultFelt, TekstFelt
from rådgivning.felter.validators import højst, ikke_i_fremtiden, påkrævet
from rådgivning.felter.values import BeløbFelt, DatoFelt, DecimalFelt, KlokkeslætFelt, TalFelt, TelefonFelt

__all__ = [
    "BeløbFelt",
    "DatoFelt",
    "DecimalFelt",
    "FlervalgFelt",
    "Formular",
    "JaNejFelt",
    "KlokkeslætFelt",
    "NotatFelt",
    "SkjultFelt",
    "TalFelt",
    "TekstFelt",
    "TelefonFelt",
    "ValgFelt",
    "dansk_besked",
    "højst",
    "ikke_i_fremtiden",
    "påkrævet",
]


class Formular(FlaskForm):  # type: ignore[misc]
    """Base of every form: Danish messages, no CPR number in any field, `formular_id` as idempotency key."""

    formular_id = FormularIdFelt()

    class Meta:
        """How WTForms makes the fields."""

        def get_translations(self, form: FlaskForm) -> Danish:
            """Danish; WTForms has no Danish catalogue of its own."""
            return DANISH

        def bind_field(self, form: FlaskForm, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Make the field; what is typed about people is never offered again by the browser on a shared machine."""
            field = unbound_field.bind(form=form, **options)
            if not isinstance(field.widget, ListWidget | FileInput):
                field.render_kw = {"autocomplete": "off"} | (field.render_kw or {})
            return field

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, then refuse CPR numbers wherever they were typed."""
        super().process(*args, **kwargs)
        for field in _leaves(self):
            if _holds_cpr(field):
                field.process_errors = [*field.process_errors, CPR_BESKED]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Validate; the messages that bypass translation (those of the CSRF check) are put into Danish as well."""
        valid = bool(super().validate(extra_validators))
        for field in _leaves(self):
            field.errors = [dansk_besked(message) for message in field.errors]
        return valid


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """Every single field, also those inside lists and inner forms."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from _leaves(field)
        else:
            yield field


def _holds_cpr(field: Field) -> bool:
    """Whether a CPR number was sent in the field; passwords and the CSRF token are not kept, so they do not count."""
    if isinstance(field, PasswordField | CSRFTokenField):
        return False
    return any(isinstance(text, str) and ligner_cpr(UUID_TEXT.sub(" ", text)) for text in field.raw_data or ())
