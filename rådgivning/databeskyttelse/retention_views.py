"""Pages of the time limits: the rules and what goes when, and for each beboerrådgiver her own residents by name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Konflikt, Ret, current_helhedsplan_id, har_ret, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.beboere.models import BeboerData, Fastholdelse, FastholdelseData
from rådgivning.beboere.residents import hent_beboer, hent_beboere
from rådgivning.dansk import dato
from rådgivning.database import current_session, now, today
from rådgivning.databeskyttelse import retention_keep
from rådgivning.databeskyttelse.retention import Beboerfrist, Hindring
from rådgivning.databeskyttelse.retention_preview import FORSINKET, sidste_kørsel, udsigt
from rådgivning.felter import Formular, NotatFelt, ValgFelt, påkrævet
from rådgivning.overblik.removal import omfang
from rådgivning.plan.limits import MÅDER
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.samtykker.papers import papirer

LISTE = "/beboere/slettes-snart"
SIDELÆNGDE = 50


@dataclass(frozen=True)
class Linje:
    """A resident in the list; `beboer` is None when she may not be opened now."""

    frist: Beboerfrist
    beboer: BeboerData | None


class BeholdFormular(Formular):
    """Why a resident is kept."""

    grund = ValgFelt(
        "Hvorfor skal oplysningerne beholdes?",
        [påkrævet("Vælg en grund.")],
        choices=list(retention_keep.GRUNDE.items()),
        widget=ListWidget(prefix_label=False),
    )
    forklaring = NotatFelt("Forklaring")

    def validate_forklaring(self, field: NotatFelt) -> None:
        """Another reason must be told."""
        if self.grund.data == retention_keep.ANDET and not (field.data or "").strip():
            raise ValidationError("Skriv, hvilken grund det er.")


class SletNuFormular(Formular):
    """The question before it is done."""


def add_pages(pages: Blueprint) -> None:
    """`/databeskyttelse/slettefrister`, and `/beboere/slettes-snart` with what is done there."""
    pages.add_url_rule("/databeskyttelse/slettefrister", view_func=slettefrister)
    pages.add_url_rule(LISTE, view_func=slettes_snart)
    pages.add_url_rule("/beboere/<uuid:beboer_id>/behold", view_func=behold, methods=["GET", "POST"])
    pages.add_url_rule("/beboere/<uuid:beboer_id>/slet-nu", view_func=slet_nu, methods=["GET", "POST"])


@kræver(Ret.REGISTREREDE, Ret.BEBOERE)
def slettefrister() -> ResponseReturnValue:
    """The rules in plain words, and numbers of what goes when; nobody by name."""
    session, plan_id = current_session(), current_helhedsplan_id()
    rules = frister(session, plan_id)
    last = sidste_kørsel(session, plan_id)
    return render_template(
        "databeskyttelse/slettefrister.html",
        regler=[regel for navn, regel in rules.items() if navn not in MÅDER],
        varsel=rules[Fristnavn.VARSEL],
        behold=rules[Fristnavn.BEHOLD],
        udsigt=udsigt(session, plan_id),
        sidst=last,
        forsinket=last is None or now() - last > FORSINKET,
        egen=har_ret(Ret.BEBOERE),
    )


@kræver(Ret.BEBOERE)
def slettes_snart() -> ResponseReturnValue:
    """The actor's residents who soon go, and those who would but for something open."""
    session, i_dag = current_session(), today()
    times = [frist for frist in retention_keep.mine(session) if frist.snart(i_dag)]
    soon, stopped = [f for f in times if not f.hindringer], [f for f in times if f.hindringer]
    side = sidetal()
    shown = soon[(side - 1) * SIDELÆNGDE : side * SIDELÆNGDE]
    opened = [f.beboer_id for f in (*shown, *stopped[:SIDELÆNGDE]) if Hindring.BEGRÆNSET not in f.hindringer]
    names = hent_beboere(session, opened, "slettes snart")
    return render_template(
        "databeskyttelse/slettes_snart.html",
        linjer=[Linje(frist, names.get(frist.beboer_id)) for frist in shown],
        stoppede=[Linje(frist, names.get(frist.beboer_id)) for frist in stopped[:SIDELÆNGDE]],
        antal_stoppede=len(stopped),
        side=side,
        sider=max(1, -(-len(soon) // SIDELÆNGDE)),
        idag=i_dag,
        papir=papirer(session, [frist.beboer_id for frist in shown]),
        regler=frister(session, current_helhedsplan_id()),
    )


@kræver(Ret.BEBOERE)
def behold(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a resident beyond the limit, with a reason that has not been used."""
    session = current_session()
    frist = retention_keep.min_frist(session, beboer_id)
    if kasseres():
        return kassér_kladde(session)
    if not frist.snart(today()):
        return _not_near()
    kladde = side_kladde(session, Fastholdelse)
    form = BeholdFormular(kladde) if kladde else BeholdFormular()
    used = {data.grund: row for row, data in retention_keep.fastholdelser(session, beboer_id)}
    if form.validate_on_submit():
        data = FastholdelseData(grund=form.grund.data, forklaring=form.forklaring.data or "")
        try:
            til = retention_keep.behold(session, beboer_id, data, id=form.formular_id.data).til
        except retention_keep.GrundBrugt as fejl:
            form.grund.errors = [str(fejl)]
        else:
            slet_kladde(session, request.path)
            session.commit()
            flash(f"Beboeren beholdes til og med {dato(til)}. Du får besked igen, når datoen nærmer sig.")
            return redirect(LISTE, 303)
    page = _page("databeskyttelse/behold.html", beboer_id, frist, form=form, kladde=kladde, brugte=used)
    return page, 200 if request.method == "GET" else 422


@kræver(Ret.BEBOERE)
@frisk
def slet_nu(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a resident whose time is nearly out, without waiting, after a question."""
    session, form = current_session(), SletNuFormular()
    frist = retention_keep.min_frist(session, beboer_id)
    if not frist.snart(today()):
        return _not_near()
    if frist.hindringer:
        raise Konflikt(f"Beboeren kan ikke slettes nu. {frist.hindringer[0].value}")
    if not form.validate_on_submit():
        more: dict[str, Any] = {
            "omfang": omfang(session, beboer_id),
            "papir": papirer(session, [beboer_id]).get(beboer_id, []),
        }
        page = _page("databeskyttelse/slet_nu.html", beboer_id, frist, form=form, **more)
        return page, 200 if request.method == "GET" else 422
    retention_keep.slet_nu(session, beboer_id)
    session.commit()
    flash("Beboeren er slettet. Tallene i statistikken er uændrede.")
    return redirect(LISTE, 303)


def _page(skabelon: str, beboer_id: uuid.UUID, frist: Beboerfrist, **shown: Any) -> str:
    session = current_session()
    _row, beboer = hent_beboer(session, beboer_id, "slettes snart")
    return render_template(
        skabelon,
        beboer=beboer,
        frist=frist,
        idag=today(),
        grunde=retention_keep.GRUNDE,
        regler=frister(session, current_helhedsplan_id()),
        tilbage=LISTE,
        **shown,
    )


def _not_near() -> ResponseReturnValue:
    flash("Beboerens slettefrist er ikke nær, så der er intet at gøre.", "advarsel")
    return redirect(LISTE, 303)
