"""Forms of the room."""

from __future__ import annotations

from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.database import today
from rådgivning.felter import DatoFelt, Formular, NotatFelt, SkjultFelt, ValgFelt, påkrævet
from rådgivning.overblik.combined import FELTER
from rådgivning.overblik.comparing import Sammenligning
from rådgivning.overblik.emergency import FLEST_DAGE, ÅRSAGER
from rådgivning.overblik.standins import LÆNGST


class SammenlægFormular(Formular):
    """Which of two residents each field of stamdata is taken from; only fields on which they differ are asked for.

    `versioner` are the two residents' as they were shown.
    """

    navn = ValgFelt("Navn", widget=ListWidget())
    telefon = ValgFelt("Telefon", widget=ListWidget())
    adresse = ValgFelt("Adresse", widget=ListWidget())
    afdeling = ValgFelt("Afdeling", widget=ListWidget())
    email = ValgFelt("E-mail", widget=ListWidget())
    fødselsdato = ValgFelt("Fødselsdato", widget=ListWidget())
    aldersgruppe = ValgFelt("Aldersgruppe", widget=ListWidget())
    børn_i_husstanden = ValgFelt("Børn under 18 år i husstanden", widget=ListWidget())
    note = ValgFelt("Note", widget=ListWidget())
    versioner = SkjultFelt()

    def tilbyd(self, side: Sammenligning) -> None:
        """Ask for what differs, with what is proposed chosen."""
        for navn in FELTER:
            if navn not in side.valg:
                del self[navn]
                continue
            self[navn].choices = side.valg[navn].svar
            if not self[navn].raw_data:
                self[navn].process_data(side.valg[navn].forslag)

    def valgte(self) -> dict[str, str]:
        """The answers."""
        return {navn: self[navn].data for navn in FELTER if navn in self}

    @staticmethod
    def som_versioner(versioner: tuple[int, int]) -> str:
        """The two versions as the hidden field holds them."""
        return f"{versioner[0]}-{versioner[1]}"


class NødadgangFormular(Formular):
    """Why a colleague's resident must be opened, and for how long."""

    årsag = ValgFelt(
        "Hvorfor kan det ikke vente?",
        [påkrævet("Vælg en årsag.")],
        choices=[(årsag.value, text) for årsag, text in ÅRSAGER.items()],
        widget=ListWidget(prefix_label=False),
    )
    begrundelse = NotatFelt(
        "Begrundelse",
        [påkrævet("Skriv kort, hvad du skal bruge oplysningerne til.")],
        description="Kollegaen og databeskyttelse læser den. Skriv ikke om beboerens forhold.",
    )
    varighed = ValgFelt(
        "Hvor længe?",
        [påkrævet("Vælg, hvor længe du har brug for det.")],
        choices=[
            ("0", "Resten af i dag"),
            ("1", "Til og med i morgen"),
            *((str(n), f"I dag og {n} dage til") for n in range(2, FLEST_DAGE + 1)),
        ],
        default="0",
        widget=ListWidget(prefix_label=False),
    )


class VikarFormular(Formular):
    """Who stands in for whom, from when to when."""

    for_id = ValgFelt("For", [påkrævet("Vælg, hvem der er væk.")])
    vikar_id = ValgFelt("Vikar", [påkrævet("Vælg, hvem der er vikar.")])
    fra = DatoFelt("Fra", [påkrævet("Skriv, hvilken dag det begynder.")])
    til = DatoFelt("Til og med", [påkrævet("Skriv den sidste dag.")])

    def validate_vikar_id(self, field: ValgFelt) -> None:
        """Nobody stands in for herself."""
        if field.data and field.data == self.for_id.data:
            raise ValidationError("Vikaren skal være en anden.")

    def validate_til(self, field: DatoFelt) -> None:
        """It ends after it begins, not in the past, and within a year."""
        if field.data is None:
            return
        if field.data < today():
            raise ValidationError("Den sidste dag er gået.")
        if self.fra.data and not self.fra.data <= field.data <= self.fra.data + LÆNGST:
            raise ValidationError("Den sidste dag skal ligge efter den første, og højst et år efter.")
