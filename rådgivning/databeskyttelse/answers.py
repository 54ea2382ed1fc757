"""The letter that answers a request: what was decided, why, and where to complain. Made in memory. Knows no Flask."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import arbejdssted
from rådgivning.dansk import lang_dato
from rådgivning.database import now, today
from rådgivning.databeskyttelse.access import om
from rådgivning.databeskyttelse.article_15 import DATATILSYNET
from rådgivning.databeskyttelse.export_pdf import sæt
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering, Slags, Status
from rådgivning.databeskyttelse.request_words import AFSLAG, RETTIGHEDER
from rådgivning.databeskyttelse.requests import tekst
from rådgivning.nøgler.opening import open_sealed
from rådgivning.plan.lister import afdelinger
from rådgivning.restancer.letter_content import Hoved
from rådgivning.restancer.letterhead import hoveder

KLAGE = (
    f"Er du ikke enig, kan du klage til {DATATILSYNET}. Du kan også gå til domstolene.",
    "Du er altid velkommen til at kontakte os først.",
)


@dataclass(frozen=True)
class _Svar:
    """Subject and paragraphs."""

    emne: str
    afsnit: list[str]


def kan_skrives(row: Anmodning) -> bool:
    """Whether there is something to tell: a decision, or more time."""
    return row.status != Status.MODTAGET or row.forlænget is not None


def skriv_svar(session: Session, row: Anmodning, underskrift: str) -> bytes:
    """The letter as a tagged PDF. Opens her name and address, and leaves a trace of it. Raises Konflikt when nothing is
    decided yet."""
    if not kan_skrives(row):
        raise Konflikt("Der er ikke noget at svare endnu: anmodningen er ikke afgjort, og fristen er ikke forlænget.")
    data = tekst(session, row, "brev til beboeren") or AnmodningData()
    stamdata = _stamdata(session, row)
    svar = _answer(session, row, data)
    hoved = _letterhead(session, stamdata)
    name, address = (stamdata.navn, stamdata.adresse) if stamdata else (data.navn, data.adresse)
    return sæt(
        "svar.typ",
        {
            "emne": svar.emne,
            "afsender": hoved.afsender,
            "afsender_linjer": [line for line in (hoved.adresse, hoved.telefon) if line],
            "logo": list(hoved.logo),
            "modtager": [name or "Til den, der har spurgt", *filter(None, [address])],
            "dato": lang_dato(today()),
            "afsnit": svar.afsnit,
            "klage": list(KLAGE),
            "underskrift": underskrift,
        },
        now(),
    )


def _stamdata(session: Session, row: Anmodning) -> BeboerData | None:
    beboer = session.get(Beboer, row.beboer_id) if row.beboer_id and row.identitet else None
    if beboer is None:
        return None
    with om(session, [beboer]):
        return open_sealed(session, beboer, BeboerData, "brev til beboeren")


def _letterhead(session: Session, stamdata: BeboerData | None) -> Hoved:
    known = afdelinger(session, arbejdssted(session))
    afdeling = known.get(stamdata.afdeling) if stamdata else None
    heads = hoveder(session)
    return heads.get(afdeling.boligorganisation, heads[""]) if afdeling else heads[""]


def _answer(session: Session, row: Anmodning, data: AnmodningData) -> _Svar:
    slags = Slags(row.slags)
    right = RETTIGHEDER[slags]
    about = f"{right.titel.lower()} (databeskyttelsesforordningen {right.artikel})"
    asked = f"Du bad os {lang_dato(row.modtaget)} om {about}."
    if row.status == Status.MODTAGET:
        more = f"Vi har brug for mere tid og svarer senest {lang_dato(row.frist)} (art. 12, stk. 3)."
        return _Svar("Vi har brug for mere tid", [asked, more, data.forlænget])
    if row.status == Status.AFVIST:
        reason = f"Grunden er: {AFSLAG[slags].get(row.afslag, row.afslag)}."
        return _Svar("Afslag på din anmodning", [asked, "Vi kan ikke gøre, som du beder om.", reason, data.afslag])
    return _Svar(_GRANTED[slags][0], [asked, *filter(None, _granted(session, row, data, _GRANTED[slags][1]))])


_GRANTED = {
    Slags.INDSIGT: ("Her er oplysningerne om dig", "Vi sender alt, vi har om dig, i filen indsigt.pdf."),
    Slags.RETTELSE: ("Oplysningerne er rettet", "Vi har rettet:"),
    Slags.SLETNING: (
        "Oplysningerne om dig er slettet",
        "Den nøgle, som alt om dig var krypteret med, er tilintetgjort.",
    ),
    Slags.BEGRÆNSNING: ("Behandlingen er begrænset", "Oplysningerne om dig gemmes, og ingen ændrer eller bruger dem."),
    Slags.DATAPORTABILITET: ("Her er det, du har givet os", "Vi sender det, du selv har givet os, i en fil."),
}


def _granted(session: Session, row: Anmodning, data: AnmodningData, first: str) -> list[str]:
    """What was done, in words."""
    told = [first]
    if row.slags == Slags.RETTELSE:
        told += [data.rettet, f"Vi har givet besked til: {data.modtagere}" if data.modtagere else ""]
    if row.slags == Slags.BEGRÆNSNING:
        told += [data.begrundelse, data.rettet or "Du får besked, før begrænsningen ophæves (art. 18, stk. 3)."]
    receipt = session.get(Kvittering, row.kvittering_id) if row.kvittering_id else None
    if receipt is not None:
        told.append(
            f"Kvitteringens nummer er {receipt.nummer}. Sikkerhedskopier af nøglen gemmes højst 30 dage: efter"
            f" {lang_dato(receipt.glemt)} kan ingen kopi noget sted læses."
        )
    return told
