"""Forms of the room."""

from __future__ import annotations

from wtforms.widgets import ListWidget

from rådgivning.beboere.residents import Slettegrund
from rådgivning.felter import Formular, ValgFelt, påkrævet


class SletFormular(Formular):
    """Why a resident is deleted."""

    grund = ValgFelt(
        "Hvorfor?",
        [påkrævet("Vælg, hvorfor beboeren slettes.")],
        choices=[(grund.value, grund.value.capitalize()) for grund in Slettegrund],
        widget=ListWidget(prefix_label=False),
    )
