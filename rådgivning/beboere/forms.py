"""Forms of the room."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session
from wtforms.validators import Regexp

from rådgivning.beboere.models import BeboerData
from rådgivning.dansk import dato, vis_telefon
from rådgivning.felter import (
    DatoFelt,
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
from rådgivning.felter.messages import CPR_BESKED
from rådgivning.felter.text import UUID_TEXT
from rådgivning.plan.lister import etiket, valg

EMAIL = r"(?:[^@\s]+@[^@\s]+\.[^@\s]+)?\Z"
FELTER = tuple(BeboerData.model_fields)


class BeboerFormular(Formular):
    """Stamdata. `version` is the one that was shown; `set_dubletter` names the possible duplicates already seen."""

    navn = TekstFelt("Navn", [påkrævet("Skriv beboerens navn.")])
    telefon = TelefonFelt("Telefon")
    adresse = TekstFelt("Adresse")
    afdeling = ValgFelt("Afdeling")
    email = TekstFelt("E-mail", [Regexp(EMAIL, message="Skriv en e-mailadresse som navn@eksempel.dk.")])
    fødselsdato = DatoFelt(
        "Fødselsdato",
        [ikke_i_fremtiden],
        description="Bruges kun til aldersgruppen i tallene og til at kende to beboere fra hinanden.",
    )
    aldersgruppe = ValgFelt("Aldersgruppe", description="Kun hvis fødselsdatoen ikke kendes.")
    børn_i_husstanden = JaNejFelt("Bor der børn under 18 år i husstanden?")
    note = NotatFelt(
        "Note", description="Det, der er godt at vide, hver gang: fx tolk, kontaktperson, bedste tidspunkt."
    )
    version = SkjultFelt()
    set_dubletter = SkjultFelt(max_længde=2000)

    @property
    def shown_version(self) -> int:
        """The version the form was shown with; 0, which is nobody's, when it is missing or changed."""
        return int(self.version.data) if re.fullmatch(r"[1-9]\d{0,8}", self.version.data, re.ASCII) else 0

    def tilbyd(self, session: Session, helhedsplan_id: uuid.UUID, nu: BeboerData | None = None) -> BeboerFormular:
        """Give the lists their choices; retired keys stay when the resident already has them."""
        for felt, liste in ((self.afdeling, "afdeling"), (self.aldersgruppe, "aldersgruppe")):
            felt.choices = valg(session, helhedsplan_id, liste, også=[getattr(nu, liste)] if nu else [])
        return self

    def beboerdata(self) -> BeboerData:
        """What was typed; an age group beside a birth date is dropped, since the birth date knows better."""
        values = {name: getattr(self, name).data for name in FELTER}
        if values["fødselsdato"] is not None:
            values["aldersgruppe"] = ""
        return BeboerData(**values)


@dataclass(frozen=True)
class Forskel:
    """One field on which two people disagree, as both would read it."""

    felt: str
    gældende: str
    skrevet: str


def forskelle(
    session: Session, helhedsplan_id: uuid.UUID, form: BeboerFormular, gældende: BeboerData
) -> Sequence[Forskel]:
    """What somebody else has saved, beside what is typed in the form."""
    mine = form.beboerdata()
    return [
        Forskel(
            form[name].label.text,
            vist_felt(session, helhedsplan_id, gældende, name),
            vist_felt(session, helhedsplan_id, mine, name),
        )
        for name in FELTER
        if getattr(gældende, name) != getattr(mine, name)
    ]


def vist_felt(session: Session, helhedsplan_id: uuid.UUID, data: BeboerData, name: str) -> str:
    """One field of stamdata as people read it; "" when it says nothing."""
    value = getattr(data, name)
    if name in {"afdeling", "aldersgruppe"}:
        return etiket(session, helhedsplan_id, name, value)
    if name == "telefon":
        return vis_telefon(value)
    if name == "fødselsdato":
        return dato(value)
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    return value or ""


class LignerFormular(Formular):
    """What is typed so far of a resident who may be there already. Half a number is no error, only nothing yet."""

    navn = TekstFelt()
    telefon = TelefonFelt()
    adresse = TekstFelt()
    fødselsdato = DatoFelt()
    vælg = SkjultFelt()

    def beboerdata(self) -> BeboerData | None:
        """What can be compared; None when there is nothing, or a CPR number in it."""
        typed = [felt for felt in (self.navn, self.telefon, self.adresse, self.fødselsdato) if not felt.process_errors]
        data = BeboerData(**{felt.name: felt.data for felt in typed})
        if any(CPR_BESKED in felt.process_errors for felt in self) or not (data.navn or data.telefon):
            return None
        return data


class ParFormular(Formular):
    """Two residents of the list of possible duplicates."""

    en = SkjultFelt()
    anden = SkjultFelt()

    @property
    def par(self) -> tuple[uuid.UUID, uuid.UUID] | None:
        """The two ids; None when they are not two."""
        sent = (self.en.data, self.anden.data)
        if not all(UUID_TEXT.fullmatch(text) for text in sent) or sent[0].lower() == sent[1].lower():
            return None
        return uuid.UUID(sent[0]), uuid.UUID(sent[1])
