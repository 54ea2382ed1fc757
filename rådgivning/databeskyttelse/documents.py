"""Documents of accountability, made from what runs: the tables, the plan's rules, the table of rights, the settings.

Nothing here is written by hand for one place: another plan, another setting or a new table gives another document.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, ÅBNER, Ret, Rolle
from rådgivning.dansk import tidspunkt
from rådgivning.database import now
from rådgivning.databeskyttelse.descriptions import FORMÅL, INGEN, TABELLER, feltnavn, kuverter
from rådgivning.plan.lister import valg
from rådgivning.plan.plans import frister, plan
from rådgivning.settings import Settings
from rådgivning.spor.trail import Adgang

Rækker = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Afsnit:
    """A part of a document: paragraphs and, where there is one, a table with its headings."""

    titel: str
    tekst: tuple[str, ...] = ()
    hoved: tuple[str, ...] = ()
    rækker: Rækker = ()


@dataclass(frozen=True)
class Dokument:
    """A document as page, paper and file show it."""

    nøgle: str
    titel: str
    manchet: str
    afsnit: tuple[Afsnit, ...]
    lavet: datetime

    @property
    def bund(self) -> str:
        """What it was made from, and when."""
        return f"Lavet af programmet {tidspunkt(self.lavet)} ud fra det, der kører. Intet er skrevet i hånden."


@dataclass(frozen=True)
class Grundlag:
    """What documents are made from."""

    session: Session
    plan_id: uuid.UUID
    settings: Settings


ROLLER: Final[Mapping[Rolle, str]] = {
    Rolle.BEBOERRÅDGIVER: "Beboerrådgiver",
    Rolle.EJENDOMSDRIFT: "Ejendomsdrift",
    Rolle.INKASSO: "Opkrævning og inkasso",
    Rolle.LEDER: "Boligsocial leder",
    Rolle.DATABESKYTTELSE: "Databeskyttelse",
}
_SÅDAN: Final = (
    "En beboer slettes ved, at beboerens nøgle ødelægges. Det, der er forseglet med den, kan derefter ingen læse.",
    "Det gælder også databasens sikkerhedskopier, som gemmes i {data} dage. Nøglernes gemmes i højst {nøgler} dage.",
    "Til databasens kopier er slettet, står der i dem et nummer uden navn og, hvilke dage der var kontakt med det.",
    "Det, der er talt med i statistikken, bliver: det rummer hverken navn, nummer eller dag.",
    "Sletningen får en kvittering uden personoplysninger, som siger, hvornår den sidste kopi er glemt.",
)
_OMFANG: Final[Mapping[str, str]] = {
    "alle": "alle i helhedsplanen",
    "organisation": "egen boligorganisations",
    "egne": "egne",
}


def fortegnelse(grund: Grundlag) -> Dokument:
    """The record of processing activities (GDPR art. 30)."""
    indhold = plan(grund.session, grund.plan_id)
    parts = ", ".join(indhold.helhedsplan.parter) or ", ".join(o.navn for o in indhold.boligorganisation.values())
    contacts = grund.session.exec(
        select(Bruger.navn)
        .where(Bruger.helhedsplan_id == grund.plan_id, Bruger.rolle == Rolle.DATABESKYTTELSE)
        .where(col(Bruger.spærret).is_(None))
        .order_by(col(Bruger.navn))
    ).all()
    return Dokument(
        "fortegnelse",
        "Fortegnelse over behandlingsaktiviteter",
        "Databeskyttelsesforordningen art. 30, stk. 1.",
        (
            Afsnit(
                "Dataansvarlig",
                (
                    f"Helhedsplan: {indhold.helhedsplan.navn}. Parter: {parts}.",
                    f"Kontakt om databeskyttelse: {', '.join(contacts) or 'ingen bruger har rollen'}.",
                ),
            ),
            Afsnit(
                "Formål",
                (),
                ("Formål", "Hvad der gøres", "Retsgrundlag"),
                tuple((f.navn, f.hvad, f.hjemmel) for f in FORMÅL.values()),
            ),
            _categories(grund),
            _others(grund),
            _recipients(grund),
            Afsnit(
                "Overførsel til lande uden for EU",
                ("Programmet sender ingen personoplysninger til tredjelande og henter intet udefra, mens det bruges.",),
            ),
            Afsnit(
                "Sikkerhed",
                ("Foranstaltninger efter art. 32, som de er sat her:",),
                ("Hvad", "Hvordan"),
                _security(grund.settings),
            ),
        ),
        now(),
    )


def _categories(grund: Grundlag) -> Afsnit:
    rules = frister(grund.session, grund.plan_id)
    rows = []
    for table, fields in kuverter().items():
        about = TABELLER[table]
        keep = rules[about.frist].længde if about.frist else about.gemmes
        words = ", ".join(feltnavn(field) for field in fields)
        rows.append((about.navn, about.om, words, FORMÅL[about.formål].navn, keep))
    text = (
        "Beboere: de, der får rådgivning, bor sammen med dem, er henvist eller har en restance. CPR-numre gemmes ikke. "
        "Felterne er dem, programmet har i dag; de ligger i forseglede kuverter med en nøgle for hver beboer."
    )
    hoved = ("Kategori", "Om", "Oplysninger", "Formål", "Gemmes")
    return Afsnit("Registrerede og oplysninger", (text,), hoved, tuple(rows))


def _others(grund: Grundlag) -> Afsnit:
    """Tables that hold no envelope: what stands in clear, and about whom."""
    rules, sealed = frister(grund.session, grund.plan_id), kuverter()
    rows = tuple(
        (t.navn, t.om, FORMÅL[t.formål].navn, rules[t.frist].længde if t.frist else t.gemmes)
        for name, t in TABELLER.items()
        if name not in sealed and t.om != INGEN
    )
    return Afsnit("Øvrige registreringer om personer", (), ("Hvad", "Om", "Formål", "Gemmes"), rows)


def _recipients(grund: Grundlag) -> Afsnit:
    partners = [label for _key, label in valg(grund.session, grund.plan_id, "samtykke_modtager")]
    rows = [
        ("Ejendomsdrift", "Egne henvisninger og deres status; tid og sted for aftalte besøg i egen boligorganisation"),
        ("Opkrævning og inkasso", "Egne henvisninger og restancer; de to svar om kontakt kun, mens et samtykke gælder"),
        ("Partnere", f"Efter samtykke: {', '.join(partners) or 'ingen er nævnt i planen'}"),
        ("Boligsocial leder, bestyrelse og Landsbyggefonden", "Kun beskyttede tal, som ingen kan findes i"),
        ("Den, der driver serveren", "Databehandler; ser ingen personoplysninger uden nøglen (se trusselsmodellen)"),
    ]
    if grund.settings.post is not None:
        rows.append(("Mailserveren", "Brugeres mailadresser og hvor mange af hvad; intet om beboere"))
    return Afsnit("Modtagere", (), ("Modtager", "Hvad"), tuple(rows))


def _security(settings: Settings) -> Rækker:
    minutes = settings.session_idle.total_seconds() / 60
    hours = settings.session_absolute.total_seconds() / 3600
    faktor = "kræves" if settings.anden_faktor == "skal" else "kan vælges fra (kun under udvikling)"
    database = "SQLite på samme maskine" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    mail = f"Sendes med {settings.post.tls}; intet om beboere" if settings.post else "Er ikke sat op"
    rows = {
        "Kryptering": "AES-256-GCM med en nøgle for hver beboer; nøgleringen ligger uden for databasen",
        "Database": f"{database}; beboernes nøgler i en database for sig selv",
        "Forbindelse": "HTTPS med HSTS" if settings.https else "HTTP (HTTPS er slået fra i indstillingerne)",
        "Login": f"Kendte og korte kodeord afvises; login i to trin {faktor} af alle",
        "Fornyet bevis": f"Udtræk, sletning og brugere kræver bevis fra de sidste {settings.frisk_minutter} minutter",
        "Session": f"Slutter efter {minutes:.0f} minutter uden brug og efter {hours:.0f} timer i alt",
        "Adgang": "Roller og felter i én tabel; se listen over roller og rettigheder",
        "Sporet": "Hver læsning og ændring, kædet med en nøgle; usædvanlig læsning vises for databeskyttelse",
        "Tal": f"Mindst {settings.person_threshold} personer bag hvert tal, afrundet til {settings.rounding_base}",
        "Sikkerhedskopier": "Krypteret til en nøgle, maskinen ikke har; data gemmes i "
        f"{settings.kopidage.data} dage, nøgler i højst {settings.kopidage.nøgler}",
        "Post": mail,
    }
    return tuple(rows.items())


def slettepolitik(grund: Grundlag) -> Dokument:
    """How long each kind is kept and why, from the plan's rules."""
    dage = grund.settings.kopidage
    rows = tuple(
        (r.hvad, r.længde, r.fra, r.grund, r.kilde, "Ja" if r.egen else "Nej")
        for r in frister(grund.session, grund.plan_id).values()
    )
    return Dokument(
        "slettepolitik",
        "Slettepolitik",
        "Hvad der slettes hvornår og hvorfor. Fristerne står i planfilen.",
        (
            Afsnit("Frister", (), ("Hvad", "Gemmes", "Regnet fra", "Hvorfor", "Kilde", "Planens egen"), rows),
            Afsnit(
                "Uden for fristerne",
                ("Det her har ingen frist i planen. Det går af sig selv, eller det beholdes af den grund, der står.",),
                ("Hvad", "Gemmes"),
                tuple((t.navn, t.gemmes) for t in TABELLER.values() if t.frist is None),
            ),
            Afsnit(
                "Sådan slettes der",
                tuple(line.format(data=dage.data, nøgler=dage.nøgler) for line in _SÅDAN),
            ),
        ),
        now(),
    )


def rettigheder(grund: Grundlag) -> Dokument:
    """Roles and rights, from the one table that the program itself goes by."""
    users = grund.session.exec(
        select(Bruger.rolle).where(Bruger.helhedsplan_id == grund.plan_id, col(Bruger.spærret).is_(None))
    ).all()
    roles = tuple((navn, str(list(users).count(rolle)), str(len(RETTIGHEDER[rolle]))) for rolle, navn in ROLLER.items())
    rights = tuple((ret.value, *("ja" if ret in RETTIGHEDER[rolle] else "" for rolle in ROLLER)) for ret in Ret)
    opens = tuple(
        (navn, TABELLER[table].navn, _OMFANG.get(adgang.omfang, adgang.omfang), _parts(adgang))
        for rolle, navn in ROLLER.items()
        for table, adgang in sorted(ÅBNER[rolle].items())
    )
    none = [navn for rolle, navn in ROLLER.items() if not ÅBNER[rolle]]
    return Dokument(
        "rettigheder",
        "Roller og rettigheder",
        "Den tabel, programmet selv går efter.",
        (
            Afsnit("Roller", (), ("Rolle", "Aktive brugere", "Rettigheder"), roles),
            Afsnit("Hvad hver rolle må", (), ("Ret", *ROLLER.values()), rights),
            Afsnit(
                "Hvilke kuverter hver rolle åbner",
                (f"Åbner ingen kuverter: {', '.join(none)}." if none else "",),
                ("Rolle", "Hvad", "Hvis", "Felter"),
                opens,
            ),
        ),
        now(),
    )


def _parts(adgang: Adgang) -> str:
    seen = "alle felter" if adgang.ser is None else ", ".join(sorted(_part(part) for part in adgang.ser))
    if adgang.kun_ejer:
        seen += f"; hos en kollegas beboer er dækket: {', '.join(sorted(_part(part) for part in adgang.kun_ejer))}"
    return seen


def _part(part: str) -> str:
    """A field, or one inside another, in words."""
    return " i ".join(feltnavn(name) for name in reversed(part.split(".")))


DOKUMENTER: Final[Mapping[str, Callable[[Grundlag], Dokument]]] = {
    "fortegnelse": fortegnelse,
    "slettepolitik": slettepolitik,
    "rettigheder": rettigheder,
}
