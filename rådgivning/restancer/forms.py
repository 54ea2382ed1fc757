"""Forms of restancesager."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from wtforms.validators import ValidationError

from rådgivning.database import today
from rådgivning.felter import (
    BeløbFelt,
    DatoFelt,
    FlervalgFelt,
    Formular,
    NotatFelt,
    SkjultFelt,
    TekstFelt,
    TelefonFelt,
    ValgFelt,
    højst,
    ikke_i_fremtiden,
    påkrævet,
)
from rådgivning.restancer.models import Hændelse, RestancesagData
from rådgivning.restancer.order import umuligt
from rådgivning.restancer.phases import FASER

STØRSTE_BELØB = 1_000_000
MÅNEDER_TILBAGE = 6
TIDLIGST, SENEST = timedelta(days=5 * 365), timedelta(days=2 * 365)


def månedsvalg(også: list[str]) -> list[tuple[str, str]]:
    """The last six months and those the case has already, newest first, as key and `marts 2026`."""
    year, month = today().year, today().month
    keys = {f"{year - (month - n <= 0)}-{(month - n - 1) % 12 + 1:02}" for n in range(MÅNEDER_TILBAGE)} | set(også)
    return [(key, format_date(date.fromisoformat(f"{key}-01"), "MMMM y", locale="da")) for key in sorted(keys)[::-1]]


class SagForm(Formular):
    """Who, where, which months and how much. `årsag` and `note` are asked of the beboerrådgiver alone."""

    navn = TekstFelt("Beboerens navn")
    adresse = TekstFelt("Adresse")
    lejemål = TekstFelt("Lejemål nr.", max_længde=60)
    telefon = TelefonFelt("Telefon")
    afdeling = ValgFelt("Afdeling", [påkrævet("Vælg afdelingen.")])
    måneder = FlervalgFelt("Hvilke måneder mangler?", [påkrævet("Vælg mindst én måned.")])
    beløb = BeløbFelt("Restance i alt", højst=STØRSTE_BELØB)
    årsag = ValgFelt("Årsag")
    note = NotatFelt("Note", [højst(2000)])
    version = SkjultFelt()

    def validate_navn(self, field: TekstFelt) -> None:
        """A household that can be found."""
        if not any((field.data, self.adresse and self.adresse.data, self.lejemål.data)):
            raise ValidationError("Skriv navn, adresse eller lejemål, så husstanden kan findes.")

    def validate_beløb(self, field: BeløbFelt) -> None:
        """Owing nothing is no restance."""
        if field.data is not None and field.data <= 0:
            raise ValidationError("Beløbet skal være over 0 kr. Er det ukendt, så lad feltet stå tomt.")

    def værdier(self) -> dict[str, Any]:
        """The fields that were asked for, by name in RestancesagData."""
        skip = {"formular_id", "version", "csrf_token"}
        return {f.name: f.data for f in self if f.name in RestancesagData.model_fields and f.name not in skip}


class HændelseForm(Formular):
    """One step of the road. `fremme` is asked of a påkrav alone."""

    fase = ValgFelt("Hvad er der sket?", [påkrævet("Vælg, hvad der er sket.")])
    dato = DatoFelt("Hvilken dag?", [påkrævet("Skriv datoen.")])
    fremme = DatoFelt("Dagen, påkravet kom frem")
    frist = DatoFelt("Dato, der står i brevet")
    kilde = ValgFelt("Hvem siger det?", [påkrævet("Vælg, hvem der siger det.")])

    def validate_dato(self, field: DatoFelt) -> None:
        """What happened lies behind; only an appointment may lie ahead."""
        self._possible(field)

    def validate_fremme(self, field: DatoFelt) -> None:
        """A påkrav arrives after it was sent."""
        self._possible(field)

    def validate_frist(self, field: DatoFelt) -> None:
        """A deadline comes after what started it."""
        self._possible(field)

    def _possible(self, field: DatoFelt) -> None:
        """Only what cannot be is refused: an unusual order or a day when nothing is open is kept and noted."""
        _within(field)
        if field.data is None or self.dato.data is None or self.fase.data not in FASER:
            return
        error = umuligt(self.som_hændelse("?"), today())
        if error and error[0] == field.name:
            raise ValidationError(error[1])

    def som_hændelse(self, kilde: str = "") -> Hændelse:
        """The event; the form's id makes that it is added once."""
        assert self.dato.data is not None  # noqa: S101 - required and validated
        kommer_frem = "fremme" in FASER[self.fase.data].kræver
        return Hændelse(
            id=self.formular_id.data,
            fase=self.fase.data,
            dato=self.dato.data,
            fremme=self.fremme.data if self.fremme and kommer_frem else None,
            frist=self.frist.data,
            kilde=kilde or self.kilde.data,
        )


class NySagForm(SagForm, HændelseForm):
    """A new case and how far it has come."""

    fase = ValgFelt("Hvor langt er sagen?", [påkrævet("Vælg, hvor langt sagen er.")])
    dato = DatoFelt("Siden hvilken dag?", [påkrævet("Skriv datoen.")])


class LukForm(Formular):
    """How a case ended, and on which day: that day's month and year is where it counts."""

    udfald = ValgFelt("Hvordan endte sagen?", [påkrævet("Vælg, hvordan sagen endte.")])
    dato = DatoFelt("Hvilken dag?", [påkrævet("Skriv datoen."), ikke_i_fremtiden])
    kilde = ValgFelt("Hvem siger det?", [påkrævet("Vælg, hvem der siger det.")])

    def validate_dato(self, field: DatoFelt) -> None:
        """Not a slip of the year."""
        _within(field)


class SletForm(Formular):
    """Why a case is deleted."""

    grund = ValgFelt("Hvorfor slettes sagen?", [påkrævet("Vælg en grund.")])


def _within(field: DatoFelt) -> None:
    if field.data and not today() - TIDLIGST <= field.data <= today() + SENEST:
        raise ValidationError("Datoen ligger for langt fra i dag. Er årstallet rigtigt?")
