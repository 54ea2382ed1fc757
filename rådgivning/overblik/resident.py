"""What all rooms know of one resident, for her page: each table opened as one read, told as one timeline."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer
from rådgivning.dansk import dato, kroner
from rådgivning.database import COPENHAGEN, today
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.browse import Kontaktlinje, kontakter_om
from rådgivning.kontakter.presentation import SKJULT
from rådgivning.nøgler.opening import open_many
from rådgivning.nøgler.restriction import borte
from rådgivning.opgaver.lists import Opgavelinje, opgaver_om
from rådgivning.overblik.home import Hjem, hjem
from rådgivning.plan.lister import aldersgruppe, etiket
from rådgivning.restancer.attempts import gyldige
from rådgivning.restancer.models import Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.samtykker.consents import Samtykkelinje, samtykker_fra

ANLEDNING = "vis beboer"
UDDRAG = 300
ART_IKON = {"opsøgende": "dør", "indflytningssyn": "nøgle", "servicebesøg": "værktøj"}
HENVISNING_STATUS = {
    "modtaget": ("Modtaget", "info"),
    "taget_op": ("Taget op", "advarsel"),
    "kontakt_opnået": ("Kontakt opnået", "ok"),
    "afsluttet": ("Afsluttet", "neutral"),
}
Etiket = Callable[[str, str], str]


@dataclass(frozen=True)
class Post:
    """One event of the timeline, as the macro `tidslinje` reads it."""

    dato: date
    titel: str
    url: str = ""
    tekst: str = ""
    ikon: str = "prik"
    mærke: tuple[str, str] | None = None


@dataclass(frozen=True)
class Sag:
    """A restancesag in one line."""

    id: uuid.UUID
    fase: str
    frist: date | None
    beløb: str
    lukket: date | None
    navn: str = ""


@dataclass(frozen=True)
class Beboerside:
    """Everything on a resident's page."""

    beboer: Beboer
    data: BeboerData
    stamdata: list[tuple[str, str]]
    åbne_opgaver: list[Opgavelinje]
    sager: list[Sag]
    hjem: Hjem | None
    hjemmets_sager: list[Sag]
    samtykker: list[Samtykkelinje]
    tidslinje: list[Post]


def beboerside(session: Session, id: uuid.UUID) -> Beboerside:  # noqa: A002
    """A resident's page; raises IkkeFundet or Shredded."""
    beboer, data = hent_beboer(session, id, ANLEDNING)
    plan_id = beboer.helhedsplan_id

    def label(liste: str, nøgle: str) -> str:
        return etiket(session, plan_id, liste, nøgle)

    opgaver = opgaver_om(session, id)
    sager = _cases(session, id)
    kontakter = kontakter_om(session, id, ANLEDNING)
    poster = [_contact(k, label) for k in kontakter]
    poster += [_done(o) for o in opgaver if o.opgave.udført is not None]
    poster += [_referral(h, d, label) for h, d in _referrals(session, id)]
    told = {k.kontakt.id for k in kontakter}
    poster += [post for sag, sagsdata in sager for post in _steps(sag, sagsdata, told, label)]
    home = hjem(session, id, [sag.id for sag, _data in sager])
    return Beboerside(
        beboer=beboer,
        data=data,
        stamdata=_stamdata(session, beboer, data, home, label),
        åbne_opgaver=[o for o in opgaver if o.opgave.udført is None],
        sager=[_case(sag, sagsdata, label) for sag, sagsdata in sager],
        hjem=home,
        hjemmets_sager=[_case(s, d, label, borte(session, s.beboer_id)) for s, d in home.sager] if home else [],
        samtykker=samtykker_fra(session, id),
        tidslinje=sorted(poster, key=lambda post: post.dato, reverse=True),
    )


def _stamdata(
    session: Session, beboer: Beboer, data: BeboerData, home: Hjem | None, label: Etiket
) -> list[tuple[str, str]]:
    """Label and value of what is shown above the timeline; name, phone and note have places of their own. Of children
    the household's answer counts before what she has said herself."""
    gruppe = data.aldersgruppe or "ukendt"
    if data.fødselsdato is not None:
        gruppe = aldersgruppe(session, beboer.helhedsplan_id, data.fødselsdato, today())
    answer = home.lejemål.børn_i_husstanden if home else None
    børn = {True: "Ja", False: "Nej", None: ""}[data.børn_i_husstanden if answer is None else answer]
    return [
        ("Adresse", data.adresse),
        ("Afdeling", label("afdeling", data.afdeling)),
        ("Fødselsdato", dato(data.fødselsdato)),
        ("Aldersgruppe", label("aldersgruppe", gruppe)),
        ("Børn under 18 år", børn),
        ("Oprettet", dato(beboer.oprettet)),
    ]


def _contact(linje: Kontaktlinje, label: Etiket) -> Post:
    if linje.data is None:
        return Post(linje.kontakt.dato, "Slettet kontakt")
    data = linje.data
    titel = ": ".join(t for t in (label("art", data.art), label("hovedemne", data.hovedemne)) if t)
    udfald = label("udfald", data.udfald)
    return Post(
        linje.kontakt.dato,
        titel or "Kontakt",
        f"/kontakter/{linje.kontakt.id}",
        SKJULT
        if "notat" in data.gemt
        else data.notat
        if len(data.notat) <= UDDRAG
        else data.notat[:UDDRAG].rstrip() + " …",
        ART_IKON.get(data.art, "samtale"),
        (udfald, "neutral") if udfald else None,
    )


def _done(linje: Opgavelinje) -> Post:
    dag = linje.opgave.udført or linje.opgave.frist
    return Post(dag, linje.titel, ikon="opgave", mærke=("Opgave udført", "ok"))


def _referral(henvisning: Henvisning, data: HenvisningData | None, label: Etiket) -> Post:
    dag = henvisning.oprettet.astimezone(COPENHAGEN).date()
    if data is None:
        return Post(dag, "Slettet henvisning", ikon="brev")
    kilde = label("henvisningskilde", data.kilde)
    titel = f"Henvisning fra {kilde}" if kilde else "Henvisning"
    status = HENVISNING_STATUS.get(henvisning.status)
    return Post(dag, titel, f"/henvisninger/{henvisning.id}", label("henvisning_grund", data.grund), "brev", status)


def _steps(sag: Restancesag, data: RestancesagData | None, told: set[uuid.UUID], label: Etiket) -> list[Post]:
    """Each event and each attempt at contact of a restancesag that still counts, but for the contacts told already."""
    if data is None:
        return [Post(sag.oprettet, "Slettet restancesag", ikon="penge")]
    url = f"/restancer/{sag.id}"
    valid = [h for h in data.hændelser if not h.annulleret]
    events = [Post(h.dato, f"Restancesag: {label('restance_fase', h.fase)}", url, ikon="penge") for h in valid]
    return events + [_attempt(forsøg, url, label) for forsøg in gyldige(data) if forsøg.id not in told]


def _attempt(forsøg: Kontaktforsøg, url: str, label: Etiket) -> Post:
    mærke = {True: ("Truffet", "ok"), False: ("Ikke truffet", "neutral"), None: ("Intet svar endnu", "neutral")}
    titel = f"Kontaktforsøg: {label('kontaktforsøg_måde', forsøg.måde)}"
    return Post(forsøg.dato, titel, url, forsøg.note, "samtale", mærke[forsøg.truffet])


def _case(sag: Restancesag, data: RestancesagData | None, label: Etiket, borte: str = "Slettet") -> Sag:
    beløb = kroner(data.beløb) if data else ""
    navn = (data.navn or "Uden navn") if data else borte
    return Sag(sag.id, label("restance_fase", sag.fase), sag.frist, beløb, sag.lukket, navn)


def _referrals(session: Session, beboer_id: uuid.UUID) -> list[tuple[Henvisning, HenvisningData | None]]:
    rows = session.exec(select(Henvisning).where(Henvisning.beboer_id == beboer_id)).all()
    data = open_many(session, rows, HenvisningData, ANLEDNING)
    return [(row, data.get(row.id)) for row in rows]


def _cases(session: Session, beboer_id: uuid.UUID) -> list[tuple[Restancesag, RestancesagData | None]]:
    """Her cases, open ones first."""
    order = (col(Restancesag.lukket).desc().nulls_first(), col(Restancesag.frist).nulls_last(), col(Restancesag.id))
    rows = session.exec(select(Restancesag).where(Restancesag.beboer_id == beboer_id).order_by(*order)).all()
    data = open_many(session, rows, RestancesagData, ANLEDNING)
    return [(row, data.get(row.id)) for row in rows]
