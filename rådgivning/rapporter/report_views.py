"""Pages of the two reports: choose, read, write the texts, finish, and the finished editions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session, today
from rådgivning.plan.forms import versionsnummer
from rådgivning.plan.measurements import alle_målinger
from rådgivning.plan.plans import plan
from rådgivning.rapporter import editions, kinds
from rådgivning.rapporter.document import Blok, Dokument, Graf
from rådgivning.rapporter.drawing import tegn
from rådgivning.rapporter.formater import DOKUMENTER, RapportFejl
from rådgivning.rapporter.forms import FærdigForm, TekstForm, for_delmål
from rådgivning.rapporter.models import FærdigRapport
from rådgivning.rapporter.status_report import Grundlag, statusrapport
from rådgivning.rapporter.templates import skabelon
from rådgivning.skabeloner.places import SkabelonFejl
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from rådgivning.statistik.labels import periode_navn
from rådgivning.statistik.making import Tal, TalLaves, tal_for, vist
from rådgivning.statistik.periods import læs_periode, month_days, perioder
from rådgivning.statistik.release import eksportér


def add_pages(bp: Blueprint) -> None:
    """`/rapporter`."""
    bp.add_url_rule("/rapporter", view_func=oversigt)
    bp.add_url_rule("/rapporter/<slags>/<periode>", view_func=kladde)
    bp.add_url_rule("/rapporter/<slags>/<periode>/tekster", view_func=tekster, methods=["GET", "POST"])
    bp.add_url_rule("/rapporter/<slags>/<periode>/færdig", view_func=gør_færdig, methods=["POST"])
    bp.add_url_rule("/rapporter/<slags>/<periode>/hent.<form>", view_func=hent_kladde)
    bp.add_url_rule("/rapporter/færdig/<uuid:rapport_id>", view_func=færdig)
    bp.add_url_rule("/rapporter/færdig/<uuid:rapport_id>/hent.<form>", view_func=hent_færdig)


@kræver(Ret.STATISTIK)
def oversigt() -> ResponseReturnValue:
    """Which reports can be made, and which are finished."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    names = _periods()
    return render_template(
        "rapporter/oversigt.html",
        slags={
            key: (kind, [(name, _named(name)) for name in kind.perioder(names)]) for key, kind in kinds.slags().items()
        },
        færdige=[(row, _title(row.slags), _named(row.periode)) for row in editions.færdige(session, helhedsplan_id)],
    )


@kræver(Ret.STATISTIK)
def kladde(slags: str, periode: str) -> ResponseReturnValue:
    """The report as it will be, with what can be done with it."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    found = _tal(slags, periode)
    grundlag = _grundlag(slags, found)
    texts = editions.kommentarer(session, helhedsplan_id, slags, periode)
    written = texts.tekster if texts else {}
    earlier = editions.udgaver(session, helhedsplan_id, slags, periode)
    return render_template(
        "rapporter/kladde.html",
        dokument=(dokument := statusrapport(grundlag, written, None)),
        blokke=tegnet(dokument),
        slags=slags,
        periode=periode,
        tal=found,
        form=FærdigForm(formdata=None, version=texts.version if texts else 0, udgivelse=grundlag.release.nummer),
        udgaver=earlier,
        ændret=bool(earlier) and editions.ændret(earlier[0], grundlag, written),
        formater=DOKUMENTER,
    )


@kræver(Ret.STATISTIK)
def tekster(slags: str, periode: str) -> ResponseReturnValue:
    """Write the introduction and the comments."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    goals = _goals(slags, periode)
    row = editions.kommentarer(session, helhedsplan_id, slags, periode)
    again = typed_again()
    form = for_delmål(goals)(**again)
    status = 200
    if form.is_submitted():
        status = _save(form, slags, periode) if form.validate() else 422
        if status == 303:
            flash("Teksterne er gemt.")
            return redirect(url_for(".kladde", slags=slags, periode=periode), 303)
    elif not again:
        form.vis(row.tekster if row else {})
        form.version.process_data(row.version if row else 0)
    page = render_template(
        "rapporter/tekster.html",
        form=form,
        titel=_title(slags),
        periode_navn=_named(periode),
        slags=slags,
        periode=periode,
        gemt=row.tekster if row and status == 409 else {},
    )
    return page, status


def _save(form: TekstForm, slags: str, periode: str) -> int:
    """303 when it is saved; 409 when somebody else was faster, with what was typed still in the form."""
    session = current_session()
    try:
        editions.gem_tekster(
            session, current_helhedsplan_id(), slags, periode, versionsnummer(form.version), form.tekster
        )
    except editions.TeksterÆndret as fejl:
        session.rollback()
        row = editions.kommentarer(session, current_helhedsplan_id(), slags, periode)
        form.form_errors = [str(fejl)]
        form.version.process_data(row.version if row else 0)
        return 409
    session.commit()
    return 303


@kræver(Ret.STATISTIK)
def gør_færdig(slags: str, periode: str) -> ResponseReturnValue:
    """Keep the report as it was shown, as an edition of its own."""
    session = current_session()
    try:
        grundlag = _grundlag(slags, _tal(slags, periode))
    except TalLaves:
        return redirect(url_for(".kladde", slags=slags, periode=periode), 303)
    form = FærdigForm()
    version, release = versionsnummer(form.version), versionsnummer(form.udgivelse)
    row = editions.gør_færdig(session, current_helhedsplan_id(), slags, grundlag, version, release)
    session.commit()
    flash("Rapporten er gjort færdig.")
    return redirect(url_for(".færdig", rapport_id=row.id), 303)


@kræver(Ret.STATISTIK)
def hent_kladde(slags: str, periode: str, form: str) -> ResponseReturnValue:
    """The report as it is now, as a file that says it is a draft."""
    if form not in DOKUMENTER:
        raise IkkeFundet("format")
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    grundlag = _grundlag(slags, _tal(slags, periode))
    texts = editions.kommentarer(session, helhedsplan_id, slags, periode)
    dokument = statusrapport(grundlag, texts.tekster if texts else {}, None)
    made = fil(dokument, form, f"{slags}-{periode}-kladde", None)
    eksportér(session, grundlag.release, form)
    return made


@kræver(Ret.STATISTIK)
def færdig(rapport_id: uuid.UUID) -> ResponseReturnValue:
    """A finished report, as it was kept."""
    row = editions.hent_færdig(current_session(), rapport_id)
    dokument = editions.dokument(row)
    later = editions.udgaver(current_session(), row.helhedsplan_id, row.slags, row.periode)[0]
    return render_template(
        "rapporter/færdig.html",
        dokument=dokument,
        blokke=tegnet(dokument),
        rapport=row,
        nyere=later if later.id != row.id else None,
        formater=DOKUMENTER,
    )


@kræver(Ret.STATISTIK)
def hent_færdig(rapport_id: uuid.UUID, form: str) -> ResponseReturnValue:
    """A finished report as a file: the same bytes every time."""
    if form not in DOKUMENTER:
        raise IkkeFundet("format")
    session = current_session()
    row = editions.hent_færdig(session, rapport_id)
    made = fil(editions.dokument(row), form, f"{row.slags}-{row.periode}-udgave-{row.udgave}", row)
    skriv(session, Handling.EKSPORTERET, "rapport", [row.id], anledning=form, detaljer={"periode": row.periode})
    session.commit()
    return made


def fil(dokument: Dokument, form: str, navn: str, rapport: FærdigRapport | None) -> Response:
    """The document as a download; a finished one in the Word template that held when it was finished."""
    chosen = skabelon(current_session(), current_helhedsplan_id(), rapport.skabelon if rapport else None)
    try:
        data = DOKUMENTER[form].skriv(dokument, (chosen.indhold if chosen else None) or b"")
    except (RapportFejl, SkabelonFejl) as fejl:
        raise Konflikt(str(fejl)) from None
    response = Response(data, mimetype=DOKUMENTER[form].mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=f"{navn}.{form}")
    return response


def tegnet(dokument: Dokument) -> list[tuple[Blok, Markup | None]]:
    """The blocks with their charts drawn."""
    return [(block, tegn(block) if isinstance(block, Graf) else None) for block in dokument.blokke]


def _tal(slags: str, periode: str) -> Tal:
    """The period's figures, as far as they are made. Raises IkkeFundet for no such report."""
    _check(slags, periode)
    return tal_for(current_session(), current_helhedsplan_id(), periode)


def _grundlag(slags: str, found: Tal) -> Grundlag:
    """What the report is made of. Raises TalLaves while figures are made, Konflikt when they cannot be protected."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    release = vist(found)
    if release is None:
        raise Konflikt("Tallene for perioden kunne ikke beskyttes godt nok. Vælg en anden periode.")
    years = {int(name): tal_for(session, helhedsplan_id, name).release for name in _periods() if name.isdigit()}
    return Grundlag(
        slags=kinds.slags()[slags],
        indhold=plan(session, helhedsplan_id),
        målinger=alle_målinger(session, helhedsplan_id),
        release=release,
        år={year: found for year, found in years.items() if found is not None},
        i_dag=today(),
    )


def _goals(slags: str, periode: str) -> Mapping[str, str]:
    """The delmål that hold in the period, in the report's order."""
    _check(slags, periode)
    indhold = plan(current_session(), current_helhedsplan_id())
    months = læs_periode(periode, indhold.helhedsplan.fra, indhold.helhedsplan.til).måneder
    first, last = month_days(months[0])[0], month_days(months[-1])[1]
    return {
        key: goal.tekst
        for area in indhold.indsatsområde
        for key, goal in indhold.delmål.items()
        if goal.indsatsområde == area and goal.gælder_mellem(first, last)
    }


def _check(slags: str, periode: str) -> None:
    kind = kinds.slags().get(slags)
    if kind is None or periode not in kind.perioder(_periods()):
        raise IkkeFundet("rapport")


def _title(slags: str) -> str:
    """The report's name; its key when it is no longer declared."""
    kind = kinds.slags().get(slags)
    return kind.titel if kind else slags


def _periods() -> tuple[str, ...]:
    head = plan(current_session(), current_helhedsplan_id()).helhedsplan
    return perioder(head.fra, head.til, today())


def _named(periode: str) -> str:
    head: Any = plan(current_session(), current_helhedsplan_id()).helhedsplan
    return periode_navn(læs_periode(periode, head.fra, head.til))
