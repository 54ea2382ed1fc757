"""Fields whose text means a value: dates, numbers, amounts and phone numbers."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from wtforms import StringField
from wtforms.widgets import DateInput, TelInput, TextInput, TimeInput

from rådgivning.dansk import normaliser_telefon, parse_dato, parse_klokkeslæt, parse_tal, tal, vis_telefon
from rådgivning.felter.messages import length_error
from rådgivning.felter.text import TekstFelt, typed_text


class _ParsedField(StringField):  # type: ignore[misc]
    """A field whose text means a value: shows the value in its own form, or what was typed when that means none.

    A subclass gives `parse(text)`, which raises ValueError with a Danish sentence, and `show(value)`.
    """

    data: Any

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Read what was typed; None when empty or when it means nothing."""
        if not valuelist:
            return
        self.data = None
        text = typed_text(valuelist)
        if len(text) > TekstFelt.room:
            raise ValueError(length_error(len(text), TekstFelt.room))
        if text:
            self.data = self.parse(text)

    def _value(self) -> str:
        if self.data is not None:
            return str(self.show(self.data))
        return self.raw_data[0] if self.raw_data and isinstance(self.raw_data[0], str) else ""


class DatoFelt(_ParsedField):
    """A date: the browser's own picker (ISO), or typed in any of the forms `parse_dato` knows."""

    data: dt.date | None
    widget = DateInput()

    def parse(self, text: str) -> dt.date:
        """The date."""
        return parse_dato(text)

    def show(self, value: dt.date) -> str:
        """ISO, which `<input type=date>` wants."""
        return value.isoformat()


class _TimeOrText(TimeInput):  # type: ignore[misc]
    """The browser's own picker; what was typed and is no time stays visible, which a picker would show as empty."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """The control."""
        unread = field.data is None and field._value()  # noqa: SLF001 - what WTForms' own widgets read
        widget = TextInput().__call__ if unread else super().__call__
        html: Markup = widget(field, **kwargs)
        return html


class KlokkeslætFelt(_ParsedField):
    """A time of day: the browser's own picker, or typed in any of the forms `parse_klokkeslæt` knows."""

    data: dt.time | None
    widget = _TimeOrText()

    def parse(self, text: str) -> dt.time:
        """The time."""
        return parse_klokkeslæt(text)

    def show(self, value: dt.time) -> str:
        """`14:05`, which `<input type=time>` wants."""
        return f"{value:%H:%M}"


class TalFelt(_ParsedField):
    """A whole number between `mindst` (0) and `højst` (a million), Danish or plain."""

    data: int | None

    def __init__(
        self,
        label: str | None = None,
        validators: Any = None,
        *,
        mindst: int = 0,
        højst: int = 1_000_000,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, render_kw={"inputmode": "numeric"} | kwargs.pop("render_kw", {}), **kwargs)
        self.mindst, self.højst = mindst, højst

    def parse(self, text: str) -> int:
        """The number."""
        number = parse_tal(text)
        if number != number.to_integral_value():
            raise ValueError("Skriv et helt tal, fx 12.")
        return int(_between(number, self.mindst, self.højst))

    def show(self, value: int) -> str:
        """The bare digits."""
        return str(value)


class DecimalFelt(_ParsedField):
    """A number with at most `decimaler` (2) decimals from `mindst` (0) to `højst` (a hundred million)."""

    data: Decimal | None

    def __init__(
        self,
        label: str | None = None,
        validators: Any = None,
        *,
        decimaler: int = 2,
        mindst: int = 0,
        højst: int = 100_000_000,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, render_kw={"inputmode": "decimal"} | kwargs.pop("render_kw", {}), **kwargs)
        self.decimaler, self.mindst, self.højst = decimaler, mindst, højst

    def parse(self, text: str) -> Decimal:
        """The number, with exactly `decimaler` decimals."""
        number = _between(parse_tal(text), self.mindst, self.højst)
        rounded = number.quantize(Decimal(1).scaleb(-self.decimaler))
        if rounded != number:
            raise ValueError(f"Skriv tallet med højst {self.decimaler} decimal{'er' if self.decimaler > 1 else ''}.")
        return rounded

    def show(self, value: Decimal) -> str:
        """As Danes write it."""
        return tal(value, self.decimaler)


class BeløbFelt(DecimalFelt):
    """An amount in kroner and øre."""


class TelefonFelt(_ParsedField):
    """A phone number; `data` is E.164 or "", shown as `20 12 34 56`."""

    data: str
    widget = TelInput()

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Read what was typed; an empty field is the empty text."""
        try:
            super().process_formdata(valuelist)
        finally:
            self.data = self.data or ""

    def process_data(self, value: object) -> None:
        """Take a value from the program; None is the empty text."""
        self.data = "" if value is None else str(value)

    def parse(self, text: str) -> str:
        """E.164."""
        return normaliser_telefon(text)

    def show(self, value: str) -> str:
        """Danish grouping; what was typed when it is no phone number."""
        typed = self.raw_data[0] if self.raw_data and isinstance(self.raw_data[0], str) else ""
        return vis_telefon(value) or typed


def _between(number: Decimal, lowest: int, highest: int) -> Decimal:
    if lowest <= number <= highest:
        return number
    raise ValueError(f"Tallet skal ligge mellem {tal(lowest)} og {tal(highest)}.")
