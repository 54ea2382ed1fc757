"""Forms of requests: registered by the beboerrådgiver or by databeskyttelse, given time, refused."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.database import today
from rådgivning.databeskyttelse.models import Slags
from rådgivning.databeskyttelse.request_words import AFSLAG, IDENTITET, SLAGSVALG
from rådgivning.databeskyttelse.requests import Søgt
from rådgivning.felter import DatoFelt, Formular, NotatFelt, TekstFelt, ValgFelt, ikke_i_fremtiden, påkrævet
from rådgivning.plan.lister import Valg

OPHÆVES_DA = "Hvornår har beboeren fået besked om, at begrænsningen ophæves?"
FØRST_BESKED = "Beboeren skal have besked, før begrænsningen ophæves."


class AnmodningFormular(Formular):
    """What a resident has asked her beboerrådgiver for."""

    slags = ValgFelt(
        "Hvad beder beboeren om?",
        [påkrævet("Vælg, hvad beboeren beder om.")],
        choices=SLAGSVALG,
        widget=ListWidget(prefix_label=False),
    )
    modtaget = DatoFelt("Hvornår bad beboeren om det?", [påkrævet("Skriv datoen."), ikke_i_fremtiden])
    ønske = NotatFelt("Beboerens egne ord", max_længde=4000)

    def validate_modtaget(self, field: DatoFelt) -> None:
        """A deadline is counted from here, so not from before there was a program."""
        if field.data and (today() - field.data).days > 730:
            raise ValidationError("Datoen ligger mere end to år tilbage. Er årstallet rigtigt?")


class HenvendelseFormular(AnmodningFormular):
    """The same, from somebody who has written to databeskyttelse; found by a name and one thing more."""

    navn = TekstFelt("Navn", [påkrævet("Skriv navnet, som det står i henvendelsen.")], max_længde=120)
    fødselsdato = DatoFelt("Fødselsdato", [ikke_i_fremtiden])
    adresse = TekstFelt("Adresse", max_længde=200)

    def validate_adresse(self, field: TekstFelt) -> None:
        """A name alone finds nobody."""
        if not field.data and self.fødselsdato.data is None and not self.fødselsdato.errors:
            raise ValidationError("Skriv fødselsdatoen eller adressen: et navn alene er ikke nok.")

    def søgt(self) -> Søgt:
        """What is searched by."""
        return Søgt(self.navn.data, self.fødselsdato.data, self.adresse.data)


class IdentitetFormular(Formular):
    """How it was made sure of that it is she who asks."""

    identitet = ValgFelt(
        "Hvordan ved vi, at det er beboeren, der spørger?",
        [påkrævet("Vælg, hvordan identiteten er fastslået.")],
        choices=list(IDENTITET.items()),
        widget=ListWidget(prefix_label=False),
    )


class ForlængFormular(Formular):
    """Why two months more are needed."""

    begrundelse = NotatFelt(
        "Begrundelse, som beboeren får", [påkrævet("Skriv, hvorfor der er brug for mere tid.")], max_længde=2000
    )


class AfvisFormular(Formular):
    """Why a request is refused."""

    grund = ValgFelt(
        "Hvorfor afvises anmodningen?",
        [påkrævet("Vælg en grund.")],
        widget=ListWidget(prefix_label=False),
    )
    forklaring = NotatFelt(
        "Forklaring, som beboeren får", [påkrævet("Forklar afgørelsen med almindelige ord.")], max_længde=4000
    )

    bemærkning = NotatFelt("Beboerens egen bemærkning, som står ved siden af", max_længde=4000)
    vedrører = ValgFelt("Bemærkningen gælder")
    underrettet = DatoFelt(OPHÆVES_DA, [påkrævet(FØRST_BESKED), ikke_i_fremtiden])

    def __init__(self, slags: str, kontakter: Valg, *, ophæver: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        reasons = AFSLAG[Slags(slags)].items()
        self.grund.choices = [(key, text) for key, text in reasons if key != "ikke_fundet"]  # an answer of its own now
        self.vedrører.choices = kontakter
        if slags != Slags.RETTELSE:
            del self.bemærkning, self.vedrører
        if not ophæver:
            del self.underrettet
