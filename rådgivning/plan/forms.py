"""The form of a måling, and the confirmation that removes one."""

from __future__ import annotations

import uuid
from typing import Any

from sqlmodel import Session

from rådgivning.felter import DecimalFelt, Formular, NotatFelt, SkjultFelt, TalFelt, TekstFelt, højst, påkrævet
from rådgivning.plan.agreement import Indikator
from rådgivning.plan.measurements import FINDES, MålingData, findes, mangler
from rådgivning.plan.models import Måling


class MålingFormular(Formular):
    """One value of one indicator: year, source, and what is known of the numbers behind it."""

    år = TalFelt("År", [påkrævet("Skriv det år, målingen gælder.")], højst=2100)
    værdi = DecimalFelt("Værdi i området", [påkrævet("Skriv målingens værdi.")], decimaler=3, højst=1_000_000)
    sammenligning = DecimalFelt("Værdi i sammenligningsgruppen", decimaler=3, højst=1_000_000)
    gruppe = TekstFelt("Sammenlignet med", max_længde=120)
    kilde = TekstFelt("Datakilde", [påkrævet("Skriv, hvor tallet kommer fra.")], max_længde=120)
    n = TalFelt("Antal svar (n)", højst=10_000_000)
    tæller = TalFelt("Tæller", højst=10_000_000)
    nævner = TalFelt("Nævner", højst=10_000_000)
    note = NotatFelt("Note", [højst(2000)])
    version = SkjultFelt()

    def værdier(self, nøgle: str) -> MålingData:
        """What was entered for the indicator with this key; only after `validate` found the required fields there."""
        assert self.år.data is not None  # noqa: S101
        assert self.værdi.data is not None  # noqa: S101
        return MålingData(
            indikator=nøgle,
            år=self.år.data,
            værdi=self.værdi.data.normalize(),
            kilde=" ".join(self.kilde.data.split()),
            sammenligning=None if self.sammenligning.data is None else self.sammenligning.data.normalize(),
            gruppe=" ".join(self.gruppe.data.split()),
            tæller=self.tæller.data,
            nævner=self.nævner.data,
            n=self.n.data,
            note=self.note.data,
        )

    def godkendt(
        self,
        session: Session,
        helhedsplan_id: uuid.UUID,
        nøgle: str,
        indicator: Indikator,
        egen: uuid.UUID | None = None,
    ) -> MålingData | None:
        """The måling when everything is right; None with a message at each field when not.

        `egen` is the måling being corrected: it does not stand in its own way.
        """
        if not self.validate():
            return None
        data = self.værdier(nøgle)
        wrong = list(mangler(data, indicator))
        if findes(session, helhedsplan_id, data, egen):
            wrong.append(("år", FINDES.format(år=data.år)))
        for field, besked in wrong:
            self[field].errors = [*self[field].errors, besked]
        return None if wrong else data

    def vis(self, måling: Måling) -> None:
        """Fill the fields from a måling."""
        for name in ("år", "værdi", "sammenligning", "gruppe", "kilde", "n", "tæller", "nævner", "note", "version"):
            self[name].process_data(getattr(måling, name))


class SletMåling(Formular):
    """Confirms that a måling is to be removed."""

    version = SkjultFelt()


def versionsnummer(felt: Any) -> int:
    """The version a form was shown with; 0, which no row has, when the field was tampered with."""
    text = str(felt.data)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
