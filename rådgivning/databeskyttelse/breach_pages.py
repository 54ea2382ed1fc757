"""The page for the day something has gone wrong: what was opened, and a draft of what Datatilsynet must be told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select
from wtforms import ValidationError

from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.users import brugere
from rådgivning.dansk import tidspunkt
from rådgivning.database import COPENHAGEN, current_session, now, today
from rådgivning.databeskyttelse.breach import FRIST, Afgrænsning, brudfakta
from rådgivning.databeskyttelse.forms import AlleFelt
from rådgivning.felter import DatoFelt, Formular, KlokkeslætFelt, ikke_i_fremtiden, påkrævet
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


class BrudFormular(Formular):
    """Which span, whose, on what device; sent by GET, so it takes ids and times only."""

    class Meta:
        """Looking changes nothing."""

        csrf = False

    fra = DatoFelt("Fra dato", [påkrævet("Skriv den dag, det kan være begyndt."), ikke_i_fremtiden])
    fra_kl = KlokkeslætFelt("Fra klokken")
    til = DatoFelt("Til dato", [påkrævet("Skriv den dag, det var slut.")])
    til_kl = KlokkeslætFelt("Til klokken")
    bruger = AlleFelt("Bruger")
    enhed = AlleFelt("Enhed, der var logget ind")
    kendt = DatoFelt("Dagen, I blev klar over det", [ikke_i_fremtiden])
    kendt_kl = KlokkeslætFelt("Klokken, I blev klar over det")

    def validate_til(self, field: DatoFelt) -> None:
        """The span must be one."""
        if self.fra.data and field.data and self.span()[1] <= self.span()[0]:
            raise ValidationError("Slutningen skal ligge efter begyndelsen.")

    def span(self) -> tuple[datetime, datetime]:
        """From and until, Danish time; whole days where no time is given."""
        first, last = self.fra.data or today(), self.til.data or today()
        end = _at(last, self.til_kl.data) if self.til_kl.data else _at(last + timedelta(days=1), None)
        return _at(first, self.fra_kl.data), end

    @property
    def frist(self) -> datetime | None:
        """When Datatilsynet must have been told at the latest."""
        return None if self.kendt.data is None else _at(self.kendt.data, self.kendt_kl.data) + FRIST


def _at(day: date, clock: time | None) -> datetime:
    return datetime.combine(day, clock or time(), COPENHAGEN)


@kræver(Ret.SPOR)
def brud() -> ResponseReturnValue:
    """The form alone, or with what the trail says. Looking is itself an entry."""
    session = current_session()
    names = {str(user.id): user.navn for user in brugere(session, current_helhedsplan_id())}
    form = BrudFormular(request.args, til=today(), kendt=today())
    form.bruger.choices = list(names.items())
    known = devices(session, names)
    form.enhed.choices = known
    shown: dict[str, Any] = {
        "form": form,
        "navne": names,
        "enheder": dict(known),
        "fakta": None,
        "nu": now(),
    }
    if not request.args:
        return render_template("spor/brud.html", **shown)
    if not form.validate():
        return render_template("spor/brud.html", **shown), 422
    fra, til = form.span()
    facts = brudfakta(
        session,
        Afgrænsning(
            str(current_helhedsplan_id()),
            fra,
            til,
            uuid.UUID(form.bruger.data) if form.bruger.data else None,
            uuid.UUID(form.enhed.data) if form.enhed.data else None,
        ),
    )
    skriv(session, Handling.ÅBNET, "spor", anledning="undersøg brud", detaljer={"beboere": len(facts.beboere)})
    return render_template("spor/brud.html", **{**shown, "fakta": facts, "fra": fra, "til": til})


def devices(session: Session, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The browsers that have been signed in, newest first; they are remembered for a month after their session."""
    users = [uuid.UUID(id_) for id_ in names]
    query = select(BrugerSession).where(col(BrugerSession.bruger_id).in_(users))
    rows = session.exec(query.order_by(col(BrugerSession.oprettet).desc())).all()
    return [(str(row.id), f"{names[str(row.bruger_id)]}: {row.enhed}, {tidspunkt(row.oprettet)}") for row in rows]
