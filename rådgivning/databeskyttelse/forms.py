"""Forms of users and of searching the trail."""

from __future__ import annotations

import uuid
from typing import Any

from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.forms import gyldig_email
from rådgivning.felter import DatoFelt, Formular, TekstFelt, ValgFelt, påkrævet
from rådgivning.plan.lister import Valg
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import SYSTEM

ROLLER = [
    (Rolle.BEBOERRÅDGIVER, "Beboerrådgiver"),
    (Rolle.EJENDOMSDRIFT, "Ejendomsdrift"),
    (Rolle.INKASSO, "Opkrævning og inkasso"),
    (Rolle.LEDER, "Boligsocial leder"),
    (Rolle.DATABESKYTTELSE, "Databeskyttelse"),
]


class BrugerFormular(Formular):
    """A new user."""

    navn = TekstFelt("Navn", [påkrævet("Skriv brugerens navn.")], max_længde=120)
    brugernavn = TekstFelt("Brugernavn", [påkrævet("Skriv et brugernavn.")], max_længde=40)
    rolle = ValgFelt("Rolle", [påkrævet("Vælg en rolle.")], choices=ROLLER, widget=ListWidget())
    boligorganisation = ValgFelt("Boligorganisation")

    def __init__(self, organisationer: Valg, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.boligorganisation.choices = organisationer


class RolleFormular(Formular):
    """Another role or boligorganisation for a user."""

    rolle = ValgFelt("Rolle", [påkrævet("Vælg en rolle.")], choices=ROLLER, widget=ListWidget())
    boligorganisation = ValgFelt("Boligorganisation")

    def __init__(self, organisationer: Valg, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.boligorganisation.choices = organisationer


class EmailFormular(Formular):
    """Where a user's notices are mailed."""

    email = TekstFelt("E-mailadresse", [gyldig_email], max_længde=254)


class AlleFelt(ValgFelt):
    """A drop-down where nothing chosen means all."""

    empty_label = "Alle"


class _KædeFelt(ValgFelt):
    """The helhedsplan's own part of the trail unless another is chosen."""

    empty_label = "Helhedsplanen"


class SporFilter(Formular):
    """Which entries to show; sent by GET, so it takes ids and dates only."""

    class Meta:
        """A search changes nothing."""

        csrf = False

    kæde = _KædeFelt("Del af sporet", choices=[(SYSTEM, "Systemet og fremmede")])
    bruger = AlleFelt("Bruger")
    handling = AlleFelt("Handling", choices=[(h, h.capitalize()) for h in Handling])
    fra = DatoFelt("Fra dato")
    til = DatoFelt("Til dato")
    id = TekstFelt("Id på beboer eller række", max_længde=36)

    def validate_id(self, field: TekstFelt) -> None:
        """An id, and nothing that could be a name."""
        try:
            field.data = str(uuid.UUID(field.data)) if field.data else ""
        except ValueError:
            raise ValidationError("Skriv hele id'et, 36 tegn, som det står i sporet.") from None
