"""Fields where something is chosen: one of a list, several of a list, ja or nej."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from wtforms import SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget, RadioInput, Select

from rådgivning.felter.messages import VALG_BESKED


def _as_choices(choices: Iterable[tuple[str, str] | SelectChoice] | None) -> list[SelectChoice]:
    """Pairs of key and label (as `plan.lister.valg` gives them) in the form WTForms wants."""
    return [c if isinstance(c, SelectChoice) else SelectChoice(c[0], c[1]) for c in choices or ()]


class ValgFelt(SelectField):  # type: ignore[misc]
    """One of a list of (key, label); `data` is the key, "" when nothing is chosen.

    `choices` may be set per request. A drop-down starts with "Vælg …"; with `widget=ListWidget()` it is radio buttons.
    """

    data: str
    option_widget = RadioInput()
    empty_label: ClassVar[str] = "Vælg …"

    def __init__(self, label: str | None = None, validators: Any = None, *, choices: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, choices=(), **kwargs)
        self.choices = choices

    @property
    def choices(self) -> list[SelectChoice]:
        """The choices, the empty one first in a drop-down."""
        return self._options

    @choices.setter
    def choices(self, value: Iterable[tuple[str, str] | SelectChoice] | None) -> None:
        empty = [SelectChoice("", self.empty_label)] if isinstance(self.widget, Select) else []
        self._options = empty + [choice for choice in _as_choices(value) if choice.value]

    def process_data(self, value: object) -> None:
        """Take a key from the program; None is nothing chosen."""
        self.data = "" if value is None else str(value)

    def pre_validate(self, form: Any) -> None:
        """Nothing chosen is left to `påkrævet`; a key that is not on the list is refused."""
        if self.data:
            super().pre_validate(form)


class FlervalgFelt(SelectMultipleField):  # type: ignore[misc]
    """Any number of a list of (key, label) as checkboxes; `data` is the list of keys in the order of the list."""

    data: list[str]
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str | None = None, validators: Any = None, *, choices: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, choices=(), **kwargs)
        self.choices = choices

    @property
    def choices(self) -> list[SelectChoice]:
        """The choices."""
        return self._options

    @choices.setter
    def choices(self, value: Iterable[tuple[str, str] | SelectChoice] | None) -> None:
        self._options = _as_choices(value)

    def process_data(self, value: Iterable[str] | None) -> None:
        """Take keys from the program; None is nothing chosen."""
        self.data = [str(key) for key in value or ()]

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was chosen, each key once."""
        super().process_formdata(list(dict.fromkeys(valuelist)))

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Put the keys in the order of the list."""
        if not self.errors:
            self.data = [choice.value for choice in self.choices if choice.value in self.data]


class JaNejFelt(SelectField):  # type: ignore[misc]
    """Radio buttons ja, nej, ved ikke; `data` is True, False or None. Without `ved_ikke` None means not answered."""

    data: bool | None
    widget = ListWidget(prefix_label=False)
    option_widget = RadioInput()
    answers: ClassVar[dict[str, bool | None]] = {"ja": True, "nej": False, "ved_ikke": None}

    def __init__(
        self, label: str | None = None, validators: Any = None, *, ved_ikke: bool = True, **kwargs: Any
    ) -> None:
        choices = [SelectChoice("ja", "Ja"), SelectChoice("nej", "Nej"), SelectChoice("ved_ikke", "Ved ikke")]
        super().__init__(label, validators, choices=choices[: 3 if ved_ikke else 2], coerce=self._coerce, **kwargs)

    @classmethod
    def _coerce(cls, value: object) -> bool | None:
        """The meaning of an answer from a form (a word) or from the program (a bool)."""
        if value is None or isinstance(value, bool):
            return value
        if value in ("", *cls.answers):
            return cls.answers.get(str(value))
        raise ValueError(VALG_BESKED)

    def pre_validate(self, form: Any) -> None:
        """Nothing more: `_coerce` has refused unknown answers, and no answer is left to `påkrævet`."""

    @property
    def answered(self) -> bool:
        """Whether an answer was sent, "ved ikke" included."""
        return bool(self.raw_data and self.raw_data[0])
