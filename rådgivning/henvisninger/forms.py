"""Forms of referrals."""

from __future__ import annotations

import uuid
from typing import Any

from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.database import today
from rådgivning.felter import (
    DatoFelt,
    Formular,
    NotatFelt,
    SkjultFelt,
    TekstFelt,
    TelefonFelt,
    ValgFelt,
    højst,
    påkrævet,
)
from rådgivning.henvisninger.models import HenvisningData


class HenvisningForm(Formular):
    """What a referrer is asked; `kilde` only when the beboerrådgiver writes down what a partner said on the phone."""

    navn = TekstFelt("Beboerens navn")
    adresse = TekstFelt("Adresse")
    afdeling = ValgFelt("Afdeling", [påkrævet("Vælg afdelingen.")])
    telefon = TelefonFelt("Telefon")
    grund = ValgFelt("Hvorfor henviser du?", [påkrævet("Vælg, hvorfor du henviser.")])
    hast = ValgFelt("Hvor meget haster det?", [påkrævet("Vælg, hvor meget det haster.")], widget=ListWidget())
    beboer_ved_det = ValgFelt(
        "Ved beboeren, at du henviser, og må navn og nummer gives videre?",
        [påkrævet("Vælg et svar.")],
        choices=[("ja", "Ja"), ("nej", "Nej"), ("ved_ikke", "Ved ikke")],
        widget=ListWidget(),
    )
    beskrivelse = NotatFelt("Hvad skal beboerrådgiveren vide?", [højst(2000)])
    kilde = ValgFelt("Hvem henviser?", [påkrævet("Vælg, hvem der henviser.")])

    def validate_navn(self, field: TekstFelt) -> None:
        """Somebody or some place to go to."""
        if not field.data and not self.adresse.data:
            raise ValidationError("Skriv navnet. Kender du det ikke, så skriv adressen.")

    def validate_telefon(self, field: TelefonFelt) -> None:
        """A number that the resident will not have passed on is not kept."""
        if field.data and self.beboer_ved_det.data == "nej":
            raise ValidationError(
                "Beboeren har ikke sagt ja til, at nummeret gives videre. Fjern det, eller spørg først."
            )

    def som_data(self, kilde: str) -> HenvisningData:
        """What goes into the envelope."""
        return HenvisningData(
            navn=self.navn.data,
            telefon=self.telefon.data,
            adresse=self.adresse.data,
            afdeling=self.afdeling.data,
            grund=self.grund.data,
            beskrivelse=self.beskrivelse.data,
            beboer_ved_det={"ja": True, "nej": False}.get(self.beboer_ved_det.data),
            kilde=kilde or self.kilde.data,
        )


class HvemForm(Formular):
    """Who a referral or a restancesag is about: a suggested, searched or new resident, or nobody."""

    hvem = ValgFelt("Hvem er det?", [påkrævet("Vælg, hvem det er.")], widget=ListWidget())
    beboer_tekst = TekstFelt("Søg beboeren")
    beboer_id = SkjultFelt()

    def validate_beboer_tekst(self, _field: TekstFelt) -> None:
        """A search must end with somebody chosen."""
        if self.hvem.data == "søg" and self._søgt() is None:
            raise ValidationError("Vælg en beboer blandt forslagene.")

    def _søgt(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.beboer_id.data)
        except ValueError:
            return None

    def valgt(self) -> dict[str, Any]:
        """`beboer_id` and `ny_beboer` as the domain functions take them; call after validation."""
        if self.hvem.data == "søg":
            return {"beboer_id": self._søgt(), "ny_beboer": None}
        if self.hvem.data in {"ny", "uden"}:
            return {"beboer_id": None, "ny_beboer": self.formular_id.data if self.hvem.data == "ny" else None}
        return {"beboer_id": uuid.UUID(self.hvem.data), "ny_beboer": None}


class TagOpForm(HvemForm):
    """Taking a referral up."""

    frist = DatoFelt("Følg op senest", description="Der bliver lavet en opgave. Tøm feltet, hvis du ikke vil have en.")

    def validate_frist(self, field: DatoFelt) -> None:
        """A follow-up lies ahead."""
        if field.data and field.data < today():
            raise ValidationError("Datoen ligger før i dag.")


class AfslutForm(Formular):
    """How a referral ended."""

    udfald = ValgFelt("Hvordan endte det?", [påkrævet("Vælg, hvordan det endte.")])
    note = NotatFelt("Note", [højst(2000)], description="Kun beboerrådgiveren ser udfald og note.")
