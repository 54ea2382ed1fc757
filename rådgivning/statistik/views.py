"""Pages of the room."""

from __future__ import annotations

from flask import Blueprint

from rådgivning.statistik import goal_views


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("statistik", __name__)
    goal_views.add_routes(pages)
    return pages
