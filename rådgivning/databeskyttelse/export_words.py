"""What a resident's data are called when they are handed to her: sections, and the label and kind of each field.

A table or field that is not named here is handed out all the same, under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rådgivning.databeskyttelse import export_fixed as faste
from rådgivning.databeskyttelse.request_words import RETTIGHEDER
from rådgivning.databeskyttelse.unusual import TITLER


@dataclass(frozen=True)
class Felt:
    """A field: its label, and the plan's list its keys are of, or what fixed words mean (to her; "" is not printed), if
    any. `fri`: free text that somebody has written."""

    navn: str
    liste: str = ""
    fri: bool = False
    ord: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Afsnit:
    """A table: the section's heading, what one row is called, and the clear column that says when it was."""

    titel: str
    en: str
    dag: str = ""


_FRI: Final = {
    "notat": "Notat",
    "note": "Note",
    "tredjepart": "Om en anden person",
    "titel": "Titel",
    "beskrivelse": "Beskrivelse",
    "ordlyd": "Ordlyd",
    "formål": "Formål",
    "svar": "Svar",
    "deltagere": "Deltagere",
    "ønske": "Ønske",
    "forklaring": "Forklaring",
    "begrundelse": "Begrundelse",
    "tekst": "Tekst",
    "forlænget": "Forlænget",
    "rettet": "Rettet",
    "ophævet": "Begrænsningen ophævet",
    "hvad": "Hvad der må deles",
    "andre": "Andre modtagere",
    "vidne": "Hvem der var til stede",
    "opbevares": "Hvor papiret ligger",
    "virkning": "Hvad der skulle ske med det, der var delt",
}
FELTER: Final[dict[str, Felt]] = {
    **{name: Felt(label, fri=True) for name, label in _FRI.items()},
    "navn": Felt("Navn"),
    "telefon": Felt("Telefon"),
    "email": Felt("E-mail"),
    "adresse": Felt("Adresse"),
    "afdeling": Felt("Afdeling", "afdeling"),
    "fødselsdato": Felt("Fødselsdato"),
    "aldersgruppe": Felt("Aldersgruppe", "aldersgruppe"),
    "børn_i_husstanden": Felt("Børn under 18 år i husstanden"),
    "art": Felt("Art", "art"),
    "aktivitet": Felt("Aktivitet", "aktivitet"),
    "form": Felt("Form", "form"),
    "kilde": Felt("Kilde", "henvisningskilde"),
    "hovedemne": Felt("Hovedemne", "hovedemne"),
    "emner": Felt("Andre emner", "emne"),
    "udfald": Felt("Udfald", "udfald"),
    "aftale": Felt("Efter aftale"),
    "anledning": Felt("Anledning", "anledning"),
    "med_ejendomsdrift": Felt("Sammen med ejendomsdriften"),
    "truffet": Felt("Truffet"),
    "varighed": Felt("Varighed i minutter"),
    "brobygning_til": Felt("Brobygning til", "brobygning_til"),
    "brobygning_ledsaget": Felt("Ledsaget"),
    "brobygning_resultat": Felt("Resultat af brobygning", "brobygning_resultat"),
    "dato": Felt("Dato"),
    "oprettet": Felt("Registreret"),
    "ejer_id": Felt("Registreret af"),
    "frist": Felt("Frist"),
    "udført": Felt("Udført"),
    "status": Felt("Stand"),
    "hast": Felt("Hvor meget det haster", "hast"),
    "grund": Felt("Grund", "henvisning_grund"),
    "beboer_ved_det": Felt("Beboeren ved det"),
    "rådgiver_id": Felt("Taget op af"),
    "taget_op": Felt("Taget op"),
    "kontakt_opnået": Felt("Kontakt opnået"),
    "afsluttet": Felt("Afsluttet"),
    "boligorganisation": Felt("Boligorganisation", "boligorganisation"),
    "fase": Felt("Fase", "restance_fase"),
    "lukket": Felt("Lukket"),
    "lejemål": Felt("Lejemål"),
    "nummer": Felt("Lejemålets nummer"),
    "måneder": Felt("Måneder"),
    "beløb": Felt("Beløb i kroner"),
    "hændelser": Felt("Hændelser"),
    "årsag": Felt("Årsag", "restance_årsag"),
    "forsøg": Felt("Forsøg på kontakt"),
    "måde": Felt("Måde", "kontaktforsøg_måde"),
    "kontaktet": Felt("Kontaktet første gang"),
    "aftale_på_vej": Felt("Aftale på vej"),
    "modtagere": Felt("Modtagere", "samtykke_modtager"),
    "givet": Felt("Givet"),
    "til": Felt("Til"),
    "trukket": Felt("Trukket tilbage"),
    "deler_restance": Felt("Deles med Opkrævning og inkasso"),
    "gentages": Felt("Gentages", ord=faste.GENTAGES),
    "start": Felt("Klokken"),
    "begrænset": Felt("Behandlingen begrænset"),
    "begrænset_fra": Felt("Behandlingen begrænset fra"),
    "begrænset_til": Felt("Behandlingen begrænset til"),
    "ændret": Felt("Ændret"),
    "ændret_af": Felt("Ændret af"),
    "modtaget": Felt("Modtaget"),
    "slags": Felt("Hvad"),
    "afgjort": Felt("Besvaret"),
    "udgået": Felt("Den ene af de to, som den stod"),
    "før": Felt("Den anden, som den stod"),
    "efter": Felt("Sammen"),
    "rækker": Felt("Rækker"),
    "felter": Felt("Det, der er skrevet"),
    "fra": Felt("Fra"),
    "registreret": Felt("Registreret"),
    "annulleret": Felt("Annulleret"),
    "brobygning_delt": Felt("Oplysninger givet videre"),
    "anonym": Felt("Anonym"),
    "skrevet_af": Felt("Skrevet af"),
    "af": Felt("Skrevet af"),
    "rettet_af": Felt("Rettet af"),
    "afgjort_af": Felt("Besvaret af"),
    "fremme": Felt("Kommet frem"),
    "tidligere": Felt("Før stod der"),
    "sprog": Felt("Sprog"),
    "listet": Felt("Det, lister har sagt"),
    "listerettelser": Felt("Rettet af en liste"),
    "løst_fra_lejemål": Felt("Løst fra lejemålet"),
    "forfaldsdato": Felt("Forfaldsdato"),
    "ny": Felt("Ny på listen"),
    "ny_beboer": Felt("Ny beboer"),
    "overdraget_af": Felt("Givet videre af"),
    "overdraget": Felt("Givet videre"),
    "gentages_til": Felt("Gentages til"),
    "fornyer": Felt("Afløser et tidligere samtykke"),
    "fornyet": Felt("Afløst af et nyt samtykke"),
    "påmindet": Felt("Påmindelse sendt"),
    "trukket_måde": Felt("Hvordan det blev trukket tilbage", ord=faste.TRUKKET),
    "afventer": Felt("Venter på svar fra", ord=faste.SIDER),
    "før_afventer": Felt("Ventede på svar fra", ord=faste.SIDER),
    "varslet": Felt("Varslet om sletning"),
    "slettes": Felt("Slettes"),
    "udløber": Felt("Slettes"),
    "bruger_id": Felt("Hvem"),
    "kollega_id": Felt("Din faste rådgiver"),
    "sluttet": Felt("Sluttet"),
    "sluttet_af": Felt("Sluttet af"),
    "nr": Felt("Nummer"),
    "fortrudt": Felt("Fortrudt"),
    "identitet": Felt("Sådan ved vi, at det er dig", ord=faste.IDENTITET),
}
"""Fields of every table, by name; FORSKELLIGE has those that mean another list in one table."""

FORSKELLIGE: Final[dict[tuple[str, str], Felt]] = {
    ("restancesag", "udfald"): Felt("Udfald", "restance_udfald"),
    ("restancesag", "rettet"): Felt("Rettet"),
    ("samtykke", "måde"): Felt("Måde", ord=faste.MÅDER),
    ("samtykke", "anledning"): Felt("Anledning", fri=True),
    ("fastholdelse", "grund"): Felt("Grund", ord=faste.GEMMES),
    ("nødadgang", "årsag"): Felt("Årsag", ord=faste.ADGANG),
    ("henvisning", "status"): Felt("Stand", ord=faste.HENVISNING),
    ("aftale", "status"): Felt("Stand", ord=faste.BESØG),
    ("anmodning", "status"): Felt("Svar", ord=faste.SVAR),
    ("anmodning", "slags"): Felt(
        "Hvad", ord={slags: f"{om.titel} ({om.artikel})" for slags, om in RETTIGHEDER.items()}
    ),
    ("gennemset", "slags"): Felt("Hvad", ord=TITLER),
    ("nødadgang", "grund"): Felt("Begrundelse", fri=True),
    ("aftale", "før"): Felt("Stand før", ord=faste.BESØG),
    ("anmodning", "modtagere"): Felt("Underrettet", fri=True),
    ("anmodning", "afslag"): Felt("Afslag", fri=True),
}
AFSNIT: Final[dict[str, Afsnit]] = {
    "beboer": Afsnit("Stamdata", "Det, vi har skrevet om dig"),
    "lejemål": Afsnit("Husstand og lejemål", "Lejemål"),
    "kontakt": Afsnit("Rådgivning og kontakter", "Kontakt", "dato"),
    "kontakt_version": Afsnit("Tidligere udgaver af kontakter", "Tidligere udgave", "ændret"),
    "opgave": Afsnit("Opgaver", "Opgave", "frist"),
    "samtykke": Afsnit("Samtykker", "Samtykke", "til"),
    "henvisning": Afsnit("Henvisninger", "Henvisning", "oprettet"),
    "henvisning_behandling": Afsnit("Svar på henvisninger", "Svar på en henvisning"),
    "restancesag": Afsnit("Restancesager", "Restancesag", "oprettet"),
    "restanceliste": Afsnit("Lister over restancer, hvor du står", "Liste", "dato"),
    "aftale": Afsnit("Aftaler om besøg på din adresse", "Besøg", "dato"),
    "aftale_note": Afsnit("Noter til besøg", "Note til et besøg"),
    "sammenlægning": Afsnit("Sammenlægninger", "Registreret to gange og lagt sammen", "dato"),
    "fastholdelse": Afsnit("Grunde til at gemme længere", "Grund til at gemme længere", "dato"),
    "nødadgang": Afsnit("En anden rådgivers adgang", "Adgang for en anden rådgiver", "fra"),
    "bemærkning": Afsnit("Dine egne bemærkninger", "Bemærkning", "dato"),
    "anmodning": Afsnit("Dine anmodninger", "Anmodning", "modtaget"),
    "gennemset": Afsnit("Gennemsyn af, hvem der har læst", "Gennemsyn", "tidspunkt"),
    "kladde": Afsnit("Kladder", "Kladde, der ikke er gemt som færdig", "gemt"),
}
"""Sections in the order they are handed out; others come last, under the table's name."""

SKJULT: Final = frozenset(
    {"helhedsplan_id", "sealed", "version", "serie_dag", "serie_start", "næste_id", "formular", "adgang", "tømt"}
    | {"masker", "udeladt", "medtaget", "med_navne", "aftryk", "gennemset", "fundet", "åbnet_til", "åbnet_af", "fund"}
)
"""Columns and fields that say only how the program keeps its rows, and what is struck out in the answer to her."""

ANDRES: Final = frozenset(
    {"medlemmer", "sager", "filnavn", "kolonner", "fejl", "række", "kolonne", "væk", "beholdt", "nye_beboere"}
    | {"udgået_ejer", "beholdt_ejer", "udgået_oprettet", "udgået_version", "flyttet", "hos_beholdt", "kladder"}
)
"""Sealed fields about others, or about a whole list or merge: collecting.py takes them away before they are shown."""


def felt(tabel: str, navn: str) -> Felt:
    """The field's label and kind."""
    found = FORSKELLIGE.get((tabel, navn)) or FELTER.get(navn)
    return found or Felt(navn.replace("_", " ").capitalize())


def afsnit(tabel: str) -> Afsnit:
    """The table's section."""
    return AFSNIT.get(tabel) or Afsnit(tabel.replace("_", " ").capitalize(), tabel.replace("_", " ").capitalize())


def er_fritekst(tabel: str, navn: str) -> bool:
    """Whether a field holds what somebody wrote in her own words; one that nobody has named here counts as such (a test
    holds every field to one or the other), and so does whatever stands in a draft: it was typed in any field. A field
    that ends in `_id` points at a row."""
    if tabel == "kladde":
        return True
    found = FORSKELLIGE.get((tabel, navn)) or FELTER.get(navn)
    return found.fri if found else not er_navngivet(tabel, navn)


def er_navngivet(tabel: str, navn: str) -> bool:
    """Whether somebody has said what a field is: text, no text, or not handed out."""
    known = (tabel, navn) in FORSKELLIGE or navn in FELTER
    return known or navn in SKJULT or navn in ANDRES or navn.endswith("_id")
