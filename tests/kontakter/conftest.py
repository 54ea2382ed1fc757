"""What the room's tests share: a resident, and the smallest form a browser would send."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.kontakter.models import KontaktData
from tests.conftest import IDAG, Klient

ZXQ = BeboerData(
    navn="Zxq Prøvesen",
    telefon="+4520121234",
    adresse="Opdigtet Allé 7",
    afdeling="aab55",
    fødselsdato=date(1990, 5, 1),
)


@pytest.fixture
def zxq(db: Session) -> uuid.UUID:
    """The id of a resident who does not exist."""
    beboer_id = opret_beboer(db, ZXQ).id
    db.commit()
    return beboer_id


@pytest.fixture
def rådgiver(klient: Callable[[Rolle | None], Klient]) -> Klient:
    """A client signed in as the beboerrådgiver."""
    return klient(Rolle.BEBOERRÅDGIVER)


def samtale(**values: Any) -> KontaktData:
    """A talk with everything it needs."""
    usual: dict[str, Any] = {
        "art": "en_til_en",
        "aktivitet": "beboerrådgivning",
        "afdeling": "aab55",
        "form": "fremmøde",
        "kilde": "beboeren_selv",
        "hovedemne": "gæld",
        "udfald": "råd_givet",
    }
    return KontaktData(**usual | values)


def felter(**values: Any) -> dict[str, Any]:
    """The fields of a filled form about an anonymous talk; None leaves a field out."""
    usual: dict[str, Any] = {
        "formular_id": str(uuid.uuid4()),
        "art": "en_til_en",
        "dato": IDAG.isoformat(),
        "beboer_id": "anonym",
        "afdeling": "aab55",
        "hovedemne": "gæld",
        "udfald": "råd_givet",
        "form": "fremmøde",
        "kilde": "beboeren_selv",
        "aktivitet": "beboerrådgivning",
    }
    return {name: value for name, value in (usual | values).items() if value is not None}


def sendes(page: str) -> dict[str, Any]:
    """What a browser without JavaScript would send of a page's form as it stands: every control with its value."""
    form = page[page.index("data-kladde=") : page.index("</form>", page.index("data-kladde="))]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name, value = (_attribute(tag, part) for part in ("type", "name", "value"))
        if name and (kind not in {"radio", "checkbox"} or " checked" in tag):
            found.setdefault(name, value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        found[name] = chosen.group(1) if chosen else ""
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL))
    return found


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf' {name}="([^"]*)"', tag)
    return match.group(1) if match else ""
