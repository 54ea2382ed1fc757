"""Text fields: clean NFC text of limited length, without control characters; and the hidden id of a form."""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from wtforms import HiddenField, StringField
from wtforms.widgets import HiddenInput, TextArea

from rådgivning import database
from rådgivning.felter.messages import STYRETEGN_BESKED, length_error

UUID_TEXT = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
# Zero-width signs and soft hyphens come along when text is pasted and mean nothing; joiners are left, they spell names.
_WEIGHTLESS = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def typed_text(valuelist: Sequence[object]) -> str:
    """The first submitted value, NFC, with plain line ends and without outer space; a file sent as text is refused."""
    text = valuelist[0]
    if not isinstance(text, str):
        raise ValueError("Feltet skal være tekst.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_WEIGHTLESS)
    return unicodedata.normalize("NFC", text).strip()


class TekstFelt(StringField):  # type: ignore[misc]
    """One line of text; `data` is a str, "" when empty. `max_længde` characters (200), more is refused, never cut."""

    data: str
    room: ClassVar[int] = 200
    forbidden: ClassVar[re.Pattern[str]] = re.compile(_FORBIDDEN.pattern + "|[\n\t]")

    def __init__(self, label: str | None = None, validators: Any = None, *, max_længde: int = 0, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.max_længde = max_længde or self.room

    def process_data(self, value: object) -> None:
        """Take a value from the program; None is the empty text."""
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was typed; raises ValueError (a message at the field) when it cannot be kept as it is."""
        if not valuelist:
            return
        self.data = typed_text(valuelist)
        if len(self.data) > self.max_længde:
            raise ValueError(length_error(len(self.data), self.max_længde))
        if self.forbidden.search(self.data):
            raise ValueError(STYRETEGN_BESKED)


class NotatFelt(TekstFelt):
    """Several lines of text, up to 20,000 characters; lines and tabs are kept."""

    widget = TextArea()
    room = 20_000
    forbidden = _FORBIDDEN


class SkjultFelt(TekstFelt):
    """A hidden text (an id, a version); checked like typed text, since anybody can change it."""

    widget = HiddenInput()


class FormularIdFelt(HiddenField):  # type: ignore[misc]
    """The id the new row will get, made when the form is shown: sending the same form twice makes one row."""

    data: uuid.UUID

    def process_data(self, value: uuid.UUID | None) -> None:
        """A fresh id unless the program gives one."""
        self.data = value or database.new_id()

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take the id the form was shown with; a form sent without one keeps the fresh id."""
        if not valuelist:
            return
        text = typed_text(valuelist).lower()
        if not UUID_TEXT.fullmatch(text) or uuid.UUID(text).version != 4:
            raise ValueError("Formularens nummer er ikke gyldigt. Tryk på knappen igen.")
        self.data = uuid.UUID(text)
