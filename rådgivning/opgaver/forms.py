"""Forms of the room."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.database import today
from rådgivning.felter import DatoFelt, Formular, NotatFelt, SkjultFelt, TekstFelt, ValgFelt, påkrævet
from rådgivning.opgaver.recurring import Gentagelse
from rådgivning.opgaver.tasks import Rytme

LÆNGST_FREM = timedelta(days=3 * 366)


def inden_for_rimelighed(_form: FlaskForm, field: Field) -> None:
    """A deadline years away is a typing error."""
    if field.data and not date(2000, 1, 1) <= field.data <= today() + LÆNGST_FREM:
        raise ValidationError("Fristen ligger for langt væk. Kontrollér årstallet.")


class GentagelseFelt(ValgFelt):
    """A rhythm; nothing chosen is none."""

    empty_label = Gentagelse.INGEN.etiket


class OpgaveFormular(Formular):
    """A task: what, by when, for whom, and whether it comes again."""

    titel = TekstFelt("Hvad skal gøres?", [påkrævet("Skriv, hvad der skal gøres.")])
    frist = DatoFelt("Frist", [påkrævet("Vælg en frist."), inden_for_rimelighed])
    gentages = GentagelseFelt("Kommer den igen?", choices=[(g.value, g.etiket) for g in Gentagelse if g])
    gentages_til = DatoFelt("Sidste gang (kan udelades)", [inden_for_rimelighed])
    beboer_tekst = TekstFelt("Beboer (kan udelades)")
    beboer_id = SkjultFelt()
    note = NotatFelt("Note")
    version = SkjultFelt()

    @property
    def shown_version(self) -> int:
        """The version the form was shown with; 0, which is nobody's, when it is missing or changed."""
        return int(self.version.data) if re.fullmatch(r"[1-9]\d{0,8}", self.version.data, re.ASCII) else 0

    @property
    def beboer(self) -> uuid.UUID | None:
        """The chosen resident; None when there is none or the hidden field holds no id."""
        try:
            return uuid.UUID(self.beboer_id.data) if self.beboer_id.data else None
        except ValueError:
            return None

    @property
    def rytme(self) -> Rytme:
        """How often it comes again."""
        return Rytme(Gentagelse(self.gentages.data), self.gentages_til.data)

    def validate_beboer_tekst(self, field: Field) -> None:
        """A name that was typed but not chosen would be lost without a word."""
        if field.data and self.beboer is None:
            raise ValidationError("Vælg beboeren på listen, eller tøm feltet.")

    def validate_gentages_til(self, field: Field) -> None:
        """A series cannot end before it begins."""
        if self.gentages.data and field.data and self.frist.data and field.data < self.frist.data:
            raise ValidationError("Sidste gang kan ikke ligge før fristen.")


class FristFormular(Formular):
    """Another deadline, from a button."""

    frist = DatoFelt("Frist", [påkrævet("Vælg en frist."), inden_for_rimelighed])


class OverdragFormular(Formular):
    """Who gets the task."""

    til = ValgFelt("Hvem skal have opgaven?", [påkrævet("Vælg en kollega.")], widget=ListWidget(prefix_label=False))


class SletFormular(Formular):
    """Nothing but the confirmation."""
