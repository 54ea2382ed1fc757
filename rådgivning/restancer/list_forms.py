"""Forms of the list import: the file, its columns, the doubtful rows, and whom the new cases are about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.beboere.models import BeboerData
from rådgivning.dansk import vis_telefon
from rådgivning.felter import DatoFelt, Formular, JaNejFelt, SkjultFelt, ValgFelt, ikke_i_fremtiden, påkrævet
from rådgivning.restancer.list_mapping import mangler
from rådgivning.restancer.list_matching import Fund
from rådgivning.restancer.list_people import INGEN, NY
from rådgivning.restancer.list_questions import Spørgsmål
from rådgivning.restancer.list_residents import Mangler
from rådgivning.restancer.models import RestancesagData

VENT = "vent"


class FilForm(Formular):
    """Beside the file itself: from whom, as of which day, and whether it names every case."""

    organisation = ValgFelt("Boligorganisation", [påkrævet("Vælg boligorganisationen.")])
    dato = DatoFelt("Listen er pr.", [påkrævet("Skriv datoen."), ikke_i_fremtiden])
    hel = JaNejFelt(
        "Er det hele listen?",
        description="Ved ja bliver sager fra dine tidligere lister, der ikke står på den, foreslået lukket som betalt.",
        ved_ikke=False,
    )

    def validate_hel(self, field: JaNejFelt) -> None:
        """One of the two."""
        if field.data is None:
            raise ValidationError("Svar ja eller nej.")


class KolonneForm(Formular):
    """Which heading is which column."""

    lejemål = ValgFelt("Lejemål nr.")
    navn = ValgFelt("Navn")
    telefon = ValgFelt("Telefon")
    adresse = ValgFelt("Adresse")
    afdeling = ValgFelt("Afdeling")
    beløb = ValgFelt("Beløb")
    forfaldsdato = ValgFelt("Forfaldsdato")
    fase = ValgFelt("Fase")
    dato = ValgFelt("Dato for fasen")

    def kolonner(self) -> dict[str, str]:
        """Column to heading, of those that are chosen."""
        return {f.name: f.data for f in self if isinstance(f, ValgFelt) and f.data}

    def er_hel(self) -> bool:
        """Whether nothing is missing or chosen twice; else the error stands at the field."""
        for column, besked in mangler(self.kolonner()):
            self[column].errors = [*self[column].errors, besked]
        return not self.errors


class GennemførForm(Formular):
    """The answers to the rows of one page, each in a field of its own, and one for all rows that nobody fits."""

    fil_id = SkjultFelt()
    ingen_træf = ValgFelt(
        "Nye sager, hvor vi ingen beboer kender",
        choices=[(INGEN, "Ingen beboer endnu: find dem senere"), (NY, "Opret dem alle som nye beboere")],
        default=INGEN,
        widget=ListWidget(prefix_label=False),
    )

    def svar(self) -> dict[int, str]:
        """Answers by row number, of those that were among the choices."""
        fields = [f for f in self if f.name.startswith("valg_") and f.data in [c.value for c in f.choices]]
        return {int(f.name.removeprefix("valg_")): f.data for f in fields}


def gennemfør_form(
    spørgsmål: Sequence[Spørgsmål],
    sager: Mapping[uuid.UUID, RestancesagData],
    beboere: Mapping[uuid.UUID, BeboerData],
    svar: Mapping[int, str],
) -> GennemførForm:
    """The form of these rows, with what is answered so far; `sager` and `beboere` are those they may be about, as they
    may be shown."""
    fields = {}
    for row in spørgsmål:
        label = f"Række {row.fund.række.nummer}: {_row(row.fund)}"
        widget = ListWidget(prefix_label=False)
        nummer = row.fund.række.nummer
        if row.person is None:
            choices = [(str(k.id), _case(sager[k.id])) for k in row.fund.tvivl if k.id in sager]
            choices += [(NY, "Ingen af dem: en ny sag"), (VENT, "Lad rækken vente")]
            must = [påkrævet("Vælg, hvilken sag rækken er.")]
            fields[f"valg_{nummer}"] = ValgFelt(label, must, choices=choices, default=svar.get(nummer), widget=widget)
            continue
        choices = [(str(i), _resident(beboere[i])) for i in row.person.forslag if i in beboere]
        choices += [(NY, "Opret som ny beboer"), (INGEN, "Ingen beboer endnu")]
        known = svar.get(nummer) or str(row.person.sikker or INGEN)
        fields[f"valg_{nummer}"] = ValgFelt(label, choices=choices, default=known, widget=widget)
    return cast("GennemførForm", type("Gennemfør", (GennemførForm,), fields)())


def beboer_form(mangler: Sequence[Mangler]) -> Formular:
    """Whom each new case is about; what is sure is chosen."""
    fields = {}
    for line in mangler:
        choices = [(str(i), _resident(b)) for i, b in line.forslag]
        choices += [(NY, "Opret som ny beboer"), (INGEN, "Ingen beboer endnu")]
        fields[f"hvem_{line.sag.id}"] = ValgFelt(
            _case(line.data),
            choices=choices,
            default=str(line.sikker) if line.sikker else INGEN,
            widget=ListWidget(prefix_label=False),
        )
    return cast("Formular", type("Beboere", (Formular,), fields)())


def _case(data: RestancesagData) -> str:
    return _text(data.navn, data.lejemål, data.adresse, data.telefon)


def _row(fund: Fund) -> str:
    række = fund.række
    return _text(række.navn, række.lejemål, række.adresse, række.telefon)


def _resident(data: BeboerData) -> str:
    return _text(data.navn, data.adresse, "", data.telefon)


def _text(navn: str, lejemål: str, adresse: str, telefon: str) -> str:
    return ", ".join(part for part in (navn, lejemål, adresse, vis_telefon(telefon)) if part)
