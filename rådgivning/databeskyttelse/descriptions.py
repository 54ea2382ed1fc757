"""What every table and every sealed field is, in the words of the fortegnelse (GDPR art. 30).

A test fails for a table or a field that is not described here, and for a description of something that is gone.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from rådgivning.henvisninger.models import HenvisningBehandlingData, HenvisningData
from rådgivning.nøgler.opening import SealedRow
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.models import RestancesagData

BEBOERE, BRUGERE, INGEN = "beboere", "brugere", "ingen personer"


@dataclass(frozen=True)
class Formål:
    """Why data are processed, and on what ground."""

    navn: str
    hvad: str
    hjemmel: str


FORMÅL: Final[Mapping[str, Formål]] = {
    "rådgivning": Formål(
        "Beboerrådgivning",
        "Rådgive, følge op, bygge bro til andre tilbud og kunne fortsætte, hvor man slap.",
        "Databeskyttelsesforordningen art. 6, stk. 1, litra a (samtykke) eller e (samfundets interesse) og art. 9, "
        "stk. 2, litra a, som helhedsplanen har valgt",
    ),
    "restance": Formål(
        "Forebyggelse af udsættelser",
        "Følge en restance gennem dens faser og nå beboeren, før hun bliver sat ud.",
        "Databeskyttelsesforordningen art. 6, stk. 1, litra e og f",
    ),
    "samarbejde": Formål(
        "Samarbejde med ejendomsdrift, opkrævning og partnere",
        "Tage imod henvisninger, aftale besøg og melde tilbage, hvor langt en henvisning er.",
        "Databeskyttelsesforordningen art. 6, stk. 1, litra e; deling ud over status kun efter samtykke",
    ),
    "rettigheder": Formål(
        "Beboernes rettigheder og ansvarlighed",
        "Besvare indsigt, rettelse og sletning, holde slettefrister og kunne vise, hvem der har set hvad.",
        "Databeskyttelsesforordningen art. 5, stk. 2, art. 6, stk. 1, litra c, art. 15-21 og 32",
    ),
    "brugere": Formål(
        "Brugere og sikkerhed",
        "Lade de rette logge ind, opdage misbrug og give besked.",
        "Databeskyttelsesforordningen art. 6, stk. 1, litra f, og art. 32",
    ),
    "tal": Formål(
        "Statistik",
        "Beskyttede tal til helhedsplanens mål og Landsbyggefonden, som ingen kan findes i.",
        "Databeskyttelsesforordningen art. 89; databeskyttelseslovens § 10",
    ),
}


@dataclass(frozen=True)
class Tabel:
    """A table: what it is, for which purpose, about whom, and how long it is kept: by a retention rule, or, in words,
    why it goes otherwise or not at all. A test holds every table to one of the two."""

    navn: str
    formål: str
    om: str
    frist: Fristnavn | None = None
    gemmes: str = ""


_BRUGER = "så længe brugeren er der; slettes med brugerens navn"
_NÅR_BRUGT = "nogle minutter eller dage, til det er brugt eller udløbet"
_NUMRE_ALENE = "beholdes: mærker og numre, som intet siger i sig selv"
_ANONYMT = "beholdes: ingen personer"
_OPSÆTNING = "så længe det er i brug: helhedsplanens eller boligorganisationens egne tekster"


def _t(navn: str, formål: str, om: str = INGEN, frist: Fristnavn | None = None, gemmes: str = "") -> Tabel:
    return Tabel(navn, formål, om, frist, gemmes)


TABELLER: Final[Mapping[str, Tabel]] = {
    "beboer": _t("Beboeres stamdata", "rådgivning", BEBOERE, Fristnavn.BEBOER),
    "lejemål": _t("Lejemål og husstande", "rådgivning", BEBOERE, Fristnavn.BEBOER),
    "kontakt": _t("Kontakter: samtaler, besøg og notater", "rådgivning", BEBOERE, Fristnavn.BEBOER),
    "kontakt_version": _t("Tidligere udgaver af kontakter", "rådgivning", BEBOERE, Fristnavn.BEBOER),
    "opgave": _t("Opgaver", "rådgivning", BEBOERE, Fristnavn.BEBOER),
    "sammenlægning": _t("Sammenlægninger af to registreringer", "rådgivning", BEBOERE, Fristnavn.BEBOER),
    "kladde": _t("Kladder", "rådgivning", BEBOERE, Fristnavn.KLADDE),
    "ikke_samme": _t("Mærker af par, der er to forskellige", "rådgivning", gemmes=_NUMRE_ALENE),
    "samtykke": _t("Samtykker", "samarbejde", BEBOERE, Fristnavn.SAMTYKKE),
    "henvisning": _t("Henvisninger", "samarbejde", BEBOERE, Fristnavn.HENVISNING),
    "henvisning_behandling": _t("Svar på henvisninger", "samarbejde", BEBOERE, Fristnavn.HENVISNING),
    "aftale": _t("Besøg i kalenderen", "samarbejde", BEBOERE, Fristnavn.AFTALE),
    "aftale_note": _t("Noter til besøg", "samarbejde", BEBOERE, Fristnavn.AFTALE),
    "optaget": _t("Optagede tider", "samarbejde", BRUGERE, Fristnavn.AFTALE),
    "kalenderfeed": _t(
        "Hemmelige kalenderadresser (kun deres fingeraftryk)", "samarbejde", BRUGERE, Fristnavn.KALENDERADRESSE
    ),
    "restancesag": _t("Restancesager", "restance", BEBOERE, Fristnavn.RESTANCESAG),
    "restanceliste": _t("Indlæste restancelister", "restance", BEBOERE, Fristnavn.RESTANCELISTE),
    "listesag": _t("Hvilke sager der stod på hvilke lister", "restance", BEBOERE, Fristnavn.RESTANCELISTE),
    "indkaldelsesrettelse": _t("Indkaldelsens rettede tekster", "restance", gemmes=_OPSÆTNING),
    "brevhoved": _t("Brevhoveder", "restance", gemmes=_OPSÆTNING),
    "anmodning": _t("Anmodninger efter art. 15-21", "rettigheder", BEBOERE, Fristnavn.ANMODNING),
    "udlevering": _t("Udleveringer af oplysninger (antal og fingeraftryk)", "rettigheder", INGEN, Fristnavn.ANMODNING),
    "kvittering": _t("Kvitteringer for sletning, uden personoplysninger", "rettigheder", INGEN, Fristnavn.KVITTERING),
    "bemærkning": _t(
        "Beboeres bemærkninger til oplysninger, de vil have rettet", "rettigheder", BEBOERE, Fristnavn.BEBOER
    ),
    "fastholdelse": _t("Grunde til at gemme længere", "rettigheder", BEBOERE, Fristnavn.BEBOER),
    "nødadgang": _t("Nødadgang til en kollegas noter", "rettigheder", BEBOERE, Fristnavn.NØDADGANG),
    "begrænsningslæsning": _t(
        "Læsning af begrænsede beboere", "rettigheder", BEBOERE, gemmes="et kvarter; ryddes op om natten"
    ),
    "sletning": _t(
        "Slettede nøgler (kun numre)",
        "rettigheder",
        gemmes="beholdes: så en gendannet kopi slettes igen, og ingen får en ny nøgle på et slettet nummer",
    ),
    "spor": _t("Sporet", "rettigheder", BRUGERE, Fristnavn.SPOR),
    "spor_nævnt": _t("Hvem sporets poster nævner (kun numre)", "rettigheder", BRUGERE, Fristnavn.SPOR),
    "spor_hoved": _t(
        "Sporets hoved", "rettigheder", gemmes="beholdes: sporets ender, så det kan vises, at intet mangler"
    ),
    "fremmed_afvist": _t("Afviste fremmede, optalt", "rettigheder", gemmes="et minut; så skrives de i sporet"),
    "spor_sendt": _t("Hvor langt sporet er sendt", "rettigheder", gemmes="beholdes: et tal for hver kæde"),
    "gennemset": _t("Forklaringer på usædvanlig læsning", "rettigheder", BRUGERE, Fristnavn.SPOR),
    "bopæl": _t("Mærker af brugeres egen adresse", "rettigheder", BRUGERE, gemmes=_BRUGER),
    "rettighedsgennemgang": _t("Gennemgange af rettigheder", "rettigheder", BRUGERE, Fristnavn.GENNEMGANG),
    "rettighedsafgørelse": _t("Afgørelser ved gennemgang af rettigheder", "rettigheder", BRUGERE, Fristnavn.GENNEMGANG),
    "vikar": _t("Vikarer", "rettigheder", BRUGERE, Fristnavn.VIKAR),
    "overdragelse": _t("Overdragelser af beboere, 90 dage (kun numre)", "rettigheder", BRUGERE, gemmes="90 dage"),
    "bruger": _t("Brugere", "brugere", BRUGERE, Fristnavn.BRUGER),
    "brugersession": _t("Sessioner", "brugere", BRUGERE, Fristnavn.SESSION),
    "enhed": _t("Kendte enheder", "brugere", BRUGERE, Fristnavn.ENHED),
    "loginforsøg": _t("Tællere af loginforsøg (kun mærker)", "brugere", INGEN, Fristnavn.ENHED),
    "bruger_faktor": _t(
        "Passkeys og koder fra en app (forseglede eller offentlige)", "brugere", BRUGERE, gemmes=_BRUGER
    ),
    "genoprettelseskode": _t("Koder på papir (kun deres fingeraftryk)", "brugere", BRUGERE, gemmes=_BRUGER),
    "mellemtrin": _t("Påbegyndte login, nogle minutter", "brugere", BRUGERE, gemmes=_NÅR_BRUGT),
    "visning": _t("Valgte visninger af lister", "brugere", BRUGERE, gemmes=_BRUGER),
    "bruger_identitet": _t("Brugeres identitet hos en login-tjeneste", "brugere", BRUGERE, gemmes=_BRUGER),
    "identitet_invitation": _t(
        "Invitationer til at tilknytte en login-tjeneste", "brugere", BRUGERE, gemmes=_NÅR_BRUGT
    ),
    "oidc_brugt": _t("Brugte svar fra en login-tjeneste", "brugere", gemmes=_NÅR_BRUGT),
    "besked": _t("Beskeder", "brugere", BRUGERE, Fristnavn.BESKED),
    "beskedvalg": _t("Valg af beskeder", "brugere", BRUGERE, gemmes=_BRUGER),
    "nøglekontrol": _t(
        "Nøglernes kontrolværdier", "brugere", gemmes="beholdes: uden dem kan nøglerne ikke kendes igen"
    ),
    "søgeændring": _t("Numre på ændringer til søgningen", "brugere", gemmes=_NUMRE_ALENE),
    "faktum": _t("Fakta: hændelser uden navn, dag og nummer", "tal", gemmes=_ANONYMT),
    "frosset_faktum": _t("Fakta fra lukkede måneder", "tal", gemmes=_ANONYMT),
    "frosset_måned": _t("Lukkede måneder", "tal", gemmes=_ANONYMT),
    "sundhedstjek": _t("Sundhedstjek", "tal", gemmes=_ANONYMT),
    "sundhedstjek_fremmøde": _t("Fremmøde ved Sundhedstjek, optalt", "tal", gemmes=_ANONYMT),
    "helhedsplan": _t("Helhedsplanen", "tal", gemmes=_OPSÆTNING),
    "helhedsplan_version": _t("Helhedsplanens versioner", "tal", gemmes="beholdes: hvad der gjaldt hvornår"),
    "plankladde": _t("Kladder til helhedsplanen", "tal", gemmes=_OPSÆTNING),
    "måling": _t("Målinger", "tal", gemmes=_ANONYMT),
    "måling_version": _t("Målingers versioner", "tal", gemmes="beholdes: hvad der er målt og rettet"),
    "udgivelse": _t(
        "Udgivne, beskyttede tal", "tal", gemmes="beholdes: udgivne tal ændres ikke, og nye sammenlignes med dem"
    ),
    "talarbejde": _t("Tal, der er ved at blive lavet", "tal", INGEN, Fristnavn.ARBEJDSFIL),
    "egen_tabel": _t("Lederens egne tabeller", "tal", gemmes=_OPSÆTNING),
    "statistikmetode": _t("Valgt metode til beskyttelse af tal", "tal", gemmes=_OPSÆTNING),
    "rapport": _t("Færdige rapporter", "tal", gemmes="beholdes: udgivne rapporter ændres ikke"),
    "rapportkommentar": _t(
        "Lederens kommentarer i rapporter", "tal", gemmes="beholdes: lederens ord i rapporten; rummer ingen beboere"
    ),
    "rapportskabelon": _t("Skabeloner til rapporter", "tal", gemmes=_OPSÆTNING),
}

_FELTER: Final[Mapping[str, str]] = {
    "navn": "navn",
    "telefon": "telefon",
    "email": "e-mail",
    "adresse": "adresse",
    "afdeling": "afdeling",
    "fødselsdato": "fødselsdato",
    "aldersgruppe": "aldersgruppe",
    "børn_i_husstanden": "om der er børn under 18 år",
    "note": "note",
    "nummer": "lejemålets nummer",
    "boligorganisation": "boligorganisation",
    "medlemmer": "hvem der bor der",
    "sager": "restancesager på lejemålet",
    "art": "art",
    "aktivitet": "aktivitet",
    "form": "form",
    "kilde": "kilde",
    "hovedemne": "hovedemne (kan røbe helbred)",
    "emner": "andre emner (kan røbe helbred)",
    "udfald": "udfald",
    "aftale": "om det var efter aftale",
    "anledning": "anledning",
    "med_ejendomsdrift": "om ejendomsdriften var med",
    "truffet": "om beboeren blev truffet",
    "varighed": "varighed",
    "brobygning_til": "brobygning til",
    "brobygning_ledsaget": "om beboeren blev fulgt",
    "brobygning_delt": "om der er delt oplysninger ved brobygning",
    "brobygning_resultat": "hvad brobygningen førte til",
    "notat": "notat (kan rumme helbred og sociale forhold)",
    "tredjepart": "oplysninger om en anden person",
    "dato": "dato",
    "anonym": "om kontakten var anonym",
    "titel": "titel",
    "ændret": "hvornår ændret",
    "overdraget_af": "hvem der gav opgaven videre",
    "overdraget": "hvornår givet videre",
    "gentages": "om opgaven gentages",
    "gentages_til": "hvor længe den gentages",
    "serie_start": "rækkens begyndelse",
    "serie_dag": "rækkens dag",
    "grund": "grund",
    "beskrivelse": "beskrivelse",
    "beboer_ved_det": "om beboeren ved det",
    "lejemål": "lejemål",
    "måneder": "måneder med restance",
    "beløb": "beløb",
    "hændelser": "faser med datoer",
    "årsag": "årsag",
    "forsøg": "forsøg på kontakt",
    "kontaktet": "hvornår kontaktet",
    "aftale_på_vej": "om en aftale er på vej",
    "listet": "hvad lister har sagt",
    "listerettelser": "hvad lister har rettet",
    "løst_fra_lejemål": "om sagen er løst fra lejemålet",
    "fase": "fase",
    "registreret": "hvornår registreret",
    "frist": "frist",
    "fremme": "om fasen er nået",
    "af": "registreret af",
    "annulleret": "om det er taget tilbage",
    "rettet": "rettelse",
    "rettet_af": "hvem der rettede",
    "tidligere": "hvad der stod før",
    "måde": "måde",
    "sprog": "sprog",
    "formål": "formål",
    "modtagere": "modtagere",
    "givet": "hvornår givet",
    "ordlyd": "samtykkets ordlyd",
    "filnavn": "filens navn",
    "kolonner": "filens kolonner",
    "fejl": "rækker, der ikke kunne læses",
    "rækker": "listens rækker",
    "væk": "sager, der ikke stod på listen",
    "beholdt": "sager, der blev beholdt",
    "nye_beboere": "nye beboere fra listen",
    "række": "rækkens nummer",
    "kolonne": "kolonne",
    "forfaldsdato": "forfaldsdato",
    "ny": "om sagen er ny",
    "ny_beboer": "om beboeren er ny",
    "start": "klokkeslæt",
    "deltagere": "hvem der er med",
    "svar": "svar",
    "afventer": "hvem der mangler at svare",
    "før": "hvordan det stod før",
    "før_afventer": "hvem der manglede at svare før",
    "udgået": "den ene registrering, som den stod",
    "efter": "den samlede registrering",
    "udgået_ejer": "den udgåedes rådgiver",
    "beholdt_ejer": "den beholdtes rådgiver",
    "udgået_oprettet": "den udgåedes dato",
    "udgået_version": "den udgåedes version",
    "flyttet": "rækker, der blev flyttet",
    "hos_beholdt": "rækker, der var der i forvejen",
    "kladder": "kladder, der blev flyttet",
    "ønske": "hvad der er bedt om",
    "forlænget": "hvorfor fristen er forlænget",
    "afslag": "grund til afslag",
    "ophævet": "hvorfor begrænsningen er ophævet",
    "begrundelse": "begrundelse",
    "masker": "ord, der er streget over",
    "udeladt": "tekster, der er udeladt",
    "medtaget": "tekster om andre, der er givet med",
    "med_navne": "om medarbejderes navne er givet med",
    "tekst": "tekst",
    "forklaring": "forklaring",
    "felter": "det, der er skrevet i formularen",
    "hvad": "hvad samtykket gælder",
    "virkning": "hvad det betyder",
    "vidne": "vidne",
    "opbevares": "hvor papiret ligger",
    "trukket_måde": "hvordan det blev trukket tilbage",
    "aftryk": "den udleverede fils fingeraftryk",
    "fornyer": "hvilket samtykke det fornyer",
    "andre": "andre, der må få det",
}
_NUMRE: Final = ("_id", "_ids")
FRIE: Final[Mapping[str, tuple[str, ...]]] = {"kladde": ("felter",)}
"""Tables whose envelope is no value object with fields of its own."""
INDHOLD: Final[Mapping[str, type[BaseModel]]] = {
    "restancesag": RestancesagData,
    "henvisning": HenvisningData,
    "henvisning_behandling": HenvisningBehandlingData,
}
"""Envelopes whose table does not name them itself."""


def kuverter() -> dict[str, list[str]]:
    """The fields of every envelope by table, as the running program has them, but for those that only point at rows."""
    found: dict[str, list[str]] = {}
    for table in _tables(SealedRow):
        name = str(table.__tablename__)
        model = INDHOLD.get(name) or getattr(table, "indhold", None)
        fields = _fields(model) if model is not None else FRIE[name]
        found[name] = [field for field in dict.fromkeys(fields) if not field.endswith(_NUMRE) and field != "id"]
    return dict(sorted(found.items()))


def feltnavn(felt: str) -> str:
    """A sealed field in words; one that nobody has described yet goes by its own name, and fails a test."""
    return _FELTER.get(felt, felt.replace("_", " "))


def beskrevne_felter() -> set[str]:
    """Every field that is described."""
    return set(_FELTER)


def _tables(base: type[SealedRow]) -> Iterator[type[SealedRow]]:
    for table in base.__subclasses__():
        if "__tablename__" in vars(table):
            yield table
        yield from _tables(table)


def _fields(model: type[BaseModel], above: tuple[type[BaseModel], ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            if inner not in (model, *above):  # an event may hold its earlier self
                yield from _fields(inner, (model, *above))


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)
