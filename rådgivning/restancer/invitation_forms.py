"""Forms of an invitation: when and where, the language of each case, and the letterhead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any, Final

from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.database import today
from rådgivning.felter import (
    DatoFelt,
    Formular,
    KlokkeslætFelt,
    SkjultFelt,
    TalFelt,
    TekstFelt,
    TelefonFelt,
    ValgFelt,
    påkrævet,
)
from rådgivning.restancer import letter_templates
from rådgivning.restancer.invitations import Møde, Valgt, tider
from rådgivning.restancer.letter_places import SkabelonFejl
from rådgivning.restancer.logo import uden_oplysninger
from rådgivning.virus import VirusFejl, undersøg_upload

SENEST: Final = timedelta(days=366)
MINUTTER: Final = 30
FORMER: Final = (
    ("pdf", "PDF: alle breve i én fil, klar til udskrift"),
    ("docx", "Word: hvert brev for sig, kan rettes"),
    ("sms", "Ingen fil: jeg sender sms'en selv"),
)


class IndkaldForm(Formular):
    """What is common to the chosen cases; `for_sager` adds language and own time of each."""

    dag = DatoFelt("Hvilken dag?")
    klokken = KlokkeslætFelt("Første samtale klokken")
    minutter = TalFelt("Minutter til hver samtale", mindst=5, højst=240)
    sted = TekstFelt("Hvor?", max_længde=120)
    telefon = TelefonFelt("Telefon, beboeren kan ringe til", [påkrævet("Skriv et telefonnummer.")])
    form = ValgFelt("Hvad skal laves?", choices=FORMER, widget=ListWidget(prefix_label=False))
    opgave = BooleanField("Opret en opgave på dagen for samtalen")

    def validate_dag(self, field: DatoFelt) -> None:
        """A day to come, and with it a time and a place."""
        _ahead(field)
        if field.data is None:
            return
        if self.klokken.data is None and not self.klokken.process_errors:
            self.klokken.process_errors = [*self.klokken.process_errors, "Skriv klokkeslættet for den første samtale."]
        if not self.sted.data:
            self.sted.process_errors = [*self.sted.process_errors, "Skriv, hvor samtalen er."]

    def sprog_til(self, sag: Valgt) -> ValgFelt:
        """The field with the case's language."""
        field: ValgFelt = self[f"sprog_{sag.id.hex}"]
        return field

    def dag_til(self, sag: Valgt) -> DatoFelt:
        """The field with the case's own day."""
        field: DatoFelt = self[f"dag_{sag.id.hex}"]
        return field

    def klokken_til(self, sag: Valgt) -> KlokkeslætFelt:
        """The field with the case's own time."""
        field: KlokkeslætFelt = self[f"klokken_{sag.id.hex}"]
        return field

    def møder(self, sager: Sequence[Valgt]) -> list[tuple[Valgt, str, Møde]] | None:
        """Case, language and meeting; None with a message at the field when that cannot be. Only after `validate`."""
        common = [s for s in sager if self.klokken_til(s).data is None and self.dag_til(s).data is None]
        try:
            row = tider(self.klokken.data, self.minutter.data or MINUTTER, len(common)) if self.klokken.data else []
        except ValueError as fejl:
            self.klokken.errors = [str(fejl)]
            return None
        if row and common and self.dag.data is None:
            self.dag.errors = ["Skriv også dagen."]
        slots = dict(zip([s.id for s in common], row, strict=False))
        found = [(s, self.sprog_til(s).data, self._meeting(s, slots.get(s.id))) for s in sager]
        return None if self.errors else found

    def _meeting(self, sag: Valgt, slot: time | None) -> Møde:
        own_day, own_time = self.dag_til(sag), self.klokken_til(sag)
        day: date | None = own_day.data or self.dag.data
        at: time | None = own_time.data or (None if own_day.data else slot)
        if own_day.data and at is None:
            own_time.errors = ["Skriv også klokkeslættet."]
        if own_time.data and day is None:
            own_day.errors = ["Skriv også dagen."]
        if day and not self.sted.data:
            self.sted.errors = ["Skriv, hvor samtalen er."]
        return Møde(day, at if day else None, self.sted.data, self.telefon.data)


def for_sager(sager: Sequence[Valgt], sprog: Sequence[tuple[str, str]]) -> type[IndkaldForm]:
    """The form for these cases: a language of each, and a day and time of its own where the common one does not fit."""
    fields: dict[str, Any] = {}
    for sag in sager:
        who, key = sag.navn or sag.lejemål or sag.adresse, sag.id.hex
        fields[f"sprog_{key}"] = ValgFelt(f"Sprog til {who}", [påkrævet("Vælg sproget.")], choices=sprog)
        fields[f"dag_{key}"] = DatoFelt(f"Anden dag til {who}", [_ahead_in])
        fields[f"klokken_{key}"] = KlokkeslætFelt(f"Andet klokkeslæt til {who}")
    return type("IndkaldForm", (IndkaldForm,), fields)


def _ahead_in(_form: Formular, field: DatoFelt) -> None:
    _ahead(field)


def _ahead(field: DatoFelt) -> None:
    if field.data and not today() <= field.data <= today() + SENEST:
        raise ValidationError("Vælg en dag fra i dag og højst et år frem.")


class BrevhovedForm(Formular):
    """Who the letters come from, and the organisation's own logo and template."""

    afsender = TekstFelt("Afsender", max_længde=120)
    adresse = TekstFelt("Kontorets adresse", max_længde=160)
    telefon = TelefonFelt("Kontorets telefon")
    logo = FileField("Logo")
    skabelon = FileField("Jeres egen Word-skabelon")
    version = SkjultFelt()

    def ændringer(self) -> Mapping[str, Any] | None:
        """What to save; None with a message at the field when something is wrong. A file not sent stays as it was."""
        if not self.validate():
            return None
        found: dict[str, Any] = {name: self[name].data for name in ("afsender", "adresse", "telefon")}
        checks = {"logo": letter_templates.godkend_logo, "skabelon": letter_templates.godkend_skabelon}
        for name, check in checks.items():
            data = self[name].data.stream.read() if self[name].data else b""
            if not data:
                continue
            try:
                undersøg_upload(data)
                check(data)
            except (SkabelonFejl, VirusFejl) as fejl:
                self[name].errors = [str(fejl)]
            found[name] = uden_oplysninger(data) if name == "logo" and not self[name].errors else data
        return None if self.errors else found
