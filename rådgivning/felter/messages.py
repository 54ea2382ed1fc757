"""Every sentence a form can give back, in Danish; none of them repeats what was typed."""

from collections.abc import Mapping
from typing import Final

from rådgivning.dansk import tal

CPR_BESKED: Final = "Feltet ligner et CPR-nummer. CPR-numre gemmes ikke her: skriv fx fødselsår i stedet."
STYRETEGN_BESKED: Final = "Teksten indeholder et usynligt styretegn, som ikke kan gemmes. Skriv den igen."
UDLØBET_BESKED: Final = "Siden er for gammel. Det, du skrev, står her stadig: tryk på knappen igen."
VALG_BESKED: Final = "Vælg en af mulighederne på listen."
UDFYLD_BESKED: Final = "Feltet skal udfyldes."
FILTYPE_BESKED: Final = "Filen har en type, der ikke kan læses her."

# Every message WTForms and Flask-WTF can give; a test reads them out of the two packages and compares.
BESKEDER: Final[Mapping[str, str]] = {
    "'%(value)s' are not valid choices for this field.": VALG_BESKED,
    "'%(value)s' is not a valid choice for this field.": VALG_BESKED,
    "CSRF failed.": UDLØBET_BESKED,
    "CSRF token expired.": UDLØBET_BESKED,
    "CSRF token missing.": UDLØBET_BESKED,
    "Choices cannot be None.": VALG_BESKED,
    "Date must be at least %(min)s.": "Datoen må tidligst være %(min)s.",
    "Date must be at most %(max)s.": "Datoen må senest være %(max)s.",
    "Date must be between %(min)s and %(max)s.": "Datoen skal ligge mellem %(min)s og %(max)s.",
    "Field cannot be longer than %(max)d character.": "Der er kun plads til %(max)d tegn.",
    "Field cannot be longer than %(max)d characters.": "Der er kun plads til %(max)d tegn.",
    "Field must be at least %(min)d character long.": "Skriv mindst %(min)d tegn.",
    "Field must be at least %(min)d characters long.": "Skriv mindst %(min)d tegn.",
    "Field must be between %(min)d and %(max)d characters long.": "Skriv mellem %(min)d og %(max)d tegn.",
    "Field must be equal to %(other_name)s.": "De to felter skal være ens.",
    "Field must be exactly %(max)d character long.": "Skriv præcis %(max)d tegn.",
    "Field must be exactly %(max)d characters long.": "Skriv præcis %(max)d tegn.",
    "File does not have an approved extension.": FILTYPE_BESKED,
    "File does not have an approved extension: {extensions}": "Filen skal være af typen {extensions}.",
    "Invalid CSRF Token.": UDLØBET_BESKED,
    "Invalid Choice: could not coerce.": VALG_BESKED,
    "Invalid IP address.": "Skriv en gyldig IP-adresse.",
    "Invalid Mac address.": "Skriv en gyldig MAC-adresse.",
    "Invalid URL.": "Skriv en gyldig webadresse.",
    "Invalid UUID.": "Nummeret er ikke gyldigt.",
    "Invalid choice(s): one or more data inputs could not be coerced.": VALG_BESKED,
    "Invalid email address.": "Skriv en gyldig e-mailadresse, fx navn@eksempel.dk.",
    "Invalid field name '%s'.": "Formularen mangler feltet '%s'.",
    "Invalid input.": "Det kan ikke læses. Skriv det på en anden måde.",
    "Invalid value, can't be any of: %(values)s.": "Det må ikke være: %(values)s.",
    "Invalid value, must be one of: %(values)s.": "Det skal være et af: %(values)s.",
    "Not a valid choice.": VALG_BESKED,
    "Not a valid date value.": "Skriv datoen som 21.11.2026.",
    "Not a valid datetime value.": "Skriv dato og klokkeslæt som 21.11.2026 14.05.",
    "Not a valid decimal value.": "Skriv et tal, fx 1.234,50.",
    "Not a valid float value.": "Skriv et tal, fx 1.234,50.",
    "Not a valid integer value.": "Skriv et helt tal, fx 12.",
    "Not a valid time value.": "Skriv klokkeslættet som 14.05.",
    "Not a valid week value.": "Skriv ugen som 2026-W47.",
    "Number must be at least %(min)s.": "Tallet skal være mindst %(min)s.",
    "Number must be at most %(max)s.": "Tallet må højst være %(max)s.",
    "Number must be between %(min)s and %(max)s.": "Tallet skal ligge mellem %(min)s og %(max)s.",
    "The CSRF session token is missing.": UDLØBET_BESKED,
    "The CSRF token has expired.": UDLØBET_BESKED,
    "The CSRF token is invalid.": UDLØBET_BESKED,
    "The CSRF token is missing.": UDLØBET_BESKED,
    "The CSRF tokens do not match.": UDLØBET_BESKED,
    "The referrer does not match the host.": UDLØBET_BESKED,
    "The referrer header is missing.": UDLØBET_BESKED,
    "This field cannot be edited.": "Feltet kan ikke ændres.",
    "This field is disabled and cannot have a value.": "Feltet kan ikke udfyldes.",
    "This field is required.": UDFYLD_BESKED,
}


def dansk_besked(text: str) -> str:
    """The Danish for a message of WTForms or Flask-WTF (also `CSRFError.description`); other texts pass unchanged."""
    if text.startswith("File must be between "):
        return "Filen er tom eller for stor."
    return BESKEDER.get(text, text)


def length_error(typed: int, room: int) -> str:
    """Says how long the text is and how much there is room for."""
    return f"Teksten er {tal(typed)} tegn lang; der er plads til {tal(room)}."


class Danish:
    """The translations object WTForms asks for its messages."""

    def gettext(self, string: str) -> str:
        """The Danish message."""
        return dansk_besked(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The Danish message for a number."""
        return dansk_besked(singular if n == 1 else plural)


DANISH = Danish()
