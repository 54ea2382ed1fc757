"""Forms of signing in and of one's own password."""

from __future__ import annotations

from wtforms import PasswordField, ValidationError
from wtforms.widgets import ListWidget

from rådgivning.felter import Formular, TekstFelt, ValgFelt, højst, påkrævet

BRUGES_IKKE, MISTET = "bruges ikke", "mistet"


class LoginFormular(Formular):
    """Name and password."""

    brugernavn = TekstFelt("Brugernavn", [påkrævet("Skriv dit brugernavn.")])
    kodeord = PasswordField("Adgangskode", [påkrævet("Skriv din adgangskode.")])


class KodeFormular(Formular):
    """A code from the app, or one of the recovery codes."""

    kode = TekstFelt("Kode", [påkrævet("Skriv koden fra din app, eller en af dine genoprettelseskoder.")])


class FaktorFormular(Formular):
    """What a new passkey is called."""

    navn = TekstFelt("Navn", [påkrævet("Giv den et navn, så du kan kende den igen."), højst(40)])


class AppFormular(FaktorFormular):
    """What a new app is called, and its first code."""

    kode = TekstFelt("Kode fra appen", [påkrævet("Skriv den kode på seks cifre, som appen viser nu.")])


class FjernFormular(Formular):
    """Why a factor is removed: what somebody else may have is more than what is not used any more."""

    mistet = ValgFelt(
        "Grunden til, at du fjerner den",
        [påkrævet("Vælg, hvorfor du fjerner den.")],
        widget=ListWidget(prefix_label=False),
        choices=[(BRUGES_IKKE, "Jeg bruger den ikke mere"), (MISTET, "Den er mistet eller stjålet")],
    )


class BekræftFormular(Formular):
    """What one signs in with once more; the names tell it apart from the fields of the form that waits for it."""

    formular_id = None  # type: ignore[assignment]  # that name belongs to the form that waits
    bekræft_kodeord = PasswordField("Adgangskode")
    bekræft_kode = TekstFelt("Kode")


class KodeordFormular(Formular):
    """The old password, and the new one twice."""

    gammelt = PasswordField("Nuværende adgangskode", [påkrævet("Skriv den adgangskode, du har nu.")])
    nyt = PasswordField("Ny adgangskode", [påkrævet("Skriv en ny adgangskode.")])
    gentaget = PasswordField("Ny adgangskode igen", [påkrævet("Skriv den nye adgangskode en gang til.")])

    def validate_gentaget(self, field: PasswordField) -> None:
        """A slip of the finger must not lock her out."""
        if field.data != self.nyt.data:
            raise ValidationError("De to nye adgangskoder er ikke ens.")


class EnhedFormular(Formular):
    """What a user calls one of her devices."""

    navn = TekstFelt("Enhedens navn", [påkrævet("Skriv et navn, fx Telefonen.")], max_længde=40)


class KnytFormular(Formular):
    """The code with which a user ties her account at the sign-in service to herself."""

    kode = TekstFelt("Kode fra databeskyttelse", [påkrævet("Skriv koden.")], max_længde=40)
