"""Keys that a new version of a plan no longer has: retired, never dropped, since rows and facts may carry them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

from rådgivning.plan.agreement import Gyldig, Hoved
from rådgivning.plan.checks import SEKTIONER, samme, tabeller
from rådgivning.plan.reader import PlanFejl, læs
from rådgivning.plan.schema import ListeVærdi, PlanIndhold
from rådgivning.plan.text import Plantekst
from rådgivning.plan.writing import rå_del


def behold(indhold: PlanIndhold, tidligere: PlanIndhold, dag: date) -> PlanIndhold:
    """The new plan with the earlier plan's missing keys added, retired from `dag` on."""
    present, head = tabeller(indhold), indhold.helhedsplan
    merged = {
        sti: _with_retired(present.get(sti, {}), values, head, dag) for sti, values in tabeller(tidligere).items()
    }
    sections = {name: merged[(name,)] for name in SEKTIONER}
    lists = {name: cast("dict[str, ListeVærdi]", merged.get(("liste", name.value), {})) for name in indhold.liste}
    texts = indhold.indkaldelse.model_copy(update={"sprog": merged["indkaldelse", "sprog"]})
    return indhold.model_copy(update={**sections, "liste": lists, "indkaldelse": texts})


def _with_retired(
    present: Mapping[str, Gyldig], earlier: Mapping[str, Gyldig], head: Hoved, dag: date
) -> dict[str, Gyldig]:
    kept = dict(present)
    for key, value in earlier.items():
        if key not in kept:
            kept[key] = udgået(value, head, dag)
    return kept


def udgået(value: Gyldig, head: Hoved, dag: date) -> Gyldig:
    """The part retired from `dag` on, on a day inside the plan's period; what is retired already stays as it is."""
    last = min(max(dag - timedelta(days=1), head.fra), head.til)
    if value.til is not None and value.til <= last:
        return value
    return value.model_copy(update={"til": last, "fra": None if value.fra and value.fra > last else value.fra})


def med_udgåede(tekst: str, indhold: PlanIndhold, fil: str) -> str:
    """A plan file's text with the retired keys written in, so that it says all the plan has.

    What a standard list has retired stays out of a text that leaves the list to the standard.
    """
    whole = Plantekst(tekst)
    for sti, values in tabeller(indhold).items():
        path = cast("tuple[str, ...]", sti)
        there = whole.rå
        for name in path:
            there = there.get(name, {})
        missing = {key: rå_del(value) for key, value in values.items() if key not in there}
        if path[0] == "liste" and there and missing:
            whole = whole.med(path, {**there, **missing})
        elif path[0] != "liste" and (there or path[0] != "indkaldelse"):
            for key, part in missing.items():
                whole = whole.med((*path, key), part)
    try:
        return whole.tekst if samme(læs(whole.tekst.encode(), fil), indhold, order=False) else tekst
    except PlanFejl:
        return tekst
