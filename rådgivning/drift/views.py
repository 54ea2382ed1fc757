"""Health pages, and the help that every user can read."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from rådgivning.adgang.permissions import Ret, kræver, offentlig
from rådgivning.database import current_session


def make_blueprint() -> Blueprint:
    """`/healthz` and `/readyz`, which tell nothing but yes, and `/hjælp`."""
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

    return drift
