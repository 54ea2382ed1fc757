"""The letter that answers a request: what was decided, why, and where to complain. Made in memory. Knows no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
from rådgivning.databeskyttelse.nothing_held import INTET, er_intet
from rådgivning.databeskyttelse.receipts import kopier
from rådgivning.databeskyttelse.request_words import AFSLAG, INDSIGELSE_UDFALD, RETTIGHEDER
from rådgivning.databeskyttelse.requests import tekst
from rådgivning.databeskyttelse.restricting import holder
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
    asked = f"{right.brev.format(dag=lang_dato(row.modtaget))} (databeskyttelsesforordningen {right.artikel})."
    objected = slags == Slags.INDSIGELSE
    if row.status == Status.MODTAGET:
        more = f"Vi har brug for mere tid og svarer senest {lang_dato(row.frist)} (art. 12, stk. 3)."
        meanwhile = [_KEPT] if holder(row) else []
        return _Svar("Vi har brug for mere tid", [asked, more, data.forlænget, *meanwhile])
    if row.status == Status.AFVIST:
        reason = f"Grunden er: {AFSLAG[slags].get(row.afslag, row.afslag)}."
        subject, no = (
            ("indsigelse", "Du får ikke medhold.") if objected else ("anmodning", "Vi gør ikke, som du beder om.")
        )
        lifted = _lifted(session, row, data)
        return _Svar(f"Afslag på din {subject}", [asked, no, reason, data.afslag, *filter(None, lifted)])
    subject, told = _granted(session, row, data)
    return _Svar(subject, [asked, *filter(None, told)])


_KEPT: Final = (
    "Oplysningerne om dig gemmes, og ingen ændrer eller bruger dem. Melder udlejeren noget om en huslejerestance,"
    " bliver det skrevet ind, fordi det er et retskrav (art. 18, stk. 2)."
)


def _lifted(session: Session, row: Anmodning, data: AnmodningData) -> list[str]:
    """That she was restricted on account of the request and is no more, or still is on account of another."""
    if row.begrænset_fra is None or row.begrænset_til is None:
        return []
    between = f"fra {lang_dato(row.begrænset_fra)} til {lang_dato(row.begrænset_til)}"
    was = f"Behandlingen af oplysningerne om dig var begrænset {between}."
    beboer = session.get(Beboer, row.beboer_id) if row.beboer_id else None
    if beboer is not None and beboer.begrænset is not None:
        return [was, "Nu er den begrænset på grund af en anden anmodning fra dig. Du får besked, før vi ophæver det."]
    return [was, "Begrænsningen er ophævet, og vi kan igen bruge oplysningerne om dig.", data.ophævet]


_ERASED: Final = (
    "Oplysningerne om dig er slettet: den nøgle, de var krypteret med, er tilintetgjort, og ingen kan læse dem mere."
    " Tilbage er kun det, der ikke kan føres tilbage til dig: tal, som du er talt med i, og at nogen gjorde noget"
    " hvornår, under et tilfældigt nummer."
)


_LOOKED: Final = (
    "Vi har ledt efter dig ved det navn og den fødselsdato eller adresse, du har givet os, og behandler ingen"
    " oplysninger om dig."
)
_AGAIN: Final = (
    "Er du skrevet ned under et andet navn eller en anden adresse, så skriv til os igen. Vi gemmer kun din anmodning og"
    " dette svar, så det kan ses, at du har fået det."
)
_NOTHING: Final = {
    Slags.RETTELSE: "Derfor er der ikke noget at rette.",
    Slags.SLETNING: "Derfor er der ikke noget at slette.",
    Slags.BEGRÆNSNING: "Derfor er der ikke noget at begrænse.",
    Slags.DATAPORTABILITET: "Derfor er der ikke noget at give dig med.",
    Slags.INDSIGELSE: "Derfor er der ikke nogen behandling at stoppe.",
}


def _granted(session: Session, row: Anmodning, data: AnmodningData) -> tuple[str, list[str]]:
    """The subject, and what was done, in words."""
    receipt = session.get(Kvittering, row.kvittering_id) if row.kvittering_id else None
    if receipt is not None:
        return "Oplysningerne om dig er slettet", [
            _ERASED,
            f"Kvitteringens nummer er {receipt.nummer}.",
            kopier(receipt),
        ]
    if er_intet(row, data):
        return INTET, [_LOOKED, _NOTHING.get(Slags(row.slags), ""), _AGAIN]
    told_others = f"Vi har givet besked til: {data.modtagere}" if data.modtagere else ""
    match Slags(row.slags):
        case Slags.INDSIGT:
            struck = bool(data.masker or data.udeladt)
            why = "Noget er streget over eller udeladt. Grunden står hvert sted." if struck else ""
            return "Her er oplysningerne om dig", [
                "Du får det, vi har skrevet om dig, i en ZIP-fil. Begynd med at åbne indsigt.pdf i den.",
                why,
            ]
        case Slags.RETTELSE:
            return "Oplysningerne er rettet", ["Vi har rettet:", data.rettet, told_others]
        case Slags.BEGRÆNSNING:
            grund = f"Grunden er: {data.begrundelse}."
            if not holder(row):
                return "Begrænsningen efter din anmodning er ophævet", _lifted(session, row, data)
            return "Behandlingen er begrænset", [_KEPT, grund, "Du får besked, før vi ophæver det (art. 18, stk. 3)."]
        case Slags.INDSIGELSE:
            lifted, kept = _lifted(session, row, data), [_KEPT] if holder(row) else []
            if lifted and data.begrundelse == INDSIGELSE_UDFALD["begrænses"]:
                then = ["Du fik medhold, og vi rettede os efter den. Det betød:", data.rettet, told_others]
                return "Begrænsningen efter din indsigelse er ophævet", [*then, *lifted]
            upheld = ["Vi retter os efter den. Det betyder:", data.rettet, *kept, told_others]
            return "Du får medhold i din indsigelse", [*upheld, *lifted]
        case _:
            return "Her er det, du har givet os", ["Vi sender det, du selv har givet os, i en fil, andre kan læse ind."]
