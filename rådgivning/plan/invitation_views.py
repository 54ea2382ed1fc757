"""Pages on which the texts of an invitation are read through and corrected, language by language."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, har_ret, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session
from rådgivning.felter import Formular, JaNejFelt, NotatFelt, SkjultFelt, TekstFelt, højst, påkrævet
from rådgivning.plan import invitation_texts
from rådgivning.plan.forms import versionsnummer
from rådgivning.plan.invitation_texts import GENNEMLÆST, Sprogtekst, TekstÆndret
from rådgivning.plan.invitations import mangler
from rådgivning.plan.schema import Indkaldelsestekst

FELTER = [name for name in Indkaldelsestekst.model_fields if name not in {"fra", "til", "navn", "status"}]


class TekstForm(Formular):
    """The whole text of one language; its places in { } are checked."""

    emne = TekstFelt("Overskrift", [påkrævet("Skriv overskriften.")], max_længde=120)
    hilsen = TekstFelt("Hilsen", [påkrævet("Skriv hilsenen.")], max_længde=120)
    brev = NotatFelt("Brevet", [påkrævet("Skriv brevet."), højst(4000)])
    med_tid = NotatFelt("Når der er sat en tid af", [påkrævet(), højst(600)])
    uden_tid = NotatFelt("Når der ikke er sat en tid af", [påkrævet(), højst(600)])
    ord_tid = TekstFelt("Ordet for tid", [påkrævet()], max_længde=40)
    ord_sted = TekstFelt("Ordet for sted", [påkrævet()], max_længde=40)
    ord_telefon = TekstFelt("Ordet for telefon", [påkrævet()], max_længde=40)
    slut = TekstFelt("Afslutning", [påkrævet()], max_længde=80)
    sms = NotatFelt("Sms med tid", [påkrævet("Skriv sms'en."), højst(480)])
    sms_uden_tid = NotatFelt("Sms uden tid", [påkrævet("Skriv sms'en."), højst(480)])
    læst = JaNejFelt(
        "Er teksten læst igennem af en, der kan sproget?", [påkrævet("Svar ja eller nej.")], ved_ikke=False
    )
    version = SkjultFelt()

    def godkendt(self, navn: str) -> Indkaldelsestekst | None:
        """The text when everything is right; None with a message at each field when not."""
        if not self.validate():
            return None
        status = GENNEMLÆST if self.læst.data else "til gennemlæsning"
        values = {name: self[name].data for name in FELTER}
        tekst = Indkaldelsestekst.model_validate({"navn": navn, "status": status, **values})
        for felt, besked in mangler(tekst):
            self[felt].errors = [*self[felt].errors, besked]
        return None if self.errors else tekst


def add_pages(pages: Blueprint) -> None:
    """`/indkaldelse/tekster`."""
    pages.add_url_rule("/indkaldelse/tekster", view_func=tekster)
    pages.add_url_rule("/indkaldelse/tekster/<sprog>", view_func=ret_tekst, methods=["GET", "POST"])
    pages.add_url_rule("/indkaldelse/tekster/<sprog>/læst", view_func=tekst_læst, methods=["POST"])
    pages.add_url_rule("/indkaldelse/tekster/<sprog>/planens", view_func=planens_tekst, methods=["POST"])


@kræver(Ret.RESTANCER, Ret.INDKALDELSESTEKSTER)
def tekster() -> ResponseReturnValue:
    """Every language, and whether somebody who knows it has read the text through."""
    found = invitation_texts.tekster(current_session(), current_helhedsplan_id())
    return render_template("plan/indkaldelsestekster.html", tekster=list(found.values()))


@kræver(Ret.RESTANCER, Ret.INDKALDELSESTEKSTER)
def ret_tekst(sprog: str) -> ResponseReturnValue:
    """Correct the text of one language."""
    session = current_session()
    found = invitation_texts.hent_tekst(session, current_helhedsplan_id(), sprog)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session) if har_ret(Ret.KLADDE) else None
    again = {"formdata": kladde} if kladde else typed_again()
    form = TekstForm(**again)
    if not form.is_submitted() and not again:
        _show(form, found)
    status = _save(form, found) if form.is_submitted() else 200
    if status == 303:
        flash("Teksten er gemt.")
        return redirect(url_for("plan.tekster"), 303)
    page = render_template(
        "plan/indkaldelsestekst.html",
        form=form,
        fundet=found,
        dansk=invitation_texts.hent_tekst(session, current_helhedsplan_id(), "da"),
        historik=invitation_texts.historik(session, current_helhedsplan_id(), sprog),
        kladde=kladde,
    )
    return page, status


def _show(form: TekstForm, found: Sprogtekst) -> None:
    for name in FELTER:
        form[name].process_data(getattr(found.tekst, name))
    form.læst.process_data(found.gennemlæst or None)
    form.version.process_data(found.version)


def _save(form: TekstForm, found: Sprogtekst) -> int:
    """303 when it is saved; 422 or 409 with what was typed still in the form."""
    session = current_session()
    tekst = form.godkendt(found.tekst.navn)
    if tekst is None:
        return 422
    try:
        invitation_texts.gem_tekst(session, found.sprog, tekst, versionsnummer(form.version))
    except TekstÆndret as error:
        form.form_errors = [str(error)]
        form.version.process_data(found.version)
        return 409
    if har_ret(Ret.KLADDE):
        slet_kladde(session, request.path)
    session.commit()
    return 303


@kræver(Ret.RESTANCER, Ret.INDKALDELSESTEKSTER)
def tekst_læst(sprog: str) -> ResponseReturnValue:
    """Somebody who knows the language has read the text as it stands."""
    session = current_session()
    invitation_texts.markér_gennemlæst(session, sprog, _version())
    session.commit()
    flash("Teksten er markeret som læst igennem.")
    return redirect(url_for("plan.tekster"), 303)


@kræver(Ret.RESTANCER, Ret.INDKALDELSESTEKSTER)
def planens_tekst(sprog: str) -> ResponseReturnValue:
    """Give the corrections up and go back to the plan file's text."""
    session = current_session()
    invitation_texts.gem_tekst(session, sprog, None, _version())
    session.commit()
    flash("Planens egen tekst gælder igen.")
    return redirect(url_for("plan.ret_tekst", sprog=sprog), 303)


def _version() -> int:
    """The version the page was shown with; -1, which no text has, when the field is missing or no number."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
