"""Health pages: alive, and ready to serve."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from rådgivning.adgang.permissions import offentlig
from rådgivning.database import current_session


def make_blueprint() -> Blueprint:
    """`/healthz` and `/readyz`; neither tells anything but yes."""
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

    return drift
