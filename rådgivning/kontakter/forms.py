"""The one form of a contact: four arts, the fields that follow the art, whose contact it was, and a follow-up."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.dansk import er_helligdag, fold
from rådgivning.database import today
from rådgivning.felter import (
    DatoFelt,
    FlervalgFelt,
    Formular,
    JaNejFelt,
    NotatFelt,
    SkjultFelt,
    TekstFelt,
    TelefonFelt,
    ValgFelt,
    ikke_i_fremtiden,
    påkrævet,
)
from rådgivning.felter.text import UUID_TEXT
from rådgivning.kontakter.log import Opfølgning, Slettegrund
from rådgivning.kontakter.models import KontaktData

ANONYM = "anonym"
NY = "ny"
NABOKLAGE = "naboklage"
IKKE_TRUFFET = "ikke_truffet"
EN_TIL_EN = "en_til_en"
OPSØGENDE = "opsøgende"
MED_EJENDOMSDRIFT = ("indflytningssyn", "servicebesøg")
# What belongs to each art; an art that only another plan has gets everything.
HØRER_TIL = {
    EN_TIL_EN: {"aftale"},
    OPSØGENDE: {"anledning", "med_ejendomsdrift", "truffet", "tredjepart"},
    **{art: {"med_ejendomsdrift", "truffet"} for art in MED_EJENDOMSDRIFT},
}
FØLGER_ARTEN = ("aftale", "anledning", "med_ejendomsdrift", "truffet", "tredjepart")
VARIGHEDER = (5, 15, 30, 45, 60, 90, 120)
INGEN_OPFØLGNING = "nej"
FØLG_OP = (
    (INGEN_OPFØLGNING, "Nej"),
    ("7", "Om en uge"),
    ("14", "Om to uger"),
    ("30", "Om en måned"),
    ("dato", "En anden dag"),
)


class BeboerValg(SkjultFelt):
    """Whose contact it was: a resident's id, `ny`, or `anonym`.

    The page has several controls of this name: the hits as radio buttons, the box "Anonym", and the hidden field, which
    never repeats the box (it could then not be unticked).
    """

    som_knapper = False

    @property
    def anonym(self) -> bool:
        """Whether the box is ticked."""
        return ANONYM in self._sent()

    @property
    def valgte(self) -> list[str]:
        """What is chosen beside the box: ids or `ny`; more than one when two controls disagree."""
        return list(dict.fromkeys(text for text in self._sent() if text and text != ANONYM))

    @property
    def beboer_id(self) -> uuid.UUID | None:
        """The chosen resident, if it is one."""
        first = next(iter(self.valgte), "")
        return uuid.UUID(first) if UUID_TEXT.fullmatch(first) else None

    def vælg(self, value: str) -> None:
        """Choose from the program; the box stays as it is."""
        self.raw_data = [ANONYM, value] if self.anonym else [value]
        self.data = value

    def _sent(self) -> list[str]:
        return [text.strip() for text in self.raw_data or [self.data] if isinstance(text, str)]

    def _value(self) -> str:
        """The hidden field: empty while the hits stand as radio buttons of the same name, which then choose."""
        return "" if self.som_knapper else next(iter(self.valgte), "")


class KontaktForm(Formular):
    """Logging and correcting a contact."""

    art = ValgFelt("Slags kontakt", [påkrævet("Vælg, hvilken slags kontakt det var.")], widget=ListWidget())
    dato = DatoFelt("Dato", [påkrævet("Skriv, hvilken dag det var."), ikke_i_fremtiden])

    beboer_søg = TekstFelt("Beboer")
    beboer_id = BeboerValg()
    ny_navn = TekstFelt("Navn")
    ny_telefon = TelefonFelt("Telefon")
    ny_adresse = TekstFelt("Adresse")
    dublet_set = SkjultFelt()
    afdeling = ValgFelt("Afdeling")
    afdeling_set = SkjultFelt()
    aldersgruppe = ValgFelt("Aldersgruppe")

    hovedemne = ValgFelt("Hovedemne")
    udfald = ValgFelt("Udfald")
    emner = FlervalgFelt("Andre emner")
    aftale = JaNejFelt("Efter aftale", ved_ikke=False)
    anledning = ValgFelt("Anledning")
    med_ejendomsdrift = JaNejFelt("Sammen med ejendomsdriften", ved_ikke=False)
    truffet = JaNejFelt("Beboeren blev truffet", ved_ikke=False)
    tredjepart = TekstFelt("Klager", description="Kun her, aldrig i notatet: så kan det holdes ude af en indsigt.")
    form = ValgFelt("Form", [påkrævet("Vælg, hvordan kontakten foregik.")], widget=ListWidget())
    kilde = ValgFelt("Henvist af", [påkrævet("Vælg, hvem der henviste.")])
    aktivitet = ValgFelt("Tilbud", [påkrævet("Vælg, hvilket tilbud kontakten hører til.")])
    varighed = ValgFelt("Varighed", widget=ListWidget())
    brobygning_til = ValgFelt("Brobygning til")
    brobygning_ledsaget = JaNejFelt("Du gik med", ved_ikke=False)
    brobygning_resultat = ValgFelt("Det førte til")
    brobygning_delt = JaNejFelt("Du gav oplysninger om beboeren videre", ved_ikke=False)
    notat = NotatFelt("Notat", description="Skriv kun det, du skal bruge næste gang. Aldrig CPR-numre.")

    følg_op = ValgFelt("Følg op", widget=ListWidget(), default=INGEN_OPFØLGNING)
    frist = DatoFelt("Følg op den")
    opgave_titel = TekstFelt("Opgave", max_længde=120)
    version = SkjultFelt()
    fra: date | None = None
    passer: Mapping[str, Collection[str]] = {}

    def validate_dato(self, field: DatoFelt) -> None:
        """Nothing is logged from before the helhedsplan began."""
        if field.data and self.fra and field.data < self.fra:
            raise ValidationError("Datoen ligger, før helhedsplanen begyndte.")

    def validate_hovedemne(self, field: ValgFelt) -> None:
        """A talk has a topic; a door that stayed shut, and a visit with ejendomsdriften, need none."""
        needed = self.art.data == EN_TIL_EN or (self.art.data == OPSØGENDE and not self.forgæves)
        if needed and not field.data:
            raise ValidationError("Vælg det vigtigste emne.")

    def validate_udfald(self, field: ValgFelt) -> None:
        """Every contact has an outcome that fits what was said about meeting the resident."""
        if not field.data and not self.forgæves:
            raise ValidationError("Vælg, hvad der kom ud af det.")
        if field.data == IKKE_TRUFFET and self.hører_til("truffet") and self.truffet.data:
            raise ValidationError("Du har svaret, at beboeren blev truffet.")
        self._fits("udfald", field)

    def validate_aktivitet(self, field: ValgFelt) -> None:
        """The offer has this kind of contact."""
        self._fits("aktivitet", field)

    def validate_anledning(self, field: ValgFelt) -> None:
        """Outreach work is done for a reason."""
        if self.art.data == OPSØGENDE and not field.data:
            raise ValidationError("Vælg, hvad der gav anledning til det.")

    def validate_brobygning_delt(self, field: JaNejFelt) -> None:
        """What was told was told somebody."""
        if field.data and not self.brobygning_til.data:
            raise ValidationError("Vælg, hvem der fik oplysningerne, under »Brobygning til«.")

    def validate_frist(self, field: DatoFelt) -> None:
        """A follow-up lies ahead."""
        if self.følg_op.data == "dato" and not field.data and not field.process_errors:
            raise ValidationError("Skriv, hvilken dag du vil følge op.")
        if field.data and field.data < today():
            raise ValidationError("Opfølgningen skal ligge i dag eller senere.")

    def _fits(self, liste: str, field: ValgFelt) -> None:
        if self.art.data and field.data and field.data not in self.passer.get(liste, (field.data,)):
            raise ValidationError("Det passer ikke til den slags kontakt, du har valgt.")

    @property
    def forgæves(self) -> bool:
        """Nobody was met."""
        return self.hører_til("truffet") and (self.truffet.data is False or self.udfald.data == IKKE_TRUFFET)

    def hører_til(self, felt: str) -> bool:
        """Whether a field belongs to the chosen art."""
        return felt in HØRER_TIL.get(self.art.data, set(FØLGER_ARTEN))

    def kontakt_data(self) -> KontaktData:
        """What the form says, without what does not belong to the art."""
        plain = ("art", "aktivitet", "form", "kilde", "hovedemne", "udfald", "afdeling", "aldersgruppe", "notat")
        values: dict[str, Any] = {name: self[name].data for name in plain}
        values |= {name: self[name].data for name in FØLGER_ARTEN if self.hører_til(name)}
        values["emner"] = [emne for emne in self.emner.data if emne != self.hovedemne.data]
        values["varighed"] = int(self.varighed.data) if self.varighed.data else None
        if self.forgæves:
            values |= {"truffet": False, "udfald": self.udfald.data or IKKE_TRUFFET}
        if values.get("anledning") != NABOKLAGE:
            values.pop("tredjepart", None)
        if self.brobygning_til.data:
            for name in ("brobygning_til", "brobygning_ledsaget", "brobygning_resultat", "brobygning_delt"):
                values[name] = self[name].data
        return KontaktData(**values)

    def opfølgning(self) -> Opfølgning | None:
        """The follow-up, if one is wanted; a quick choice lands on a working day."""
        if self.følg_op.data in ("", INGEN_OPFØLGNING, "dato"):
            return Opfølgning(self.frist.data, self.opgave_titel.data) if self.frist.data else None
        day = today() + timedelta(days=int(self.følg_op.data))
        while day.isoweekday() > 5 or er_helligdag(day):
            day += timedelta(days=1)
        return Opfølgning(day, self.opgave_titel.data)

    def ny_beboers_navn(self) -> str:
        """The new resident's name: its own field, else what was typed to search for her."""
        searched = self.beboer_søg.data if any(sign.isalpha() for sign in fold(self.beboer_søg.data)) else ""
        return self.ny_navn.data or searched


class SletForm(Formular):
    """Why a contact is deleted."""

    grund = ValgFelt(
        "Hvorfor skal den slettes?",
        [påkrævet("Vælg, hvorfor kontakten skal slettes.")],
        choices=[(g.value, g.value.capitalize()) for g in Slettegrund if g is not Slettegrund.FORTRUDT],
        widget=ListWidget(),
    )


def varigheder(også: int | None) -> list[tuple[str, str]]:
    """The quick choices of minutes, with the one an imported contact already has."""
    return [(str(n), f"{n} min.") for n in sorted({*VARIGHEDER, *([også] if også is not None else [])})]


def grupperet(groups: dict[str, list[tuple[str, str]]], også: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    """Topics under their group's heading, then what an older contact has that can no longer be chosen."""
    known = [SelectChoice(key, label, optgroup=group) for group, pairs in groups.items() for key, label in pairs]
    keys = {choice.value for choice in known}
    return known + [SelectChoice(key, label, optgroup="Udgået") for key, label in også if key not in keys]
