"""Forms of the room."""

from __future__ import annotations

from wtforms.widgets import ListWidget

from rådgivning.beboere.residents import Slettegrund
from rådgivning.felter import Formular, SkjultFelt, ValgFelt, påkrævet
from rådgivning.overblik.comparing import Sammenligning
from rådgivning.overblik.merging import FELTER


class SletFormular(Formular):
    """Why a resident is deleted."""

    grund = ValgFelt(
        "Hvorfor?",
        [påkrævet("Vælg, hvorfor beboeren slettes.")],
        choices=[(grund.value, grund.value.capitalize()) for grund in Slettegrund if grund is not Slettegrund.FRIST],
        widget=ListWidget(prefix_label=False),
    )


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
