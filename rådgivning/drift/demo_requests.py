"""The demo's requests by the databeskyttelsesforordning: waiting, near the deadline, given time, answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.models import AnmodningData, Slags
from rådgivning.databeskyttelse.receipts import ANMODNING
from rådgivning.spor.trail import aktør

if TYPE_CHECKING:
    import uuid

    from rådgivning.drift.demo_fill import Opfyldning

# Right, days since it came, the resident's words, and how identity was made sure of ("" not yet).
VENTER = (
    (Slags.INDSIGT, 9, "Jeg vil gerne se, hvad der står om mig og min restance.", "kendt"),
    (Slags.INDSIGELSE, 4, "I skal ikke ringe til mig om restancer. Jeg vil have brev.", "kendt"),
    (Slags.RETTELSE, 25, "Der står, at vi er fem i husstanden. Vi er fire.", ""),
    (Slags.INDSIGT, 38, "Alt, hvad der er skrevet, siden jeg flyttede ind.", "legitimation"),
)


def rights(filling: Opfyldning, slut: date) -> None:
    """A few requests of residents the demo has, one of somebody nobody knows, and one who is erased."""
    asked = [_ask(filling, n, *request, slut) for n, request in enumerate(VENTER)]
    with filling.som(Rolle.DATABESKYTTELSE, slut - timedelta(days=13)) as session:
        requests.forlæng(session, asked[3], "Der er mange notater, og andre personer er nævnt i dem.")
    stranger = requests.Søgt("Ukendta Fantasius", adresse="Ingensteds Allé 2")
    with filling.som(Rolle.DATABESKYTTELSE, slut - timedelta(days=2)) as session:
        requests.registrér_henvendelse(
            session, Slags.INDSIGT, modtaget=slut - timedelta(days=2), søgt=stranger, ønske="Har I noget om mig?",
            id=new_id(),
        )  # fmt: skip
    refused = _ask(filling, 5, Slags.SLETNING, 70, "Slet alt om mig.", "kendt", slut)
    corrected = _ask(filling, 6, Slags.RETTELSE, 50, "Mit telefonnummer er forkert.", "telefon", slut)
    with filling.som(Rolle.DATABESKYTTELSE, slut - timedelta(days=41)) as session:
        words = "Oplysningerne bruges stadig til at hjælpe dig. Spørg igen, når sagen er slut."
        requests.afvis(session, refused, "nødvendige", words)
        done = {"rettet": "Telefonnummeret er rettet.", "modtagere": "Ingen havde fået det gamle nummer."}
        row = requests.lås(session, corrected)
        requests.imødekom(session, row, (requests.tekst(session, row) or AnmodningData()).model_copy(update=done))
    _erased(filling, slut)


def _ask(
    filling: Opfyldning, n: int, slags: Slags, siden: int, ønske: str, identitet: str, slut: date
) -> uuid.UUID:  # fmt: skip
    """The n-th of the demo's residents has asked her beboerrådgiver."""
    dag, id_ = slut - timedelta(days=siden), new_id()
    with filling.som(Rolle.BEBOERRÅDGIVER, dag) as session:
        beboer_id = filling.beboere[20 + 9 * n]
        requests.registrér(session, slags, modtaget=dag, ønske=ønske, beboer_id=beboer_id, id=id_)
    if identitet:
        with filling.som(Rolle.DATABESKYTTELSE, dag + timedelta(days=1)) as session:
            requests.identificér(session, id_, identitet)
    return id_


def _erased(filling: Opfyldning, slut: date) -> None:
    """Somebody who was registered, asked to be erased, and is: what is left is the request and the receipt."""
    dag, id_ = slut - timedelta(days=60), new_id()
    with filling.som(Rolle.BEBOERRÅDGIVER, dag) as session:
        gone = opret_beboer(session, BeboerData(navn="Frode Forsvundsen", afdeling="aab55")).id
        requests.registrér(session, Slags.SLETNING, modtaget=dag, ønske="Slet mig.", beboer_id=gone, id=id_)
    with filling.som(Rolle.DATABESKYTTELSE, dag + timedelta(days=3)) as session:
        requests.identificér(session, id_, "mitid")
        row = requests.lås(session, id_)
        row.kvittering_id = slet_person(session, gone, ANMODNING, af=aktør(session).bruger_id)
        requests.imødekom(session, row)
