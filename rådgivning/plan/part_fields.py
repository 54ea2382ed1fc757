"""What the forms of the plan's parts ask for: the fields of the plan file in the words of people, by section."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rådgivning.dansk import parse_tal, tal
from rådgivning.felter import (
    DatoFelt,
    DecimalFelt,
    FlervalgFelt,
    JaNejFelt,
    NotatFelt,
    TalFelt,
    TekstFelt,
    ValgFelt,
    højst,
    påkrævet,
)
from rådgivning.plan import checks, words
from rådgivning.plan.agreement import Filter, decimaler
from rådgivning.plan.schema import FASTE_NØGLER, Listenavn, PlanIndhold, liste_for

Felter = dict[str, Any]


class LinjerFelt(NotatFelt):
    """A list of texts, one a line."""

    def process_data(self, value: object) -> None:
        """Take a list from the program."""
        self.data = "\n".join(value) if isinstance(value, list | tuple) else ""

    @property
    def linjer(self) -> list[str]:
        """The texts, empty lines left out."""
        return [line.strip() for line in self.data.splitlines() if line.strip()]


class FigurFelt(DecimalFelt):
    """A figure with as many decimals as it is written with."""

    def parse(self, text: str) -> Decimal:
        """The number as typed; more than three decimals, or too large, is refused."""
        super().parse(text)
        return parse_tal(text)

    def show(self, value: Decimal) -> str:
        """As Danes write it, with its own decimals."""
        return tal(value, decimaler(Decimal(value)))


@dataclass(frozen=True)
class Gruppe:
    """Fields that belong together: one inline table (`mange` False), a list of such, or with `opslag` texts by mark."""

    navn: str
    titel: str
    felter: Callable[[], Felter]
    mange: bool = False
    opslag: bool = False


def _tekst(label: str, *, skal: bool = False, lang: bool = False, hint: str = "") -> Any:
    rules: list[Any] = [påkrævet()] if skal else []
    if lang:
        return NotatFelt(label, [*rules, højst(4000)], description=hint)
    return TekstFelt(label, rules, max_længde=300, description=hint)


def _ja(label: str, hint: str = "") -> Any:
    return JaNejFelt(label, ved_ikke=False, description=hint)


def _vælg(label: str, valg: Sequence[tuple[str, str]], *, skal: bool = True) -> Any:
    return ValgFelt(label, [påkrævet("Vælg en.")] if skal else [], choices=valg)


def _af(plan: PlanIndhold, liste: str) -> list[tuple[str, str]]:
    return [(key, checks.navn(value)) for key, value in checks.nøgler(plan, liste).items()]


def _figur(*, gruppe: bool = False, kort: bool = False, område: bool = False) -> Callable[[], Felter]:
    def fields() -> Felter:
        made: Felter = {"gruppe": _tekst("Gruppe", hint="Hvem der sammenlignes med.")} if gruppe else {}
        if område:
            made["område"] = _tekst("Område")
        made |= {"år": TalFelt("År", højst=2100), "værdi": FigurFelt("Værdi", decimaler=3, højst=9_999_999)}
        if not kort:
            made |= {name: TalFelt(words.felt(name), højst=10_000_000) for name in ("tæller", "nævner", "n")}
            made |= {"fodnoter": LinjerFelt("Fodnoter", [højst(100)], description="Mærkerne, ét på hver linje.")}
        return made | {"note": _tekst("Note")}

    return fields


def _delmål(plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    return {
        "tekst": _tekst("Delmålet, ordret", skal=True, lang=True),
        "indsatsområde": _vælg("Indsatsområde", _af(plan, "indsatsområde")),
        "overordnet": _ja("Er det et af Landsbyggefondens overordnede mål?"),
    }, ()


def _indikator(plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    ways = [("op", "Skal stige"), ("ned", "Skal falde"), ("under", "Skal holdes under en grænse")]
    return {
        "navn": _tekst("Navn, som aftalen skriver det", skal=True),
        "delmål": _vælg("Delmål", _af(plan, "delmål")),
        "gruppe": _tekst("Aftalens overskrift"),
        "svar": _tekst("Svar, der tæller med", hint="Fx »meget tilfreds/tilfreds«."),
        "enhed": _tekst("Enhed", skal=True, hint="Fx % eller udsættelser."),
        "decimaler": TalFelt("Decimaler", højst=3, description="Hvor mange et tal højst har. Tomt betyder 1."),
        "tælles": _tekst("Det, der tælles", hint="Aftalens ord for tæller og nævner, fx børn."),
        "retning": _vælg("Retning", ways),
        "grænse": FigurFelt("Grænse", decimaler=3, højst=9_999_999, description="Kun når den skal holdes under en."),
        "mål": FigurFelt("Mål", decimaler=3, højst=9_999_999, description="Kun når aftalen nævner et tal at nå."),
        "datakilde": _tekst("Datakilde", skal=True),
        "registertal": _ja("Er alle talt med, og ikke spurgt?", "Så er en ændring ikke tilfældig."),
        "formel": _tekst("Formel", hint="Når den regnes af planens optællinger, fx 100 * a / (a + b)."),
        "område": _tekst("Område", hint="Når den ikke gælder hele planen."),
        "note": _tekst("Note", lang=True),
    }, (
        Gruppe("baseline", "Baseline", _figur()),
        Gruppe("sammenligning", "Sammenligning", _figur(gruppe=True)),
        Gruppe("historik", "Tidligere tal", _figur(kort=True), mange=True),
        Gruppe("andre_tal", "Tal for andre områder", _figur(kort=True, område=True), mange=True),
        Gruppe(
            "fodnoter", "Fodnoter",
            lambda: {"mærke": _tekst("Mærke"), "tekst": _tekst("Tekst", lang=True)}, mange=True, opslag=True,
        ),
    )  # fmt: skip


def _aktivitet(plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    arts = _af(plan, Listenavn.ART)
    lines = "Én på hver linje."
    return {
        "navn": _tekst("Navn", skal=True),
        "indsatsområde": _vælg("Indsatsområde", _af(plan, "indsatsområde")),
        "understøtter": FlervalgFelt("Delmål, den understøtter", choices=_af(plan, "delmål")),
        "rådgivning": _ja("Er den et rådgivningstilbud, kontakter logges på?"),
        "arter": FlervalgFelt("Arter af kontakt", choices=arts, description="Kun for et rådgivningstilbud."),
        "status": _tekst("Status"),
        "beskrivelse": _tekst("Beskrivelse", lang=True),
        "formål": LinjerFelt("Formål", [højst(4000)], description=lines),
        "aktivitetsmål": LinjerFelt("Aktivitetens egne mål", [højst(4000)], description=lines),
        "målgruppe": _tekst("Målgruppe", lang=True),
        "hyppighed": _tekst("Hyppighed"),
    }, (
        Gruppe(
            "roller", "Hvem gør hvad",
            lambda: {"hvem": _tekst("Hvem"), "opgaver": LinjerFelt("Opgaver", [højst(4000)], description=lines)},
            mange=True,
        ),
        Gruppe(
            "elementer", "Elementer",
            lambda: {
                "navn": _tekst("Navn"), "indhold": _tekst("Indhold", lang=True),
                "aktører": LinjerFelt("Aktører", [højst(1000)], description=lines),
                "bemærkning": _tekst("Bemærkning"), "art": _vælg("Logges som", arts, skal=False),
            }, mange=True,
        ),
    )  # fmt: skip


def _optælling(plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    units = [(name, name.capitalize()) for name in ("kontakt", "brobygning", "restancesag", "fremmøde", "henvisning")]

    def filter_() -> Felter:
        made: Felter = {"enhed": _vælg("Tæller", units)}
        for name in Filter.model_fields:
            if name != "enhed":
                made[name] = FlervalgFelt(words.felt(name), choices=_keys(plan, name))
        return made

    return {
        "etiket": _tekst("Etiket", skal=True),
        "delmål": FlervalgFelt("Delmål, den hører til", choices=_af(plan, "delmål")),
        "indikator": _vælg("Står ved siden af indikatoren", _af(plan, "indikator"), skal=False),
        "offentlig": _ja("Offentliggør aftalen selv tallet?", "Så vises det præcist for hele kalenderår."),
        "begrundelse": _tekst("Begrundelse for at vise det præcist", lang=True),
    }, (Gruppe("filter", "Hvad der tælles", filter_),)


def _keys(plan: PlanIndhold, dimension: str) -> list[tuple[str, str]]:
    """The keys a filter may name in a dimension; those of an outcome are of several lists, the checks tell which."""
    if dimension in FASTE_NØGLER:
        return [(key, key.replace("_", " ").capitalize()) for key in FASTE_NØGLER[dimension]]
    lists = dict.fromkeys(liste_for(dimension, unit) for unit in ("kontakt", "restancesag", "brobygning"))
    return list({key: label for liste in lists for key, label in reversed(_af(plan, liste))}.items())[::-1]


def _afdeling(plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    return {
        "etiket": _tekst("Etiket", skal=True),
        "nummer": _tekst("Nummer"),
        "boligorganisation": _vælg("Boligorganisation", _af(plan, "boligorganisation")),
        "boligområde": _vælg("Boligområde", _af(plan, "boligområde")),
        "note": _tekst("Note"),
    }, ()


def _sted(_plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    return {"navn": _tekst("Navn", skal=True), "note": _tekst("Note", lang=True)}, ()


def _indsatsområde(_plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    return {
        "navn": _tekst("Navn", skal=True),
        "vægt": _tekst("Vægt"),
        "problemkompleks": LinjerFelt("Problemkompleks", [højst(20_000)], description="Ét afsnit på hver linje."),
        "målgruppe": _tekst("Målgruppe", lang=True),
        "fagcentre": LinjerFelt("Fagcentre", [højst(2000)], description="Ét på hver linje."),
    }, (
        Gruppe(
            "ressourcer", "Ressourcer",
            lambda: {
                "funktion": _tekst("Funktion"), "timer": FigurFelt("Timer om ugen", decimaler=3, højst=100),
                "omfang": _tekst("Omfang, i aftalens ord"), "andel": FigurFelt("Andel i %", decimaler=3, højst=100),
            }, mange=True,
        ),
    )  # fmt: skip


def _helhedsplan(_plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    return {
        "navn": _tekst("Navn", skal=True),
        "til": DatoFelt("Slutter", [påkrævet()]),
        "udkast": _tekst("Aftalens bemærkning om, at den er et udkast"),
        "parter": LinjerFelt("Parter", [højst(8000)], description="Én på hver linje."),
        "vision": _tekst("Vision", lang=True),
        "baggrund": LinjerFelt("Baggrund", [højst(20_000)], description="Ét afsnit på hver linje."),
    }, (
        Gruppe("dokumenter", "Dokumenter", lambda: {"titel": _tekst("Titel"), "udgave": _tekst("Udgave")}, mange=True),
        Gruppe(
            "tvivl", "Tvivl i kilderne", lambda: {"om": _tekst("Om"), "tekst": _tekst("Tekst", lang=True)}, mange=True
        ),
    )


def _liste(navn: str, plan: PlanIndhold) -> Felter:
    fields: Felter = {"etiket": _tekst("Etiket", skal=True)}
    if navn == Listenavn.EMNE:
        fields["gruppe"] = _vælg("Emnegruppe", _af(plan, Listenavn.EMNEGRUPPE))
    elif navn in (Listenavn.BROBYGNING_TIL, Listenavn.SAMTYKKE_MODTAGER):
        fields["gruppe"] = _tekst("Gruppe")
    elif navn == Listenavn.UDFALD:
        hint = "Ingen valgt betyder, at det passer til alle."
        fields["arter"] = FlervalgFelt("Arter, det passer til", choices=_af(plan, Listenavn.ART), description=hint)
    elif navn == Listenavn.ALDERSGRUPPE:
        fields |= {"alder_fra": TalFelt("Fra alder", højst=130), "alder_til": TalFelt("Til alder", højst=130)}
    return fields


_AFSNIT: Mapping[str, Callable[[PlanIndhold], tuple[Felter, tuple[Gruppe, ...]]]] = {
    "helhedsplan": _helhedsplan,
    "boligorganisation": _sted,
    "boligområde": _sted,
    "afdeling": _afdeling,
    "indsatsområde": _indsatsområde,
    "delmål": _delmål,
    "indikator": _indikator,
    "aktivitet": _aktivitet,
    "optælling": _optælling,
}


def felter_for(afsnit: str, plan: PlanIndhold) -> tuple[Felter, tuple[Gruppe, ...]]:
    """The fields of a part of a section or a list, and its groups."""
    fields, groups = _AFSNIT[afsnit](plan) if afsnit in _AFSNIT else (_liste(afsnit, plan), ())
    if afsnit != "helhedsplan":
        fields["fra"] = DatoFelt("Gælder fra", description="Tomt betyder fra planens begyndelse.")
        fields["til"] = DatoFelt(
            "Udgår efter", description="Sidste dag, den kan vælges. Tomt betyder planens slutning."
        )
    return fields, groups
