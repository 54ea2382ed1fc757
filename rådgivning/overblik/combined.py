"""The stamdata of two residents who are one: each field from the one it is chosen from."""

from __future__ import annotations

from collections.abc import Mapping

from rådgivning.beboere.models import BeboerData
from rådgivning.felter import NotatFelt

BEHOLDT, UDGÅET, BEGGE = "beholdt", "udgået", "begge"
FELTER = tuple(BeboerData.model_fields)


def samlet(beholdt: BeboerData, udgået: BeboerData, valg: Mapping[str, str]) -> BeboerData:
    """The stamdata of the two as one: each field from the one that was chosen for it, else from the kept one.

    A birth date knows the age group better than anybody who has chosen one.
    """
    values = {navn: getattr(udgået if valg.get(navn) == UDGÅET else beholdt, navn) for navn in FELTER}
    if valg.get("note") == BEGGE:
        values["note"] = begge_noter(beholdt, udgået) or beholdt.note
    if values["fødselsdato"] is not None:
        values["aldersgruppe"] = ""
    return BeboerData(**values)


def begge_noter(beholdt: BeboerData, udgået: BeboerData) -> str:
    """Both notes, one under the other; "" when one is empty, says nothing new, or they are too long together."""
    if not beholdt.note or not udgået.note or beholdt.note == udgået.note:
        return ""
    both = f"{beholdt.note}\n\n{udgået.note}"
    return both if len(both) <= NotatFelt.room else ""
