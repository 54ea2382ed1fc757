"""Health pages, and the help that every user can read."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from rådgivning.adgang.permissions import Ret, kræver, offentlig
from rådgivning.database import current_session
from rådgivning.henvisninger.handling import labels
from rådgivning.restancer.phases import ENDER, FASER
from rådgivning.restancer.rules import KILDER


def make_blueprint() -> Blueprint:
    """`/healthz` and `/readyz`, which tell nothing but yes, and the help pages."""
    drift = Blueprint("drift", __name__)

    @drift.get("/healthz")
    @offentlig
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    @drift.get("/readyz")
    @offentlig
    def readyz() -> ResponseReturnValue:
        current_session().execute(text("SELECT 1"))
        return {"status": "klar"}

    @drift.get("/hjælp")
    @kræver(Ret.HJÆLP)
    def hjælp() -> ResponseReturnValue:
        return render_template("drift/hjælp.html")

    @drift.get("/hjælp/restancer")
    @kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
    def hjælp_restancer() -> ResponseReturnValue:
        return render_template(
            "restancer/hjælp.html", faser=FASER.values(), ender=ENDER, kilder=KILDER, etiket=labels()
        )

    return drift
