"""The trail's part of the room: its routes."""

from __future__ import annotations

from flask import Blueprint

from rådgivning.databeskyttelse import breach_pages, reading_pages, trail_pages


def add_pages(pages: Blueprint) -> None:
    """Everything under `/spor`, and the mark of a user's own address."""
    pages.add_url_rule("/spor", view_func=trail_pages.spor)
    pages.add_url_rule("/spor/brud", view_func=breach_pages.brud)
    pages.add_url_rule("/spor/hoved", view_func=trail_pages.hoved)
    pages.add_url_rule("/spor/læst", view_func=reading_pages.læst)
    pages.add_url_rule("/spor/tjek", view_func=trail_pages.tjek_spor, methods=["POST"])
    pages.add_url_rule("/spor/udtræk", view_func=trail_pages.udtræk, methods=["POST"])
    pages.add_url_rule("/spor/usædvanligt", view_func=reading_pages.usædvanlig)
    pages.add_url_rule("/spor/usædvanligt", view_func=reading_pages.gennemset, methods=["POST"])
    pages.add_url_rule("/brugere/<uuid:id>/bopæl", view_func=reading_pages.bopæl, methods=["GET", "POST"])
