"""Pages of a household: which tenancy a resident lives in, who else does, who moves in and out."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from wtforms import Field
from wtforms.validators import ValidationError

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import Træf, hent_beboer, hent_beboere, søg_beboere
from rådgivning.dansk import fold
from rådgivning.database import current_session
from rådgivning.felter import Formular, JaNejFelt, SkjultFelt, TekstFelt, ValgFelt, påkrævet
from rådgivning.nøgler.restriction import restricted
from rådgivning.nøgler.search import SHORTEST_QUERY
from rådgivning.plan.lister import afdelinger, valg
from rådgivning.plan.plans import plan

ÆNDRET = "En anden har rettet lejemålet, mens du skrev. Det, der står nu, er hentet ind. Skriv din rettelse igen."
FLEST_FORSLAG = 8


class HusstandForm(Formular):
    """The tenancy."""

    nummer = TekstFelt("Lejemål nr.", max_længde=60)
    adresse = TekstFelt("Adresse")
    afdeling = ValgFelt("Afdeling", [påkrævet("Vælg afdelingen.")])
    børn = JaNejFelt("Bor der børn under 18 år i husstanden?")
    version = SkjultFelt()

    def validate_nummer(self, field: Field) -> None:
        """A tenancy that can be found."""
        if not field.data and not self.adresse.data:
            raise ValidationError("Skriv lejemålets nummer eller adresse.")
        if field.data and not households.nøgle(field.data):
            raise ValidationError("Skriv nummeret med tal eller bogstaver.")


class MedlemForm(Formular):
    """Who else lives there."""

    beboer_tekst = TekstFelt("Hvem bor her også?")
    beboer_id = SkjultFelt()

    @property
    def beboer(self) -> uuid.UUID | None:
        """The chosen resident; None when there is none or the hidden field holds no id."""
        try:
            return uuid.UUID(self.beboer_id.data) if self.beboer_id.data else None
        except ValueError:
            return None


def add_pages(bp: Blueprint) -> None:
    """`/beboere/<id>/husstand`."""
    bp.add_url_rule("/<uuid:id>/husstand", view_func=husstand, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/husstand/ind", view_func=flyt_ind, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/husstand/ud", view_func=flyt_ud, methods=["POST"])


@kræver(Ret.BEBOERE)
def husstand(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """The tenancy a resident lives in: written in the first time from her address, corrected later."""
    session = current_session()
    beboer = hent_beboer(session, id, "vis husstand")[1]
    home = _home(session, id)
    form = HusstandForm()
    form.afdeling.choices = _afdelinger(session, home, beboer)
    if not form.is_submitted():
        _start(form, home, beboer)
    elif form.validate():
        status = _save(session, id, home, form)
        if status == 303:
            return redirect(url_for("beboere.husstand", id=id), 303)
        return _page(id, form, MedlemForm(formdata=None), status=status)
    return _page(id, form, MedlemForm(formdata=None), status=422 if form.is_submitted() else 200)


@kræver(Ret.BEBOERE)
def flyt_ind(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Somebody else lives here too: chosen among suggestions, or found by name."""
    session = current_session()
    beboer = hent_beboer(session, id, "vis husstand")[1]
    home = _home(session, id)
    if home is None:
        return _nowhere(id)
    form = MedlemForm()
    valid = form.validate_on_submit()
    if valid and "find_beboer" not in request.form and form.beboer is not None:
        households.flyt_ind(session, form.beboer, home[0])
        session.commit()
        flash("Beboeren er skrevet ind i husstanden.")
        return redirect(url_for("beboere.husstand", id=id), 303)
    tekst = form.beboer_tekst.data or ""
    searched = valid and "find_beboer" in request.form and len(tekst) >= SHORTEST_QUERY
    if not searched and not form.beboer_tekst.errors:
        form.beboer_tekst.errors = ["Skriv mindst to bogstaver af navnet, og vælg beboeren på listen."]
    main = HusstandForm(formdata=None)
    main.afdeling.choices = _afdelinger(session, home, beboer)
    _start(main, home, beboer)
    found = søg_beboere(session, tekst) if searched else None
    return _page(id, main, form, træffere=found, status=200 if searched else 422)


@kræver(Ret.BEBOERE)
def flyt_ud(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Somebody of this household, the resident herself if nobody is named, no longer lives here."""
    session = current_session()
    hent_beboer(session, id, "ret husstand")
    home = _home(session, id)
    member = request.form.get("medlem", type=uuid.UUID, default=id)
    if home is None or member not in home[1].medlemmer:
        return _nowhere(id)
    households.flyt_ud(session, member)
    session.commit()
    flash("Beboeren er skrevet ud af husstanden.")
    return redirect(f"/beboere/{id}" if member == id else url_for("beboere.husstand", id=id), 303)


def _nowhere(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Somebody was faster, or the tenancy was never written in: the page says what stands now."""
    flash("Beboeren står ikke i det lejemål mere. Se, hvad der står nu.", "fejl")
    return redirect(url_for("beboere.husstand", id=id), 303)


def _home(session: Session, beboer_id: uuid.UUID) -> tuple[uuid.UUID, LejemålData, int] | None:
    lejemål_id = households.husstande(session).for_beboer.get(beboer_id)
    if lejemål_id is None:
        return None
    row, data = households.hent_lejemål(session, lejemål_id)
    return lejemål_id, data, row.version


def _afdelinger(
    session: Session, home: tuple[uuid.UUID, LejemålData, int] | None, beboer: BeboerData
) -> list[tuple[str, str]]:
    """A tenancy never moves to an afdeling of another boligorganisation."""
    plan_id = current_helhedsplan_id()
    mine = afdelinger(session, plan_id, boligorganisation=home[1].boligorganisation if home else "")
    have = home[1].afdeling if home else beboer.afdeling
    may = {*mine, have} & {*plan(session, plan_id).afdeling}
    return [choice for choice in valg(session, plan_id, "afdeling", også=[have]) if choice[0] in may]


def _start(form: HusstandForm, home: tuple[uuid.UUID, LejemålData, int] | None, beboer: BeboerData) -> None:
    """What is known of the tenancy, or what the resident's own page says."""
    known: LejemålData | BeboerData = home[1] if home else beboer
    form.nummer.process_data(home[1].nummer if home else "")
    form.adresse.process_data(known.adresse)
    form.afdeling.process_data(known.afdeling)
    form.børn.process_data(known.børn_i_husstanden)
    form.version.process_data(str(home[2]) if home else "")


def _save(
    session: Session, beboer_id: uuid.UUID, home: tuple[uuid.UUID, LejemålData, int] | None, form: HusstandForm
) -> int:
    """303 when it is saved; 409 when somebody else was faster; 422 with the reason at the field."""
    if form.version.data != (str(home[2]) if home else ""):
        form.form_errors = [ÆNDRET]
        _start(form, home, hent_beboer(session, beboer_id, "ret husstand")[1])
        return 409
    lejemål_id = home[0] if home else _first(session, beboer_id, form)
    try:
        if home is not None:
            households.ret_lejemål(
                session,
                lejemål_id,
                nummer=form.nummer.data,
                adresse=form.adresse.data,
                afdeling=form.afdeling.data,
            )
    except households.LejemålFindes:
        form.nummer.errors = ["Et andet lejemål har det nummer. Flyt beboeren dertil, hvis det er hendes."]
        return 422
    if home is not None or form.børn.data is not None:
        households.sæt_børn(session, lejemål_id, form.børn.data)
    session.commit()
    flash("Husstanden er gemt.")
    return 303


def _first(session: Session, beboer_id: uuid.UUID, form: HusstandForm) -> uuid.UUID:
    """The tenancy with that number, which others may live in already, or a new one with her in it."""
    organisation = plan(session, current_helhedsplan_id()).afdeling[form.afdeling.data].boligorganisation
    known = households.find_lejemål(session, organisation, form.nummer.data)
    if known is not None:
        households.flyt_ind(session, beboer_id, known)
        return known
    data = LejemålData(
        nummer=form.nummer.data,
        adresse=form.adresse.data,
        afdeling=form.afdeling.data,
        boligorganisation=organisation,
        børn_i_husstanden=form.børn.data,
        medlemmer=[beboer_id],
    )
    return households.opret_lejemål(session, data, form.formular_id.data).id


def _page(
    beboer_id: uuid.UUID,
    form: HusstandForm,
    medlem: MedlemForm,
    *,
    træffere: list[Træf] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session = current_session()
    home = _home(session, beboer_id)
    her = hent_beboer(session, beboer_id, "vis husstand")[1]
    others = hent_beboere(session, home[1].medlemmer if home else [], "vis husstand")
    known = {**others, beboer_id: her}
    page = render_template(
        "beboere/husstand.html",
        id=beboer_id,
        form=form,
        medlem=medlem,
        beboer=her,
        lejemål=home[1] if home else None,
        medlemmer=known,
        forslag=_same_address(session, her, set(known)) if home else [],
        træffere=træffere,
        begrænsede=restricted(session, known),
    )
    return page, status


def _same_address(session: Session, beboer: BeboerData, known: set[uuid.UUID]) -> list[Træf]:
    """Residents with the same address who are not written in."""
    if not beboer.adresse:
        return []
    found = søg_beboere(session, beboer.adresse, FLEST_FORSLAG)
    return [t for t in found if t.id not in known and fold(t.adresse) == fold(beboer.adresse)]
