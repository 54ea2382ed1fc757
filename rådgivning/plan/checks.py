"""What must hold between the parts of a plan. Each check yields (path, Danish sentence) for what does not."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import cast

from rådgivning.database import today
from rådgivning.plan import invitations, limits
from rådgivning.plan.agreement import Figur, Gyldig, Indikator, Retning, decimaler
from rådgivning.plan.formulas import FormelFejl, læs_formel
from rådgivning.plan.lines import Sti
from rådgivning.plan.schema import FASTE_NØGLER, Listenavn, PlanIndhold, liste_for

Mangel = tuple[Sti, str]
SEKTIONER = (
    "boligorganisation",
    "boligområde",
    "afdeling",
    "indsatsområde",
    "delmål",
    "indikator",
    "aktivitet",
    "optælling",
)


def tabeller(plan: PlanIndhold) -> dict[Sti, Mapping[str, Gyldig]]:
    """Every table of keys in the plan by its path: the sections and the lists."""
    sections: dict[Sti, Mapping[str, Gyldig]] = {(name,): getattr(plan, name) for name in SEKTIONER}
    lists: dict[Sti, Mapping[str, Gyldig]] = {("liste", name.value): values for name, values in plan.liste.items()}
    return sections | {("indkaldelse", "sprog"): plan.indkaldelse.sprog} | lists


def samme(en: PlanIndhold, anden: PlanIndhold, *, order: bool = True) -> bool:
    """Whether two plans say the same, with `order` also in the same order: order is what people see."""
    return en == anden and not (
        order and any(list(values) != list(tabeller(anden)[sti]) for sti, values in tabeller(en).items())
    )


def tjek(plan: PlanIndhold, standard: Container[str] = ()) -> Iterator[Mangel]:
    """Everything that is wrong with the plan taken by itself; `standard` names the lists that it left to the standard.

    A key that is missing from such a list is in neither, and the message says so.
    """
    return chain(
        _periods(plan),
        _labels(plan),
        _places(plan),
        _goals(plan),
        _activities(plan, standard),
        _counts(plan, standard),
        _lists(plan, standard),
        _invitations(plan),
        limits.mangler(plan),
        *(_indicator(("indikator", key), value, plan) for key, value in plan.indikator.items()),
    )


def genbrug(plan: PlanIndhold, tidligere: PlanIndhold | None, dag: date) -> Iterator[Mangel]:
    """Keys that the earlier plan had retired before `dag` and this one takes into use for something else."""
    if tidligere is None:
        return
    before = tabeller(tidligere)
    for sti, values in tabeller(plan).items():
        for key, value in values.items():
            old = before.get(sti, {}).get(key)
            retired = old is not None and old.til is not None and old.til < dag
            if old is not None and retired and (value.til is None or value.til >= dag) and navn(old) != navn(value):
                yield (*sti, key), f"Nøglen er udgået; den stod for »{navn(old)}« og må ikke bruges om andet."


def navn(value: Gyldig) -> str:
    """What people read of a keyed part: its label, name or text."""
    return next(cast("str", text) for field in ("etiket", "navn", "tekst") if (text := getattr(value, field, "")))


IKKE = "findes ikke i planen."


def _reference(sti: Sti, key: str, known: Container[str], what: str, how: str = IKKE) -> Iterator[Mangel]:
    if key not in known:
        yield sti, f"{what} »{key}« {how}"


def _references(sti: Sti, keys: tuple[str, ...], known: Container[str], what: str, how: str = IKKE) -> Iterator[Mangel]:
    for number, key in enumerate(keys):
        yield from _reference((*sti, number), key, known, what, how)


def _missing(name: str, standard: Container[str]) -> str:
    if name not in standard:
        return IKKE
    return f"findes hverken i planen, som ingen [liste.{name}] har, eller i standardlisten."


def _periods(plan: PlanIndhold) -> Iterator[Mangel]:
    whole = plan.helhedsplan
    if whole.til < whole.fra:
        yield ("helhedsplan", "til"), "Slutdatoen ligger før begyndelsesdatoen."
        return
    dated = {(*sti, key): value for sti, values in tabeller(plan).items() for key, value in values.items()}
    for key, activity in plan.aktivitet.items():
        dated |= {("aktivitet", key, "elementer", i): element for i, element in enumerate(activity.elementer)}
    for sti, value in dated.items():
        for field in ("fra", "til"):
            day = getattr(value, field)
            if day is not None and not whole.fra <= day <= whole.til:
                yield (*sti, field), "Datoen ligger uden for helhedsplanens periode."
        if value.fra and value.til and value.til < value.fra:
            yield (*sti, "til"), "Slutdatoen ligger før begyndelsesdatoen."


def _labels(plan: PlanIndhold) -> Iterator[Mangel]:
    for sti, values in tabeller(plan).items():
        seen: dict[str, list[str]] = {}
        for key, value in values.items():
            same = seen.setdefault(navn(value).casefold(), [])
            for other in same:
                if _overlap(value, values[other]):
                    yield (*sti, key), f"Har samme navn som »{other}«."
            same.append(key)


def _overlap(one: Gyldig, other: Gyldig) -> bool:
    """Whether two parts hold on the same day, today or later: what is retired leaves its name to others."""
    first, last = max(other.fra or date.min, today()), other.til or date.max
    return first <= last and one.gælder_mellem(first, last)


def _places(plan: PlanIndhold) -> Iterator[Mangel]:
    numbers: dict[tuple[str, str], list[str]] = {}
    for key, place in plan.afdeling.items():
        sti: Sti = ("afdeling", key)
        yield from _reference(
            (*sti, "boligorganisation"), place.boligorganisation, plan.boligorganisation, "Boligorganisationen"
        )
        yield from _reference((*sti, "boligområde"), place.boligområde, plan.boligområde, "Boligområdet")
        same = numbers.setdefault((place.boligorganisation, place.nummer), [])
        for other in same:
            if place.nummer and _overlap(place, plan.afdeling[other]):
                yield (
                    (*sti, "nummer"),
                    f"Afdeling »{other}« i samme boligorganisation har også nummer {place.nummer}.",
                )
        same.append(key)


def _goals(plan: PlanIndhold) -> Iterator[Mangel]:
    for key, goal in plan.delmål.items():
        yield from _reference(
            ("delmål", key, "indsatsområde"), goal.indsatsområde, plan.indsatsområde, "Indsatsområdet"
        )


def _activities(plan: PlanIndhold, standard: Container[str]) -> Iterator[Mangel]:
    arts = plan.liste.get(Listenavn.ART, {})
    how = _missing(Listenavn.ART, standard)
    for key, activity in plan.aktivitet.items():
        sti: Sti = ("aktivitet", key)
        yield from _reference((*sti, "indsatsområde"), activity.indsatsområde, plan.indsatsområde, "Indsatsområdet")
        yield from _references((*sti, "understøtter"), activity.understøtter, plan.delmål, "Delmålet")
        yield from _references((*sti, "arter"), activity.arter, arts, "Arten", how)
        if activity.rådgivning != bool(activity.arter):
            yield sti, "Et rådgivningstilbud (rådgivning = true) skal have arter, og andre aktiviteter må ikke."
        for number, element in enumerate(activity.elementer):
            if element.art:
                yield from _reference((*sti, "elementer", number, "art"), element.art, arts, "Arten", how)


def _indicator(sti: Sti, indicator: Indikator, plan: PlanIndhold) -> Iterator[Mangel]:
    yield from _reference((*sti, "delmål"), indicator.delmål, plan.delmål, "Delmålet")
    if (indicator.retning is Retning.UNDER) != (indicator.grænse is not None):
        yield (*sti, "retning"), "En grænse hører til retningen »under« og kun til den."
    if indicator.mål is not None and indicator.retning is Retning.UNDER:
        yield (*sti, "mål"), "Retningen »under« har en grænse og intet mål."
    yield from _formula((*sti, "formel"), indicator, plan)
    figures: dict[Sti, Figur] = {(*sti, "historik", i): f for i, f in enumerate(indicator.historik)}
    figures |= {(*sti, "andre_tal", i): f for i, f in enumerate(indicator.andre_tal)}
    for name, figure in (("baseline", indicator.baseline), ("sammenligning", indicator.sammenligning)):
        if figure is not None:
            figures[(*sti, name)] = figure
    for place, figure in figures.items():
        yield from _figure(place, figure, indicator)
    years = [figure.år for figure in indicator.figurer()]
    for number, figure in enumerate(indicator.historik):
        if years.count(figure.år) > 1:
            yield (*sti, "historik", number), f"Der er flere tal for {figure.år}."
    used = {mark for figure in figures.values() for mark in figure.fodnoter}
    for mark in indicator.fodnoter:
        if mark not in used:
            yield (*sti, "fodnoter", mark), "Ingen tal henviser til fodnoten."


def _formula(sti: Sti, indicator: Indikator, plan: PlanIndhold) -> Iterator[Mangel]:
    if not indicator.formel:
        return
    try:
        formula = læs_formel(indicator.formel)
    except FormelFejl as error:
        yield sti, str(error)
        return
    for name, place in formula.pladser.items():
        if name not in plan.optælling:
            near = difflib.get_close_matches(name, plan.optælling, n=1)
            hint = f" Mente du »{near[0]}«?" if near else ""
            yield sti, f"Formlen, tegn {place}: Planen har ingen optælling »{name}«.{hint}"


def _figure(sti: Sti, figure: Figur, indicator: Indikator) -> Iterator[Mangel]:
    for number, mark in enumerate(figure.fodnoter):
        yield from _reference((*sti, "fodnoter", number), mark, indicator.fodnoter, "Fodnoten")
    if indicator.enhed == "%" and figure.værdi > 100:
        yield (*sti, "værdi"), "En procent kan ikke være over 100."
    if decimaler(figure.værdi) > indicator.decimaler:
        yield (*sti, "værdi"), f"Tallet har flere decimaler end indikatorens {indicator.decimaler}."
    if figure.tæller is None and figure.nævner is not None:
        yield sti, "Nævneren skal have en tæller."
    elif figure.tæller is not None and figure.nævner is not None and indicator.enhed == "%":
        if figure.nævner == 0 or figure.tæller > figure.nævner:
            yield (*sti, "tæller"), "Tælleren kan ikke være større end nævneren."
        elif not passer(figure.værdi, figure.tæller, figure.nævner):
            yield (*sti, "værdi"), "Procenten passer ikke med tæller og nævner."


def passer(værdi: Decimal, tæller: int, nævner: int) -> bool:
    """Whether a percentage is numerator/denominator rounded to as many decimals as it is written with."""
    step = Decimal(1).scaleb(-decimaler(værdi))
    return abs(Decimal(100 * tæller) / nævner - værdi) <= step / 2


def _counts(plan: PlanIndhold, standard: Container[str]) -> Iterator[Mangel]:
    for key, count in plan.optælling.items():
        sti: Sti = ("optælling", key)
        yield from _references((*sti, "delmål"), count.delmål, plan.delmål, "Delmålet")
        if count.indikator:
            yield from _reference((*sti, "indikator"), count.indikator, plan.indikator, "Indikatoren")
        if count.offentlig and not count.begrundelse:
            yield (*sti, "offentlig"), "Et tal, der vises præcist, skal have en begrundelse."
        if count.offentlig and count.filter.afværget:
            yield (*sti, "filter", "afværget"), "Et tal, der vises præcist, kan ikke tælle afværgede sager."
        for dimension, values in count.filter.dimensioner().items():
            name = liste_for(dimension, count.filter.enhed)
            known = FASTE_NØGLER[dimension] if dimension in FASTE_NØGLER else nøgler(plan, name)
            for value in values:
                what, how = f"I listen {name}: nøglen", _missing(name, standard)
                yield from _reference((*sti, "filter", dimension), value, known, what, how)


def nøgler(plan: PlanIndhold, liste: str) -> Mapping[str, Gyldig]:
    """The keys of a list or of a section; KeyError or ValueError for a list there is no such thing as."""
    if liste in SEKTIONER:
        return cast("Mapping[str, Gyldig]", getattr(plan, liste))
    return plan.liste.get(Listenavn(liste), {})


def _lists(plan: PlanIndhold, standard: Container[str]) -> Iterator[Mangel]:
    for name in Listenavn:
        if not plan.liste.get(name):
            yield ("liste", name.value), "Listen mangler eller er tom."
    groups = plan.liste.get(Listenavn.EMNEGRUPPE, {})
    arts = plan.liste.get(Listenavn.ART, {})
    no_group, no_art = _missing(Listenavn.EMNEGRUPPE, standard), _missing(Listenavn.ART, standard)
    for key, topic in plan.liste.get(Listenavn.EMNE, {}).items():
        yield from _reference(("liste", "emne", key, "gruppe"), topic.gruppe, groups, "Emnegruppen", no_group)
    for key, outcome in plan.liste.get(Listenavn.UDFALD, {}).items():
        yield from _references(("liste", "udfald", key, "arter"), outcome.arter, arts, "Arten", no_art)
    for key, band in plan.liste.get(Listenavn.ALDERSGRUPPE, {}).items():
        if band.alder_til is not None and (band.alder_fra is None or band.alder_til < band.alder_fra):
            yield ("liste", "aldersgruppe", key, "alder_til"), "Aldersgruppen slutter, før den begynder."


def _invitations(plan: PlanIndhold) -> Iterator[Mangel]:
    sprog = plan.indkaldelse.sprog
    if sprog and invitations.DANSK not in sprog:
        yield ("indkaldelse", "sprog"), "Den danske tekst (da) mangler: den følger med ethvert brev."
    for key, text in sprog.items():
        if not invitations.kendes(key):
            yield ("indkaldelse", "sprog", key), f"Sproget »{key}« kendes ikke. Brug sprogets kode, fx da, en, tr."
        for felt, besked in invitations.mangler(text):
            yield ("indkaldelse", "sprog", key, felt), besked
