"""Pages on which residents are invited to a talk: choose when and in which language, look, and take the letters."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, current_user, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.dansk import normaliser_telefon
from rådgivning.database import current_session
from rådgivning.plan import invitation_texts
from rådgivning.plan.invitation_texts import Sprogtekst
from rådgivning.plan.invitations import DANSK
from rådgivning.restancer import invitations, letterhead, letters
from rådgivning.restancer.invitation_forms import MINUTTER, IndkaldForm, for_sager
from rådgivning.restancer.invitations import BREV, FLEST, SMS, Møde, Udvalg, Valgt
from rådgivning.restancer.letter_content import Brev, Hoved
from rådgivning.restancer.letter_places import SkabelonFejl

_ASKED_LAST: Final = ("csrf_token", "trin", "form", "opgave")
_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Indkaldelse:
    """One invitation as the preview shows it. `sms_adresse` opens the phone's own messages."""

    sag: Valgt
    tekst: Sprogtekst
    møde: Møde
    brev: Brev
    sms: str

    @property
    def sms_adresse(self) -> str:
        """`sms:` with number and text; "" without a number."""
        return f"sms:{self.sag.telefon}?&body={quote(self.sms)}" if self.sag.telefon else ""

    @property
    def gennemlæst(self) -> bool:
        """Whether every text in the letter has been read through."""
        return all(side.gennemlæst for side in self.brev.sider)


def add_pages(bp: Blueprint) -> None:
    """`/restancer/indkald`: the chosen cases come as `sag`, from the work list (POST) or a case's page (GET)."""
    bp.add_url_rule("/indkald", view_func=indkald, methods=["GET", "POST"])


@kræver(Ret.RESTANCER)
@frisk
def indkald() -> ResponseReturnValue:
    """Three steps of one form: fill in, look, take. Only the last one writes anything."""
    session = current_session()
    kladde = None if request.args.getlist("sag") else side_kladde(session)
    chosen = _ids((kladde or request.values).getlist("sag"))
    tekster = invitation_texts.tekster(session, current_helhedsplan_id())
    if not chosen or len(chosen) > FLEST or DANSK not in tekster:
        page = render_template("restancer/indkald_tom.html", antal=len(chosen), flest=FLEST, tekster=tekster)
        return page, 422 if request.method == "POST" else 200
    udvalg = invitations.udvælg(session, chosen)
    hoveder = letterhead.hoveder(session)
    trin = request.form.get("trin", "")
    form = _form(udvalg, tekster, hoveder, kladde or (request.form if trin else None))
    session.commit()
    if trin not in {"vis", "opret"} or not udvalg.sager:
        return _fill_in(form, udvalg, tekster, 200)
    møder = form.møder(udvalg.sager) if form.validate() else None
    if møder is None:
        return _fill_in(form, udvalg, tekster, 422)
    indkaldelser = _write(møder, tekster, hoveder)
    return _look(form, udvalg, indkaldelser) if trin == "vis" else _take(form, udvalg, indkaldelser)


def _ids(values: Sequence[str]) -> list[uuid.UUID]:
    found = []
    for value in dict.fromkeys(values):
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def _form(udvalg: Udvalg, tekster: dict[str, Sprogtekst], hoveder: dict[str, Hoved], sent: Any) -> IndkaldForm:
    """The form with what was sent, else with what the letterhead and the earlier invitations say."""
    choices = [(key, text.tekst.navn) for key, text in tekster.items()]
    form = for_sager(udvalg.sager, choices)(formdata=sent)
    if sent is not None or not udvalg.sager:
        return form
    hoved = hoveder.get(udvalg.sager[0].boligorganisation, hoveder[""])
    form.minutter.process_data(MINUTTER)
    form.sted.process_data(hoved.adresse)
    form.telefon.process_data(normaliser_telefon(hoved.telefon) if hoved.telefon else "")
    for sag in udvalg.sager:
        form.sprog_til(sag).process_data(sag.sprog if sag.sprog in tekster else DANSK)
    return form


def _fill_in(form: IndkaldForm, udvalg: Udvalg, tekster: dict[str, Sprogtekst], status: int) -> ResponseReturnValue:
    return render_template("restancer/indkald.html", form=form, udvalg=udvalg, tekster=tekster), status


def _write(
    møder: Sequence[tuple[Valgt, str, Møde]], tekster: dict[str, Sprogtekst], hoveder: dict[str, Hoved]
) -> list[Indkaldelse]:
    rådgiver = current_user().navn
    found = []
    for sag, sprog, møde in møder:
        hoved = hoveder.get(sag.boligorganisation, hoveder[""])
        brev = invitations.skriv_brev(sag, møde, tekster, sprog, hoved, rådgiver)
        sms = invitations.skriv_sms(møde, tekster[sprog], hoved.afsender, rådgiver)
        found.append(Indkaldelse(sag, tekster[sprog], møde, brev, sms))
    return found


def _look(
    form: IndkaldForm, udvalg: Udvalg, indkaldelser: Sequence[Indkaldelse], status: int = 200
) -> ResponseReturnValue:
    if not form.form.data:
        form.form.process_data("pdf")
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in _ASKED_LAST]
    page = render_template(
        "restancer/indkald_vis.html", form=form, udvalg=udvalg, indkaldelser=indkaldelser, sendt=sent
    )
    return page, status


def _take(form: IndkaldForm, udvalg: Udvalg, indkaldelser: Sequence[Indkaldelse]) -> ResponseReturnValue:
    """Write the letters, then write down that they were: no letter leaves without its trace."""
    session = current_session()
    if not form.form.data:
        form.form.errors = ["Vælg, hvad der skal laves."]
        return _look(form, udvalg, indkaldelser, 422)
    try:
        kind, content = _files(form.form.data, [i.brev for i in indkaldelser])
    except (letters.BrevFejl, SkabelonFejl) as fejl:
        form.form.errors = [str(fejl)]
        return _look(form, udvalg, indkaldelser, 422)
    invitations.registrér(
        session,
        [(i.sag, i.tekst.sprog, i.møde) for i in indkaldelser],
        måde=BREV if kind else SMS,
        form=kind or SMS,
        formular_id=form.formular_id.data,
        med_opgave=form.opgave.data,
    )
    slet_kladde(session, request.path)
    session.commit()
    flash(_said(len(indkaldelser)))
    if not kind:
        return redirect(url_for("restancer.liste"), 303)
    response = Response(content, mimetype=_TYPES[kind])
    response.headers.set("Content-Disposition", "attachment", filename=f"indkaldelser.{kind}")
    return response


def _files(form: str, breve: Sequence[Brev]) -> tuple[str, bytes]:
    """The kind of file and its bytes; nothing when the resident is only sent a text message."""
    if form == "pdf":
        return "pdf", letters.som_pdf(breve)
    if form == "docx":
        return ("docx", letters.som_docx(breve[0])) if len(breve) == 1 else ("zip", letters.som_zip(breve))
    return "", b""


def _said(antal: int) -> str:
    return (
        "Indkaldelsen er skrevet på sagen som et kontaktforsøg."
        if antal == 1
        else (f"{antal} indkaldelser er skrevet på sagerne som kontaktforsøg.")
    )
