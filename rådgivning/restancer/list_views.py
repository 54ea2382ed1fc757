"""Pages of the list import: choose a file, name its columns, look, confirm. Nothing is saved before that.

Between the steps the file lies in a sealed draft of the user's own, never in clear on disk.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from rådgivning.adgang.kladder import GemtFil, gem_fil, hent_fil, slet_kladde, tag_fil
from rådgivning.adgang.permissions import Forbudt, Ret, current_helhedsplan_id, current_user, har_ret, kræver
from rådgivning.dansk import dato as vis_dato
from rådgivning.database import current_session, today
from rådgivning.felter.sheet import FilFejl
from rådgivning.henvisninger.handling import labels
from rådgivning.nøgler.opening import open_many
from rådgivning.plan.lister import valg
from rådgivning.restancer import list_status
from rådgivning.restancer.list_forms import FilForm, GennemførForm, KolonneForm, gennemfør_form
from rådgivning.restancer.list_import import begynd, husket, mærke, samme_fil
from rådgivning.restancer.list_mapping import KOLONNER, gæt, mangler
from rådgivning.restancer.list_matching import Fund
from rådgivning.restancer.list_review import Gennemgang, gennemgå
from rådgivning.restancer.list_rows import Kontrolleret, Regler
from rådgivning.restancer.list_sheet import Ark, læs_ark
from rådgivning.restancer.models import Restancesag, RestancesagData

FIL = "restancer/listefil"
VIST = 200
_KOLONNE = "kolonne "


def add_pages(bp: Blueprint) -> None:
    """`/restancer/lister`: earlier lists, a new one, and what became of each."""
    both = ["GET", "POST"]
    bp.add_url_rule("/lister/ny", view_func=liste_fil, methods=both)
    bp.add_url_rule("/lister/kolonner", view_func=liste_kolonner, methods=both)
    bp.add_url_rule("/lister/kontrol", view_func=liste_kontrol, methods=both)
    bp.add_url_rule("/lister/kassér", view_func=liste_kassér, methods=["POST"])
    list_status.add_pages(bp)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_fil() -> ResponseReturnValue:
    """Choose a file; one that can be read is kept sealed."""
    form = _file_form()
    fejl = ""
    if form.is_submitted() and form.validate():
        try:
            _keep(form)
        except FilFejl as error:
            fejl = str(error)
        else:
            current_session().commit()
            return redirect(url_for("restancer.liste_kontrol"), 303)
    page = render_template("restancer/liste_ny.html", form=form, fejl=fejl, kolonner=KOLONNER)
    return page, 422 if form.is_submitted() else 200


def _file_form() -> FilForm:
    form = FilForm()
    form.organisation.choices = valg(current_session(), current_helhedsplan_id(), "boligorganisation")
    if not har_ret(Ret.RESTANCER):
        del form.organisation
        if not current_user().boligorganisation:
            raise Forbudt("restanceliste")
    if not form.is_submitted():
        form.dato.process_data(today())
        form.hel.process_data(True)
    return form


def _keep(form: FilForm) -> None:
    """Read the upload to see that it can be read, and keep it. Raises FilFejl.

    The very same file is taken for the same day as last time: it is no newer for being sent again.
    """
    session, fil = current_session(), request.files.get("fil")
    if fil is None or not fil.filename:
        raise FilFejl("Vælg en fil.")
    organisation = form.organisation.data if form.organisation else current_user().boligorganisation
    data = fil.stream.read()
    session.rollback()
    ark = læs_ark(fil.filename, data)
    before = samme_fil(session, mærke(session, data), organisation)
    dag = before.dato if before else form.dato.data
    if before is not None:
        flash(f"Den samme fil er importeret før, pr. {vis_dato(before.dato)}.", "info")
    felter = {"organisation": organisation, "dato": f"{dag}", "hel": "ja" if form.hel.data else "nej"}
    chosen = gæt(ark.overskrifter, husket(session, organisation))
    gem_fil(session, FIL, fil.filename, data, **felter, **{_KOLONNE + c: h for c, h in chosen.items()})


@dataclass(frozen=True)
class Gemt:
    """The kept file with what was answered about it."""

    fil: GemtFil
    ark: Ark
    organisation: str
    dag: date
    hel: bool
    kolonner: dict[str, str]


def _kept(session: Session) -> Gemt | None:
    """The kept file, read with no transaction open."""
    fil = hent_fil(session, FIL)
    if fil is None:
        return None
    session.commit()
    felter = fil.felter
    kolonner = {key.removeprefix(_KOLONNE): text for key, text in felter.items() if key.startswith(_KOLONNE)}
    ark = læs_ark(fil.navn, fil.data)
    return Gemt(fil, ark, felter["organisation"], date.fromisoformat(felter["dato"]), felter["hel"] == "ja", kolonner)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_kolonner() -> ResponseReturnValue:
    """Say which heading is which column; what was used last time is chosen."""
    session = current_session()
    kept = _kept(session)
    if kept is None:
        return redirect(url_for("restancer.liste_fil"), 303)
    form = KolonneForm(data=kept.kolonner)
    headings = [(heading, heading) for heading in kept.ark.overskrifter if heading]
    for column in KOLONNER:
        form[column].choices = headings
    if form.is_submitted() and form.validate() and form.er_hel():
        chosen = {_KOLONNE + column: heading for column, heading in form.kolonner().items()}
        felter = {name: kept.fil.felter[name] for name in ("organisation", "dato", "hel")}
        gem_fil(session, FIL, kept.fil.navn, kept.fil.data, **felter, **chosen)
        session.commit()
        return redirect(url_for("restancer.liste_kontrol"), 303)
    page = render_template("restancer/liste_kolonner.html", form=form, kolonner=KOLONNER)
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_kontrol() -> ResponseReturnValue:
    """What the list would do: new, changed and gone cases, each bad row and why, and the doubtful rows; then do it."""
    session = current_session()
    kept = _kept(session)
    if kept is None:
        return redirect(url_for("restancer.liste_fil"), 303)
    if mangler(kept.kolonner):
        return redirect(url_for("restancer.liste_kolonner"), 303)
    kontrolleret = _check(session, kept)
    found = gennemgå(session, kontrolleret, kept.organisation, kept.dag, hel=kept.hel)
    tvivl = found.som("tvivl")[:VIST]
    known = _shown(session, found, tvivl)
    form = gennemfør_form(tvivl, known)
    if not form.is_submitted():
        form.fil_id.process_data(kept.fil.kladde_id)
    elif form.validate():
        return _begin(session, kept, kontrolleret, form)
    page = render_template(
        "restancer/liste_kontrol.html",
        form=form,
        kept=kept,
        found=found,
        vist=VIST,
        kendt=known,
        tvivl=tvivl,
        etiket=labels(),
    )
    return page, 422 if form.is_submitted() else 200


def _check(session: Session, kept: Gemt) -> Kontrolleret:
    """Every row, checked with no transaction open, so that nobody waits meanwhile."""
    regler = Regler(session, kept.organisation)
    session.commit()
    return regler.kontrollér(kept.ark, kept.kolonner)


def _shown(session: Session, found: Gennemgang, tvivl: list[Fund]) -> dict[uuid.UUID, RestancesagData]:
    """The cases the page names, opened by name."""
    ids = {k.id for fund in tvivl for k in fund.tvivl} | {k.id for k in found.væk[:VIST]}
    ids |= {fund.sag.id for fund in found.som("ændret")[:VIST] if fund.sag}
    rows = session.exec(select(Restancesag).where(col(Restancesag.id).in_(ids))).all() if ids else []
    return open_many(session, rows, RestancesagData, "kontrollér restanceliste")


def _begin(session: Session, kept: Gemt, kontrolleret: Kontrolleret, form: GennemførForm) -> ResponseReturnValue:
    """Begin the import of the file that was shown. Of two who press at once the second begins nothing."""
    if str(kept.fil.kladde_id) != form.fil_id.data or not tag_fil(session, FIL, kept.fil.kladde_id):
        session.rollback()
        flash("Filen er skiftet ud eller allerede importeret.", "advarsel")
        return redirect(url_for("restancer.lister"), 303)
    found = gennemgå(session, kontrolleret, kept.organisation, kept.dag, hel=kept.hel, svar=form.svar())
    liste = begynd(
        session,
        found,
        boligorganisation=kept.organisation,
        dag=kept.dag,
        fil=mærke(session, kept.fil.data),
        filnavn=kept.fil.navn,
        kolonner=kept.kolonner,
    )
    liste_id = liste.id
    session.commit()
    list_status.work(liste_id)
    return redirect(url_for("restancer.liste_status", liste_id=liste_id), 303)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_kassér() -> ResponseReturnValue:
    """Forget the kept file."""
    session = current_session()
    slet_kladde(session, FIL)
    session.commit()
    return redirect(url_for("restancer.lister"), 303)
