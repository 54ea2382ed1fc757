"""The form of a Sundhedstjek: one number for each age group of the plan, no field for a person."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.validators import ValidationError

from rådgivning.database import today
from rådgivning.felter import (
    DatoFelt,
    Formular,
    JaNejFelt,
    SkjultFelt,
    TalFelt,
    TekstFelt,
    ValgFelt,
    påkrævet,
)
from rådgivning.sundhedstjek.sessions import TjekData, Tjeklinje

FLEST = 500
FELT = "antal_"
EARLIEST, LATEST = -5 * 365, 366


class TjekForm(Formular):
    """A session; the number fields are added by `form_for`."""

    dato = DatoFelt("Dato", [påkrævet("Skriv datoen.")])
    sted = ValgFelt("Sted", [påkrævet("Vælg stedet.")])
    tema = ValgFelt("Tema", [påkrævet("Vælg temaet.")])
    temamøde = JaNejFelt("Var det et temamøde?", ved_ikke=False)
    titel = TekstFelt("Temamødets titel", max_længde=80, description="Ingen navne: titlen er ikke forseglet.")
    brobygninger = TalFelt("Antal brobygninger", højst=FLEST)
    version = SkjultFelt()

    def validate_dato(self, field: DatoFelt) -> None:
        """A coming session can be planned, but nobody has come to it yet."""
        days = (field.data - today()).days if field.data else 0
        if not EARLIEST <= days <= LATEST:
            raise ValidationError("Datoen ligger for langt fra i dag. Er årstallet rigtigt?")
        if days > 0 and (any(self.fremmøde().values()) or self.brobygninger.data):
            raise ValidationError("Datoen ligger i fremtiden. Fremmødet skrives ind, når dagen er gået.")

    def antal_felter(self) -> list[TalFelt]:
        """The number fields in the plan's order."""
        return [field for field in self if field.name.startswith(FELT)]

    def fremmøde(self) -> dict[str, int]:
        """Heads by age group; an empty field is nobody."""
        return {field.name.removeprefix(FELT): field.data or 0 for field in self.antal_felter()}

    def som_data(self) -> TjekData:
        """What was entered, after validation; the title belongs to a temamøde."""
        assert self.dato.data is not None  # noqa: S101 - required and validated
        return TjekData(
            dato=self.dato.data,
            sted=self.sted.data,
            tema=self.tema.data,
            temamøde=self.temamøde.data is True,
            titel=self.titel.data if self.temamøde.data else "",
            brobygninger=self.brobygninger.data or 0,
            fremmøde=self.fremmøde(),
        )

    def vis(self, linje: Tjeklinje) -> None:
        """Fill the fields from a session."""
        for name in ("dato", "sted", "tema", "temamøde", "titel", "brobygninger", "version"):
            self[name].process_data(getattr(linje.tjek, name))
        for field in self.antal_felter():
            field.process_data(linje.fremmøde.get(field.name.removeprefix(FELT), 0))


def form_for(grupper: Iterable[tuple[str, str]]) -> type[TjekForm]:
    """The form with one number field for each age group (key, label)."""
    fields = {FELT + key: TalFelt(label, højst=FLEST) for key, label in grupper}
    return type("TjekFormMedGrupper", (TjekForm,), fields)


class SletForm(Formular):
    """Why a session is deleted."""

    grund = ValgFelt("Hvorfor slettes det?", [påkrævet("Vælg en grund.")])
