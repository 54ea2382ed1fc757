"""Forms of the room."""

from __future__ import annotations

from datetime import timedelta

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.database import today
from rådgivning.felter import (
    DatoFelt,
    FlervalgFelt,
    Formular,
    NotatFelt,
    SkjultFelt,
    TekstFelt,
    ValgFelt,
    ikke_i_fremtiden,
    påkrævet,
)

LÆNGST = timedelta(days=2 * 366)
TIDLIGST = timedelta(days=366)
MÅDER = [("mundtligt", "Mundtligt"), ("skriftligt", "Skriftligt")]


def ikke_for_længe(_form: FlaskForm, field: Field) -> None:
    """A consent is asked for again now and then; one in the past permits nothing."""
    if field.data and not today() <= field.data <= today() + LÆNGST:
        raise ValidationError("Vælg en dato fra i dag og højst to år frem.")


def nyligt(_form: FlaskForm, field: Field) -> None:
    """A consent given years ago is a typing error."""
    if field.data and field.data < today() - TIDLIGST:
        raise ValidationError("Datoen ligger for langt tilbage. Kontrollér årstallet.")


class SamtykkeFormular(Formular):
    """What the resident says yes to."""

    formål = TekstFelt("Hvad må oplysningerne bruges til?", [påkrævet("Skriv, hvad samtykket gælder.")])
    modtagere = FlervalgFelt("Hvem må få oplysninger?", [påkrævet("Vælg mindst én, der må få oplysninger.")])
    til = DatoFelt("Gælder til og med", [påkrævet("Vælg, hvor længe samtykket gælder."), ikke_for_længe])
    måde = ValgFelt(
        "Hvordan er det givet?",
        [påkrævet("Vælg, hvordan samtykket er givet.")],
        choices=MÅDER,
        widget=ListWidget(prefix_label=False),
    )
    givet = DatoFelt("Givet den", [påkrævet("Skriv, hvornår samtykket er givet."), ikke_i_fremtiden, nyligt])
    ordlyd = NotatFelt("Beboerens ord eller en note (kan udelades)")


class TrækTilbageFormular(Formular):
    """A withdrawal, and the page it was asked for on."""

    tilbage = SkjultFelt()
