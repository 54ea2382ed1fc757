"""Pages of the room."""

from __future__ import annotations

from flask import Blueprint


def make_blueprint() -> Blueprint:
    """The room's pages."""
    return Blueprint("henvisninger", __name__)
