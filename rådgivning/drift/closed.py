"""The application when it cannot open its instance: every page answers 503 and says what to do."""

from __future__ import annotations

from flask import Flask, render_template
from flask.typing import ResponseReturnValue

from rådgivning.adgang.headers import init_headers
from rådgivning.adgang.permissions import offentlig


def closed_app(app: Flask, besked: str) -> Flask:
    """Turn a bare application into one that only explains why it is closed."""
    init_headers(app)

    @app.before_request
    def closed() -> ResponseReturnValue:
        return render_template("lukket.html", besked=besked), 503

    offentlig(app.view_functions["static"])
    app.logger.error("kan ikke starte: %s", besked)
    return app
