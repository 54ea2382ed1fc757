"""Forms of the room."""

from __future__ import annotations

from datetime import date, timedelta

from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.dansk import om_måneder
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
from rådgivning.plan.schema import Samtykkeregler
from rådgivning.samtykker.consents import ANDET
from rådgivning.samtykker.models import MUNDTLIGT, SKRIFTLIGT, SamtykkeData

TIDLIGST = timedelta(days=366)
MÅDER = [(MUNDTLIGT, "Mundtligt"), (SKRIFTLIGT, "Skriftligt")]
TRUKKET_MÅDER = [
    ("mundtligt", "Mundtligt, ved en samtale"),
    ("telefon", "I telefonen"),
    ("skriftligt", "Skriftligt: brev, mail eller sms"),
    ("anden", "Gennem en anden, der handler for beboeren"),
]


def nyligt(_form: object, field: Field) -> None:
    """A consent given years ago is a typing error."""
    if field.data and field.data < today() - TIDLIGST:
        raise ValidationError("Datoen ligger for langt tilbage. Kontrollér årstallet.")


class SamtykkeFormular(Formular):
    """What the resident says yes to. `regler` are the plan's: how long a consent may hold."""

    formål = TekstFelt("Hvad må oplysningerne bruges til?", [påkrævet("Skriv, hvad samtykket gælder.")])
    hvad = TekstFelt("Hvilke oplysninger må gives?", [påkrævet("Skriv, hvilke oplysninger det er.")])
    modtagere = FlervalgFelt("Hvem må få oplysninger?", [påkrævet("Vælg mindst én, der må få oplysninger.")])
    andre = TekstFelt("Hvem er de andre?")
    til = DatoFelt("Gælder til og med", [påkrævet("Vælg, hvor længe samtykket gælder.")])
    måde = ValgFelt(
        "Hvordan er det givet?",
        [påkrævet("Vælg, hvordan samtykket er givet.")],
        choices=MÅDER,
        widget=ListWidget(prefix_label=False),
    )
    givet = DatoFelt(
        "Givet eller underskrevet den", [påkrævet("Skriv, hvornår det er givet."), ikke_i_fremtiden, nyligt]
    )
    anledning = TekstFelt("Hvornår og hvordan blev det sagt?")
    vidne = TekstFelt("Hvem hørte det?")
    opbevares = TekstFelt("Hvor ligger det underskrevne papir?")
    ordlyd = NotatFelt("Beboerens ord eller en note (kan udelades)")
    fornyer = SkjultFelt()
    tilbage = SkjultFelt()
    regler = Samtykkeregler()

    def validate_til(self, field: DatoFelt) -> None:
        """A consent is asked for again now and then; one in the past permits nothing."""
        months = self.regler.højst_måneder
        if field.data and not today() <= field.data <= om_måneder(today(), months):
            raise ValidationError(f"Vælg en dato fra i dag og højst {months} måneder frem.")

    def validate_andre(self, field: TekstFelt) -> None:
        """Others must be named: a consent to whoever it may be is none."""
        if ANDET in (self.modtagere.data or ()) and not field.data:
            raise ValidationError("Skriv, hvem de andre er.")

    def validate_anledning(self, field: TekstFelt) -> None:
        """An oral consent can only be shown by what was written down of it."""
        if self.måde.data == MUNDTLIGT and not field.data:
            raise ValidationError("Skriv, hvornår og hvordan det blev sagt, fx ved samtalen på kontoret.")

    def validate_opbevares(self, field: TekstFelt) -> None:
        """A paper nobody can find shows nothing."""
        if self.måde.data == SKRIFTLIGT and not field.data:
            raise ValidationError("Skriv, hvor papiret ligger.")

    def samtykke(self) -> SamtykkeData:
        """What the form says, without what does not belong to how it was given."""
        oral = self.måde.data == MUNDTLIGT
        return SamtykkeData(
            formål=self.formål.data,
            hvad=self.hvad.data,
            modtagere=self.modtagere.data,
            andre=self.andre.data if ANDET in self.modtagere.data else "",
            måde=self.måde.data,
            givet=self.givet.data,
            anledning=self.anledning.data if oral else "",
            vidne=self.vidne.data if oral else "",
            opbevares="" if oral else self.opbevares.data,
            ordlyd=self.ordlyd.data,
        )


class TrækTilbageFormular(Formular):
    """A withdrawal: when and how the resident said so, what follows, and the page it was asked for on."""

    den = DatoFelt("Trukket tilbage den", [påkrævet("Skriv, hvornår beboeren sagde det."), ikke_i_fremtiden])
    måde = ValgFelt(
        "Hvordan?",
        [påkrævet("Vælg, hvordan beboeren sagde det.")],
        choices=TRUKKET_MÅDER,
        widget=ListWidget(prefix_label=False),
    )
    virkning = NotatFelt("Hvad skal der ske med det, der allerede er fortalt? (kan udelades)")
    tilbage = SkjultFelt()
    givet: date | None = None

    def validate_den(self, field: DatoFelt) -> None:
        """Nobody takes back what she has not given yet."""
        if field.data and self.givet and field.data < self.givet:
            raise ValidationError("Samtykket var ikke givet endnu den dag.")
