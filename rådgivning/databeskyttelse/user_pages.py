"""Pages for making and blocking users. A password is shown once, to the one who made the user, and must be changed."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.factors import faktorer
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import (
    Konflikt,
    Ret,
    Rolle,
    current_helhedsplan_id,
    current_user_id,
    hent,
    kræver,
)
from rådgivning.adgang.seen_devices import enheder
from rådgivning.adgang.sessions import Slut, egne_sessioner, end_sessions, endte_sessioner
from rådgivning.adgang.stepup import frisk
from rådgivning.adgang.typed import typed_again
from rådgivning.adgang.users import (
    BrugerFejl,
    brugere,
    hash_kodeord,
    nyt_kodeord,
    opret_bruger,
    sidst_brugt,
    skift_email,
    åbn_bruger,
)
from rådgivning.beboere.colleagues import rådgivere
from rådgivning.beskeder.inbox import seneste_fejl
from rådgivning.database import current_session
from rådgivning.databeskyttelse.forms import ROLLER, BrugerFormular, EmailFormular
from rådgivning.databeskyttelse.shutting_out import luk_ude, ny_adgang
from rådgivning.kalender.subscriptions import tilbagekald_for
from rådgivning.overblik import handing, handovers
from rådgivning.plan.lister import etiket, valg
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

ROLLENAVNE = {str(rolle): navn for rolle, navn in ROLLER}


@kræver(Ret.BRUGERE)
@frisk
def brugerliste() -> ResponseReturnValue:
    """All users of the helhedsplan."""
    session, plan = current_session(), current_helhedsplan_id()
    return render_template(
        "databeskyttelse/brugere.html",
        brugere=brugere(session, plan),
        brugt=sidst_brugt(session, plan),
        roller=ROLLENAVNE,
        organisationer=dict(valg(session, plan, "boligorganisation")),
    )


@kræver(Ret.BRUGERE)
@frisk
def ny_bruger() -> ResponseReturnValue:
    """Make a user with a password that works until she has chosen her own."""
    session, plan = current_session(), current_helhedsplan_id()
    form = BrugerFormular(valg(session, plan, "boligorganisation"), **typed_again())
    if not form.is_submitted():
        return render_template("databeskyttelse/ny_bruger.html", form=form)
    if session.get(Bruger, form.formular_id.data) is not None:
        hent(session, Bruger, form.formular_id.data)
        flash("Brugeren er allerede oprettet.", "info")
        return redirect(url_for(".bruger", id=form.formular_id.data), 303)
    session.rollback()
    kodeord = nyt_kodeord()
    if not form.validate() or not _made(form, plan, kodeord):
        return render_template("databeskyttelse/ny_bruger.html", form=form), 422
    session.commit()
    return render_template(
        "databeskyttelse/engangskode.html",
        id=form.formular_id.data,
        navn=form.navn.data,
        brugernavn=form.brugernavn.data,
        kodeord=kodeord,
    )


def _made(form: BrugerFormular, plan: uuid.UUID, kodeord: str) -> bool:
    try:
        opret_bruger(
            current_session(),
            plan,
            form.brugernavn.data,
            form.navn.data,
            Rolle(form.rolle.data),
            kodeord,
            boligorganisation=form.boligorganisation.data,
            skal_skifte=True,
            id=form.formular_id.data,
        )
    except BrugerFejl as fejl:
        form.form_errors.append(str(fejl))
        return False
    return True


@kræver(Ret.BRUGERE)
@frisk
def bruger(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One user, and what can be done about her."""
    session = current_session()
    found = hent(session, Bruger, id)
    return render_template(
        "databeskyttelse/bruger.html",
        den=found,
        rolle=ROLLENAVNE[found.rolle],
        organisation=etiket(session, found.helhedsplan_id, "boligorganisation", found.boligorganisation),
        sessioner=egne_sessioner(session, id),
        endte=endte_sessioner(session, id),
        enhedsnavne={device.id: device.navn for device in enheder(session, id)},
        brugt=sidst_brugt(session, found.helhedsplan_id).get(id),
        selv=id == current_user_id(),
        faktorer=faktorer(session, id),
        fejl=seneste_fejl(session, id),
        har=handovers.i_ord(antal) if any((antal := handing.omfang(session, found).antal).values()) else "",
        arbejder=id in {b.id for b in rådgivere(session)},
    )


@kræver(Ret.BRUGERE)
@frisk
def email(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Where a user's notices are mailed."""
    session = current_session()
    found = hent(session, Bruger, id)
    form = EmailFormular(data={"email": found.email})
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/email.html", form=form, den=found)
        return page, 422 if form.is_submitted() else 200
    skift_email(session, found, form.email.data)
    return done(id, "E-mailadressen er gemt.")


@kræver(Ret.BRUGERE)
@frisk
def spær(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Shut a user out at once."""
    session = current_session()
    luk_ude(session, another(id))
    return done(id, "Brugeren er spærret og logget ud alle steder. En hemmelig kalenderadresse virker ikke mere.")


@kræver(Ret.BRUGERE)
@frisk
def åbn(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Let a blocked user in again."""
    session, found = current_session(), another(id)
    if found.navn_slettet is not None:
        raise Konflikt("Brugerens navn er slettet efter fristen. Opret en ny bruger.")
    åbn_bruger(session, found)
    return done(id, "Brugeren kan logge ind igen.")


@kræver(Ret.BRUGERE)
@frisk
def afslut_sessioner(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Sign a user out everywhere; the address of her calendar feed ends too, since it stands on the device she lost."""
    session = current_session()
    ended = end_sessions(session, another(id).id, slut=Slut.ANDEN)
    tilbagekald_for(session, id)
    skriv(session, Handling.LOGGET_UD, "bruger", [id], detaljer={"sessioner": ended})
    return done(id, "Brugeren er logget ud alle steder. En hemmelig kalenderadresse virker ikke mere.")


@kræver(Ret.BRUGERE)
@frisk
def nyt_kodeord_til(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """A new password to hand over."""
    return _ny_adgang(id, faktorer=False)


@kræver(Ret.BRUGERE)
@frisk
def nulstil_to_trin(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Take away what a user signs in with, when she has lost it and shown who she is; a new password to hand over."""
    return _ny_adgang(id, faktorer=True)


def _ny_adgang(id: uuid.UUID, *, faktorer: bool) -> ResponseReturnValue:  # noqa: A002
    session = current_session()
    another(id)
    session.rollback()
    kodeord = nyt_kodeord()
    hashed = hash_kodeord(kodeord)
    found = another(id)
    ny_adgang(session, found, hashed, faktorer=faktorer)
    session.commit()
    return render_template(
        "databeskyttelse/engangskode.html",
        id=id,
        navn=found.navn,
        brugernavn=found.brugernavn,
        kodeord=kodeord,
        to_trin=faktorer,
    )


def another(id: uuid.UUID) -> Bruger:  # noqa: A002
    """A user of the helhedsplan; not oneself, so that there is always somebody left who can let others in."""
    found = hent(current_session(), Bruger, id)
    if found.id == current_user_id():
        raise Konflikt("Det kan du ikke gøre ved din egen bruger. Brug »Mine sessioner« til dit eget.")
    return found


def done(id: uuid.UUID, besked: str) -> ResponseReturnValue:  # noqa: A002
    """Save, say so and go back to the user's page."""
    current_session().commit()
    flash(besked)
    return redirect(url_for(".bruger", id=id), 303)
