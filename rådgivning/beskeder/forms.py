"""The form in which a user chooses how she hears of things."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.users import BrugerFejl, ren_email
from rådgivning.beskeder.kinds import SLAGS, Levering, Slags, valgbare
from rådgivning.beskeder.models import STANDARD_KL
from rådgivning.felter import Formular, TekstFelt, ValgFelt, påkrævet

KLOKKEN = [f"{hour:02}:{minute:02}" for hour in range(6, 17) for minute in (0, 30)]


def gyldig_email(_form: Any, field: TekstFelt) -> None:
    """An address that mail can be sent to, or none."""
    try:
        field.data = ren_email(field.data)
    except BrugerFejl as fejl:
        raise ValidationError(str(fejl)) from None


def _hvordan(slags: Slags) -> ValgFelt:
    om = SLAGS[slags]
    chosen = [(str(levering), text) for levering, text in om.valg.items()]
    return ValgFelt(om.titel, [påkrævet("Vælg, hvordan du vil have det at vide.")], choices=chosen, widget=ListWidget())


class ValgFormular(Formular):
    """Address, and per kind how it comes. A role has only the kinds it can get."""

    email = TekstFelt("Din e-mailadresse", [gyldig_email], max_længde=254)
    ny_henvisning = _hvordan(Slags.NY_HENVISNING)
    henvisning_status = _hvordan(Slags.HENVISNING_STATUS)
    ny_aftale = _hvordan(Slags.NY_AFTALE)
    aftale_svar = _hvordan(Slags.AFTALE_SVAR)
    opgave_overdraget = _hvordan(Slags.OPGAVE_OVERDRAGET)
    dagens_overblik = _hvordan(Slags.DAGENS_OVERBLIK)
    ny_enhed = _hvordan(Slags.NY_ENHED)
    ny_anmodning = _hvordan(Slags.NY_ANMODNING)
    anmodning_frist = _hvordan(Slags.ANMODNING_FRIST)
    overblik_kl = ValgFelt(
        "Hvornår skal overblikket sendes?", choices=[(kl, f"kl. {kl.replace(':', '.')}") for kl in KLOKKEN]
    )

    def __init__(self, rolle: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slags = valgbare(rolle)
        for slags, om in SLAGS.items():
            if om.valg and slags not in self.slags:
                del self[slags]
        if Slags.DAGENS_OVERBLIK not in self.slags:
            del self.overblik_kl

    @property
    def chosen(self) -> dict[str, str]:
        """Per kind how it is to come."""
        return {str(slags): self[slags].data for slags in self.slags}

    @property
    def klokken(self) -> str:
        """When the digest is to come."""
        return (self.overblik_kl.data if "overblik_kl" in self else "") or STANDARD_KL

    def validate_dagens_overblik(self, field: ValgFelt) -> None:
        """What is to come in a digest that never comes would be lost without a word."""
        if field.data == Levering.INGEN and Levering.OVERBLIK in self.chosen.values():
            raise ValidationError(
                "Du har valgt beskeder i dagens overblik. Vælg overblikket til, eller vælg om ovenfor."
            )
