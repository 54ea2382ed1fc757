"""The page where a list is looked through before anything is done: what it would do, and what must be said first."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from rådgivning.adgang.kladder import gem_fil, tag_fil
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Ret, har_ret, kræver
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import hent_beboere
from rådgivning.database import current_session
from rådgivning.henvisninger.handling import labels
from rådgivning.nøgler.opening import open_many
from rådgivning.restancer import list_status
from rådgivning.restancer.list_forms import GennemførForm, gennemfør_form
from rådgivning.restancer.list_import import begynd, mærke
from rådgivning.restancer.list_kept import FIL, Gemt, gemt_liste
from rådgivning.restancer.list_mapping import mangler
from rådgivning.restancer.list_people import INGEN, Person, Valgt, find_personer, valgte
from rådgivning.restancer.list_questions import (
    INGEN_TRÆF,
    SIDELÆNGDE,
    SVAR,
    Spørgsmål,
    gemte_svar,
    spørgsmål,
    ubesvarede,
)
from rådgivning.restancer.list_review import Gennemgang, gennemgå
from rådgivning.restancer.list_rows import Kontrolleret, Regler
from rådgivning.restancer.models import Restancesag, RestancesagData

VIST = 200


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_kontrol() -> ResponseReturnValue:
    """What the list would do: new, changed and gone cases, each bad row and why, and the doubtful rows; then do it."""
    session = current_session()
    kept = gemt_liste(session)
    if kept is None:
        return redirect(url_for("restancer.liste_fil"), 303)
    if mangler(kept.kolonner):
        return redirect(url_for("restancer.liste_kolonner"), 303)
    kontrolleret = _check(session, kept)
    found = gennemgå(session, kontrolleret, kept.organisation, kept.dag, hel=kept.hel)
    personer = _people(session, kept, found)
    rows = spørgsmål(found, personer)
    sider = max(1, -(-len(rows) // SIDELÆNGDE))
    side = min(sidetal(), sider)
    shown = rows[(side - 1) * SIDELÆNGDE : side * SIDELÆNGDE]
    known = _shown(session, found, shown)
    uden_træf = sum(not person.forslag for person in personer.values())
    form = _form(session, kept, shown, known, uden_træf)
    if form.is_submitted() and _answered(form):
        return _next(session, kept, kontrolleret, form, rows, personer)
    page = render_template(
        "restancer/liste_kontrol.html",
        form=form,
        kept=kept,
        found=found,
        vist=VIST,
        kendt=known,
        spørgsmål=shown,
        antal=Counter(row.slags for row in rows),
        uden_træf=uden_træf,
        side=side,
        sider=sider,
        etiket=labels(),
    )
    return page, 422 if form.is_submitted() else 200


def _form(
    session: Session, kept: Gemt, rows: Sequence[Spørgsmål], sager: Mapping[uuid.UUID, RestancesagData], uden_træf: int
) -> GennemførForm:
    """The questions of this page, with what was answered before."""
    form = gennemfør_form(rows, sager, _residents(session, rows), gemte_svar(kept.fil.felter))
    if not uden_træf:
        del form.ingen_træf
    if not form.is_submitted():
        form.fil_id.process_data(kept.fil.kladde_id)
        if form.ingen_træf:
            form.ingen_træf.process_data(kept.fil.felter.get(INGEN_TRÆF, INGEN))
    return form


def _answered(form: GennemførForm) -> bool:
    """Whether the page's answers can be used: all of them, or what there is when somebody only leafs through or lets
    the rest wait."""
    return form.validate() or bool({"gå", "resten"} & {*request.form})


def _people(session: Session, kept: Gemt, found: Gennemgang) -> dict[int, Person]:
    """Whom the new cases may be about; nobody's business but the beboerrådgiver's."""
    if not har_ret(Ret.RESTANCER):
        return {}
    return find_personer(session, kept.organisation, [fund.række for fund in found.som("ny")])


def _residents(session: Session, rows: Sequence[Spørgsmål]) -> dict[uuid.UUID, BeboerData]:
    """The residents the page names, opened by name."""
    ids = {i for row in rows if row.person for i in row.person.forslag}
    return hent_beboere(session, ids, "kontrollér restanceliste: mulige beboere") if ids else {}


def _next(
    session: Session,
    kept: Gemt,
    kontrolleret: Kontrolleret,
    form: GennemførForm,
    rows: list[Spørgsmål],
    personer: Mapping[int, Person],
) -> ResponseReturnValue:
    """Go to another page of questions with the answers kept, or import when everything is answered."""
    if str(kept.fil.kladde_id) != form.fil_id.data:
        return _replaced(session)
    svar = gemte_svar(kept.fil.felter) | form.svar()
    ingen_træf = form.ingen_træf.data if form.ingen_træf else INGEN
    open_rows = ubesvarede(rows, svar)
    gå = request.form.get("gå", type=int)
    if gå is None and (not open_rows or "resten" in request.form):
        return _begin(session, kept, kontrolleret, svar, valgte(kontrolleret.rækker, personer, svar, ingen_træf))
    felter = {name: text for name, text in kept.fil.felter.items() if not name.startswith(SVAR)}
    answers = {f"{SVAR}{nummer}": text for nummer, text in svar.items()}
    gem_fil(session, FIL, kept.fil.navn, kept.fil.data, **{**felter, **answers, INGEN_TRÆF: ingen_træf})
    session.commit()
    if gå is None:
        rest = "1 række" if len(open_rows) == 1 else f"{len(open_rows)} rækker"
        flash(f"Du mangler at svare på {rest}.", "advarsel")
        gå = open_rows[0] // SIDELÆNGDE + 1
    return redirect(url_for("restancer.liste_kontrol", side=gå, _anchor="spørgsmål"), 303)


def _check(session: Session, kept: Gemt) -> Kontrolleret:
    """Every row, checked with no transaction open, so that nobody waits meanwhile."""
    regler = Regler(session, kept.organisation)
    session.commit()
    return regler.kontrollér(kept.ark, kept.kolonner)


def _shown(session: Session, found: Gennemgang, rows: Sequence[Spørgsmål]) -> dict[uuid.UUID, RestancesagData]:
    """The cases the page names, opened by name."""
    ids = {k.id for row in rows for k in row.fund.tvivl} | {k.id for k in found.væk[:VIST]}
    ids |= {fund.sag.id for fund in found.som("ændret")[:VIST] if fund.sag}
    found_rows = session.exec(select(Restancesag).where(col(Restancesag.id).in_(ids))).all() if ids else []
    return open_many(session, found_rows, RestancesagData, "kontrollér restanceliste")


def _begin(
    session: Session, kept: Gemt, kontrolleret: Kontrolleret, svar: Mapping[int, str], personer: Mapping[int, Valgt]
) -> ResponseReturnValue:
    """Begin the import of the file that was shown. Of two who press at once the second begins nothing."""
    if not tag_fil(session, FIL, kept.fil.kladde_id):
        return _replaced(session)
    found = gennemgå(session, kontrolleret, kept.organisation, kept.dag, hel=kept.hel, svar=svar)
    liste = begynd(
        session,
        found,
        boligorganisation=kept.organisation,
        dag=kept.dag,
        fil=mærke(session, kept.fil.data),
        filnavn=kept.fil.navn,
        kolonner=kept.kolonner,
        personer=personer,
    )
    liste_id = liste.id
    session.commit()
    list_status.work(liste_id)
    return redirect(url_for("restancer.liste_status", liste_id=liste_id), 303)


def _replaced(session: Session) -> ResponseReturnValue:
    session.rollback()
    flash("Filen er skiftet ud eller allerede importeret.", "advarsel")
    return redirect(url_for("restancer.lister"), 303)
