"""Forms of a report: its texts, that it is finished, and the organisation's Word template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_wtf.file import FileField

from rådgivning.felter import Formular, NotatFelt, SkjultFelt, højst
from rådgivning.rapporter import templates
from rådgivning.skabeloner.places import SkabelonFejl
from rådgivning.virus import VirusFejl, undersøg_upload

LÆNGST = 4000
INDLEDNING = "indledning"


class TekstForm(Formular):
    """The introduction and a comment on each delmål; `for_delmål` adds the comments."""

    indledning = NotatFelt("Indledning", [højst(LÆNGST)])
    version = SkjultFelt()

    @property
    def felter(self) -> Iterator[tuple[str, NotatFelt]]:
        """Each text's key ("" the introduction) and its field."""
        yield "", self.indledning
        for name, field in self._fields.items():
            if name.startswith("delmål_"):
                yield name.removeprefix("delmål_"), field

    def vis(self, tekster: Mapping[str, str]) -> None:
        """Fill the fields with what is kept."""
        for key, field in self.felter:
            field.process_data(tekster.get(key, ""))

    @property
    def tekster(self) -> dict[str, str]:
        """What was written, by key."""
        return {key: field.data for key, field in self.felter}


def for_delmål(delmål: Mapping[str, str]) -> type[TekstForm]:
    """The form with a comment for each delmål, by key and wording."""
    fields: dict[str, Any] = {f"delmål_{key}": NotatFelt(tekst, [højst(LÆNGST)]) for key, tekst in delmål.items()}
    return type("TekstForm", (TekstForm,), fields)


class FærdigForm(Formular):
    """Which texts and figures were shown when »gør færdig« was pressed."""

    version = SkjultFelt()
    udgivelse = SkjultFelt()


class SkabelonForm(Formular):
    """The organisation's own Word template."""

    skabelon = FileField("Jeres egen Word-skabelon")
    version = SkjultFelt()

    def fil(self) -> bytes | None:
        """The checked file; None with a message at the field when there is none that can be used."""
        if not self.validate():
            return None
        data: bytes = self.skabelon.data.stream.read() if self.skabelon.data else b""
        try:
            if not data:
                raise SkabelonFejl("Vælg en fil.")
            undersøg_upload(data)
            templates.godkend(data)
        except (SkabelonFejl, VirusFejl) as fejl:
            self.skabelon.errors = [str(fejl)]
            return None
        return data
