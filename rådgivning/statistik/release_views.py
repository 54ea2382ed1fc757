"""The pages of what has been released: the list, one release as it was, and two of the same period side by side."""

from __future__ import annotations

import uuid
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session, today
from rådgivning.plan.plans import plan
from rådgivning.statistik.archive import andre, udgivelse, udgivelser
from rådgivning.statistik.charts import picture
from rådgivning.statistik.display import offentlige, visninger
from rådgivning.statistik.explaining import beskyttelse
from rådgivning.statistik.labels import Etiketter, periode_navn
from rådgivning.statistik.periods import læs_periode, perioder
from rådgivning.statistik.release_words import (
    METODER,
    angreb,
    antal_celler,
    efterslæb,
    forskelle,
    metodenavn,
    prøvet,
    stand,
)

_PER_SIDE = 50


def add_routes(pages: Blueprint) -> None:
    """Hang the pages on the room's blueprint."""
    pages.add_url_rule("/statistik/udgivelser", "udgivelser", liste)
    pages.add_url_rule("/statistik/udgivelser/<uuid:id>", "udgivelse", vis)
    pages.add_url_rule("/statistik/udgivelser/<uuid:id>/forskel", "forskel", forskel)


@kræver(Ret.STATISTIK)
def liste() -> ResponseReturnValue:
    """Every release, newest first, or those of one period."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    head = plan(session, helhedsplan_id).helhedsplan
    begun = perioder(head.fra, head.til, today())
    chosen = request.args.get("periode", "")
    if chosen and chosen not in begun:
        raise IkkeFundet("periode")
    lines, pages, count = udgivelser(session, helhedsplan_id, sidetal(), chosen)
    return render_template(
        "statistik/udgivelser.html",
        linjer=[
            (line, periode_navn(line.periode), METODER.get(line.metode, line.metode), prøvet(line.revision))
            for line in lines
        ],
        antal=count,
        side=min(sidetal(), pages),
        sider=pages,
        valgt=chosen,
        perioder=[(name, periode_navn(læs_periode(name, head.fra, head.til))) for name in begun],
    )


@kræver(Ret.STATISTIK)
def vis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One release exactly as it was, with its tables."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    release = udgivelse(session, helhedsplan_id, id)
    labels = Etiketter(plan(session, helhedsplan_id))
    tables = visninger(release, labels)
    return render_template(
        "statistik/udgivelse.html",
        release=release,
        periode=periode_navn(release.periode),
        metodenavn=metodenavn(release),
        beskyttelse=partial(beskyttelse, release),
        stand=stand(release),
        angreb=angreb(release),
        noter=efterslæb(release),
        andre=andre(session, helhedsplan_id, release),
        tabeller=[(table, picture(table.titel, table.serier, table.indre, table.summer)) for table in tables],
        offentlige=offentlige(release, labels),
    )


@kræver(Ret.STATISTIK)
def forskel(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Which figures of a release are not those of another of the same period."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    release = udgivelse(session, helhedsplan_id, id)
    others = [other for other, _, _ in andre(session, helhedsplan_id, release)]
    chosen = request.args.get("med", others[0] if others else None, type=uuid.UUID)
    if chosen is None:
        return redirect(url_for("statistik.udgivelse", id=id), 303)
    other = udgivelse(session, helhedsplan_id, chosen)
    if other.periode != release.periode:
        raise IkkeFundet("udgivelse")
    first, second = sorted((release, other), key=lambda one: one.nummer)
    found = forskelle(first, second, Etiketter(plan(session, helhedsplan_id)))
    pages = max(-(-len(found) // _PER_SIDE), 1)
    side = min(sidetal(), pages)
    return render_template(
        "statistik/forskel.html",
        første=first,
        anden=second,
        periode=periode_navn(release.periode),
        antal=len(found),
        af=antal_celler(second),
        forskelle=found[(side - 1) * _PER_SIDE : side * _PER_SIDE],
        side=side,
        sider=pages,
        denne=release,
        med=other.id,
    )
