"""Forms of users and of searching the trail."""

from __future__ import annotations

import uuid
from typing import Any

from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.forms import gyldig_email
from rådgivning.databeskyttelse.breach import OPLYSNINGER
from rådgivning.databeskyttelse.trail_export import FORMATER
from rådgivning.felter import DatoFelt, Formular, NotatFelt, TekstFelt, ValgFelt, påkrævet
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


class IdentitetFormular(Formular):
    """By what number the sign-in service knows a user."""

    subjekt = TekstFelt("Kontoens nummer hos tjenesten", [påkrævet("Skriv kontoens nummer.")], max_længde=255)


class EmailFormular(Formular):
    """Where a user's notices are mailed."""

    email = TekstFelt("E-mailadresse", [gyldig_email], max_længde=254)


class AlleFelt(ValgFelt):
    """A drop-down where nothing chosen means all."""

    empty_label = "Alle"


class _KædeFelt(ValgFelt):
    """The helhedsplan's own part of the trail unless another is chosen."""

    empty_label = "Helhedsplanen"


class _NyesteFelt(ValgFelt):
    """The newest first unless chosen otherwise."""

    empty_label = "Nyeste først"


def _whole_id(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        raise ValidationError("Skriv hele id'et, 36 tegn, som det står i sporet.") from None


class SporFilter(Formular):
    """Which entries to show; sent by GET, so it takes ids and dates only."""

    class Meta:
        """A search changes nothing."""

        csrf = False

    kæde = _KædeFelt("Del af sporet", choices=[(SYSTEM, "Systemet og fremmede")])
    bruger = AlleFelt("Bruger")
    handling = AlleFelt("Handling", choices=[(h, h.capitalize()) for h in Handling])
    genstand = AlleFelt(
        "Hvad", choices=[(name, words.partition(":")[0].capitalize()) for name, words in OPLYSNINGER.items()]
    )
    fra = DatoFelt("Fra dato")
    til = DatoFelt("Til dato")
    id = TekstFelt("Id på beboer eller række", max_længde=36)
    orden = _NyesteFelt("Rækkefølge", choices=[("ældste", "Ældste først")])

    def validate_id(self, field: TekstFelt) -> None:
        """An id, and nothing that could be a name."""
        field.data = _whole_id(field.data)


class UdtrækFormular(SporFilter):
    """The same choice, taken out as a file."""

    class Meta:
        """A file that leaves is asked for by POST."""

        csrf = True

    fil = ValgFelt(
        "Filens form", [påkrævet("Vælg filens form.")], choices=[(key, text) for key, (text, _, _) in FORMATER.items()],
        widget=ListWidget(),
    )  # fmt: skip


class LæsningFilter(Formular):
    """How reading is gathered; sent by GET, so it takes ids, keys and dates only."""

    class Meta:
        """A search changes nothing."""

        csrf = False

    samlet = ValgFelt(
        "Samlet efter", choices=[("beboer", "Beboer"), ("bruger", "Bruger"), ("dag", "Dag"), ("slags", "Slags")],
        default="beboer",
    )  # fmt: skip
    orden = ValgFelt(
        "Rækkefølge",
        choices=[("flest", "Flest læsninger først"), ("senest", "Senest læst først"), ("nøgle", "Id eller dag")],
        default="flest",
    )
    bruger = AlleFelt("Bruger")
    fra = DatoFelt("Fra dato")
    til = DatoFelt("Til dato")
    id = TekstFelt("Id på beboer", max_længde=36)

    def validate_id(self, field: TekstFelt) -> None:
        """An id, and nothing that could be a name."""
        field.data = _whole_id(field.data)

    def validate_til(self, field: DatoFelt) -> None:
        """A span of at most a year: it is gone through entry by entry."""
        if self.fra.data and field.data and not 0 <= (field.data - self.fra.data).days <= 366:
            raise ValidationError("Perioden skal være fra én dag til et år.")


class GennemsetFormular(Formular):
    """What came out of looking at unusual reading."""

    forklaring = NotatFelt(
        "Forklaring", [påkrævet("Skriv, hvad du fandt ud af.")], max_længde=2000,
        description="Fx: vikar den uge, aftalt med lederen. Gemmes forseglet.",
    )  # fmt: skip


class BopælFormular(Formular):
    """A user's own address; empty takes it away."""

    adresse = TekstFelt("Brugerens egen adresse", max_længde=200)
