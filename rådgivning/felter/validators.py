"""Rules a form puts on its fields, named so that a form reads as a sentence."""

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

from rådgivning import database
from rådgivning.dansk import tal
from rådgivning.felter.messages import UDFYLD_BESKED, length_error


class påkrævet:  # noqa: N801 - reads as a word in the forms
    """The field must be answered; 0, nej and ved ikke are answers. What could not be read has its own message."""

    def __init__(self, besked: str = UDFYLD_BESKED) -> None:
        self.besked = besked
        self.field_flags = {"required": True}

    def __call__(self, form: FlaskForm, field: Field) -> None:
        """Stop with the message when nothing was answered."""
        if field.data in (None, "", []) and not field.process_errors and not getattr(field, "answered", False):
            raise StopValidation(self.besked)


class højst:  # noqa: N801 - reads as a word in the forms
    """At most `n`: characters of a text, choices of a list, or the number itself."""

    def __init__(self, n: int, besked: str = "") -> None:
        self.n, self.besked = n, besked

    def __call__(self, form: FlaskForm, field: Field) -> None:
        """Refuse more."""
        data = field.data
        size = len(data) if isinstance(data, str | list) else data
        if size is None or size <= self.n:
            return
        if isinstance(data, str):
            message = length_error(size, self.n)
        else:
            message = f"Vælg højst {tal(self.n)}." if isinstance(data, list) else f"Tallet må højst være {tal(self.n)}."
        raise ValidationError(self.besked or message)


def ikke_i_fremtiden(_form: FlaskForm, field: Field) -> None:
    """The date may be today at the latest."""
    if field.data and field.data > database.today():
        raise ValidationError("Datoen ligger i fremtiden.")
