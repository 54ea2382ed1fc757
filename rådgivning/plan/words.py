"""A plan in Danish words: what its sections, lists and fields are called, and how their values read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from rådgivning.dansk import dato, tal
from rådgivning.plan import checks
from rådgivning.plan.agreement import Figur, Filter, Retning, Sammenligning, decimaler
from rådgivning.plan.schema import Listenavn, PlanIndhold, liste_for

AFSNIT: Mapping[str, str] = {
    "helhedsplan": "Helhedsplanen",
    "boligorganisation": "Boligorganisationer",
    "boligområde": "Boligområder",
    "afdeling": "Afdelinger",
    "indsatsområde": "Indsatsområder",
    "delmål": "Delmål",
    "indikator": "Indikatorer",
    "aktivitet": "Aktiviteter",
    "optælling": "Optællinger",
    "indkaldelse": "Indkaldelser",
}
LISTER: Mapping[str, str] = {
    Listenavn.ART: "Arter af kontakt",
    Listenavn.FORM: "Former for kontakt",
    Listenavn.HENVISNINGSKILDE: "Henvisningskilder",
    Listenavn.ANLEDNING: "Anledninger til opsøgende arbejde",
    Listenavn.EMNEGRUPPE: "Emnegrupper",
    Listenavn.EMNE: "Emner",
    Listenavn.UDFALD: "Udfald af en kontakt",
    Listenavn.KONTAKTRESULTAT: "Resultater af et kontaktforsøg",
    Listenavn.BROBYGNING_TIL: "Brobygning til",
    Listenavn.BROBYGNING_RESULTAT: "Resultater af brobygning",
    Listenavn.ALDERSGRUPPE: "Aldersgrupper",
    Listenavn.RESTANCE_FASE: "Restancesagens faser",
    Listenavn.RESTANCE_UDFALD: "Restancesagens udfald",
    Listenavn.RESTANCE_ÅRSAG: "Årsager til restance",
    Listenavn.KONTAKTFORSØG_MÅDE: "Måder at forsøge kontakt på",
    Listenavn.SUNDHEDSTJEK_STED: "Steder for Sundhedstjek",
    Listenavn.SUNDHEDSTJEK_TEMA: "Temaer for Sundhedstjek",
    Listenavn.HENVISNING_GRUND: "Grunde til henvisning",
    Listenavn.HAST: "Hvor meget en henvisning haster",
    Listenavn.SAMTYKKE_MODTAGER: "Modtagere i et samtykke",
}
_FELTER: Mapping[str, str] = {
    "fra": "Gælder fra", "til": "Gælder til og med", "etiket": "Etiket", "navn": "Navn", "tekst": "Tekst",
    "vægt": "Vægt", "målgruppe": "Målgruppe", "ressourcer": "Ressourcer", "problemkompleks": "Problemkompleks",
    "overordnet": "Overordnet mål", "tælles": "Det, der tælles", "registertal": "Alle er talt med (registertal)",
    "grænse": "Skal holdes under", "mål": "Mål", "andre_tal": "Tal for andre områder", "historik": "Tidligere tal",
    "fodnoter": "Fodnoter", "understøtter": "Understøtter", "rådgivning": "Er et rådgivningstilbud",
    "formål": "Formål", "aktivitetsmål": "Aktivitetens egne mål", "offentlig": "Vises præcist", "filter": "Tæller",
    "alder_fra": "Fra alder", "alder_til": "Til alder", "område": "Område", "svar": "Svar, der tæller med",
    "indsatsområde": "Indsatsområde", "boligområde": "Boligområde", "udkast": "Udkast", "tvivl": "Tvivl i kilderne",
    "delmål": "Delmål", "enhed": "Enhed", "sammenligning": "Sammenligning", "formel": "Formel",
}  # fmt: skip
_RETNING = {Retning.OP: "skal stige", Retning.NED: "skal falde", Retning.UNDER: "skal holdes under en grænse"}
_PEGER = {
    "delmål": "delmål",
    "understøtter": "delmål",
    "indsatsområde": "indsatsområde",
    "boligorganisation": "boligorganisation",
    "boligområde": "boligområde",
    "indikator": "indikator",
    "arter": Listenavn.ART,
    "art": Listenavn.ART,
}


def afsnit(sti: tuple[Any, ...]) -> str:
    """What a table of the plan is called: `Indikatorer`, `Listen Emner`."""
    return f"Listen »{LISTER[sti[1]]}«" if sti[0] == "liste" else AFSNIT[sti[0]]


def felt(navn: str) -> str:
    """What a field is called."""
    return _FELTER.get(navn) or (navn[:1].upper() + navn[1:]).replace("_", " ")


def felter(del_: BaseModel, plan: PlanIndhold, *, uden_navn: bool = True) -> list[tuple[str, str]]:
    """The fields of a part that say more than their default: name and value in words; without what it is called."""
    title = next((name for name in ("etiket", "navn", "tekst") if getattr(del_, name, "")), "") if uden_navn else ""
    told = {
        name: getattr(del_, name)
        for name, field in type(del_).model_fields.items()
        if name != title and getattr(del_, name) != field.default
    }
    return [(felt(name), ord_(name, value, del_, plan)) for name, value in told.items()]


def ord_(navn: str, værdi: Any, del_: BaseModel, plan: PlanIndhold) -> str:
    """The value of one field in words; a key reads as what it stands for."""
    if værdi in (None, "", ()) or værdi == {}:
        return "–"
    if isinstance(værdi, Retning):
        return _RETNING[værdi]
    if navn in _PEGER and not isinstance(værdi, BaseModel):
        return _labels(værdi, _PEGER[navn], plan)
    return _plain(værdi, getattr(del_, "enhed", ""), plan)


def _labels(keys: Any, liste: str, plan: PlanIndhold) -> str:
    known = checks.nøgler(plan, liste)
    chosen = [keys] if isinstance(keys, str) else keys
    return "; ".join(checks.navn(known[key]) if key in known else key for key in chosen)


def _plain(value: Any, enhed: str, plan: PlanIndhold) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, Decimal):
        return tal(value, decimaler(value))
    if isinstance(value, date):
        return dato(value)
    if isinstance(value, Figur):
        return _figure(value, enhed)
    if isinstance(value, Filter):
        return _filter(value, plan)
    if isinstance(value, BaseModel):
        return ", ".join(_plain(inner, "", plan) for _name, inner in value if inner not in (None, "", (), False))
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_plain(inner, '', plan)}" for key, inner in value.items())
    if isinstance(value, tuple | list):
        return "; ".join(_plain(inner, enhed, plan) for inner in value)
    return str(value)


def _figure(figur: Figur, enhed: str) -> str:
    parts = [f"{tal(figur.værdi, figur.decimaler)} {enhed} i {figur.år}"]
    if isinstance(figur, Sammenligning):
        parts[0] = f"{figur.gruppe}: {parts[0]}"
    if figur.tæller is not None:
        parts.append(tal(figur.tæller) + (f" af {tal(figur.nævner)}" if figur.nævner is not None else ""))
    if figur.n is not None:
        parts.append(f"n = {tal(figur.n)}")
    parts += [text for text in (figur.område, figur.note) if text]
    if figur.fodnoter:
        parts.append(f"fodnote {', '.join(figur.fodnoter)}")
    return ", ".join(parts)


def _filter(filter_: Filter, plan: PlanIndhold) -> str:
    limits = [
        f"{felt(name).casefold()}: {_limit(name, values, filter_.enhed, plan)}"
        for name, values in filter_.dimensioner().items()
    ]
    return "; ".join([filter_.enhed, *limits])


def _limit(name: str, values: tuple[str, ...], enhed: str, plan: PlanIndhold) -> str:
    liste = liste_for(name, enhed)
    return _labels(values, liste, plan).replace("; ", ", ") if liste in KENDTE else ", ".join(values)


KENDTE = frozenset({*LISTER, *checks.SEKTIONER})
"""The lists and sections a filter's keys may come from; other dimensions have keys that read as they are."""
