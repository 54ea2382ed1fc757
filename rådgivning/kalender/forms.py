"""Forms of the room."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import date, time, timedelta

from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.dansk import dato as vis_dato
from rådgivning.database import today
from rådgivning.felter import (
    DatoFelt,
    Formular,
    KlokkeslætFelt,
    NotatFelt,
    SkjultFelt,
    TekstFelt,
    ValgFelt,
    højst,
    påkrævet,
)

LÆNGST_FREM = timedelta(days=366)
TIDLIGST, SENEST = time(6), time(21)
VARIGHEDER = (15, 30, 45, 60, 90, 120)
STANDARD = 45
UDEN_NAVN = "Vej, nummer, etage og dør. Ikke beboerens navn."


def varigheder(har: int = STANDARD) -> list[tuple[str, str]]:
    """How long a visit can last, and how long this one does."""
    return [(str(n), f"{n} minutter") for n in sorted({*VARIGHEDER, har})]


class VersionFormular(Formular):
    """Carries the version that the page was shown with; 0, which is nobody's, when it is missing or changed."""

    version = SkjultFelt()

    @property
    def shown_version(self) -> int:
        """The version."""
        return int(self.version.data) if re.fullmatch(r"[1-9]\d{0,8}", self.version.data, re.ASCII) else 0


class TidFormular(VersionFormular):
    """When a visit is."""

    dato = DatoFelt("Dato", [påkrævet("Vælg en dato.")])
    start = KlokkeslætFelt("Klokken", [påkrævet("Skriv, hvornår besøget begynder.")])
    varighed = ValgFelt("Hvor længe", [påkrævet("Vælg, hvor længe besøget varer.")], choices=varigheder())

    def validate_dato(self, field: Field) -> None:
        """A visit lies ahead, and not years ahead."""
        if field.data and field.data < today():
            raise ValidationError("Datoen er passeret. Vælg i dag eller en senere dag.")
        if field.data and field.data > today() + LÆNGST_FREM:
            raise ValidationError("Datoen ligger over et år ude i fremtiden. Kontrollér årstallet.")

    def validate_start(self, field: Field) -> None:
        """Nobody is visited at night."""
        if field.data and not TIDLIGST <= field.data <= SENEST:
            raise ValidationError("Et besøg skal begynde mellem kl. 6.00 og 21.00.")

    @property
    def når(self) -> tuple[date, time, int]:
        """Date, time and minutes of a validated form."""
        if self.dato.data is None or self.start.data is None:
            raise ValueError("the form was not validated")
        return self.dato.data, self.start.data, int(self.varighed.data)

    @property
    def tegn(self) -> str:
        """The time as the button "alligevel" sends it: a warning is overridden for the time it was shown for alone."""
        dag, start, varighed = self.når
        return f"{vis_dato(dag)} {start:%H.%M} {varighed}"


class TidspunktFormular(TidFormular):
    """Another time for a visit."""

    besked = TekstFelt("Besked om det nye tidspunkt", [højst(200)], description="Kan udelades. Uden navne.")


class StedFelter(Formular):
    """What kind of visit, where, and who goes along."""

    art = ValgFelt("Hvad er det for et besøg?", [påkrævet("Vælg, hvad det er for et besøg.")], widget=ListWidget())
    afdeling = ValgFelt("Afdeling", [påkrævet("Vælg afdelingen.")])
    adresse = TekstFelt("Adresse", [påkrævet("Skriv adressen.")], description=UDEN_NAVN)
    lejemål = TekstFelt("Lejemålets nummer (kan udelades)", max_længde=40)
    deltagere = TekstFelt("Hvem går med?", description="Dem, der går med ud over beboerrådgiveren.")
    rådgiver = ValgFelt("Beboerrådgiver", [påkrævet("Vælg beboerrådgiveren.")])
    note = NotatFelt("Besked til beboerrådgiveren", [højst(2000)])

    @property
    def rådgiver_id(self) -> uuid.UUID | None:
        """The chosen beboerrådgiver; None where there is none to choose."""
        return uuid.UUID(self.rådgiver.data) if "rådgiver" in self and self.rådgiver.data else None


class BookFormular(TidFormular, StedFelter):
    """A new booking."""


class RetFormular(VersionFormular, StedFelter):
    """A booking's what, where and who."""


class BeskedFormular(VersionFormular):
    """Refusing or cancelling: why."""

    besked = TekstFelt("Hvorfor?", [påkrævet("Skriv kort hvorfor. Uden navne."), højst(200)])


def med_rådgivere(form: StedFelter, brugere: Sequence[tuple[uuid.UUID, str]], egen: uuid.UUID) -> None:
    """Offer the beboerrådgivere; one alone, or the actor herself, is chosen beforehand."""
    form.rådgiver.choices = [(str(i), navn) for i, navn in brugere]
    ids = [i for i, _navn in brugere]
    if not form.rådgiver.data and (len(ids) == 1 or egen in ids):
        form.rådgiver.process_data(egen if egen in ids else ids[0])
