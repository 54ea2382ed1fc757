"""Pages of the databeskyttelse role."""

from __future__ import annotations

from flask import Blueprint

from rådgivning.databeskyttelse import (
    access_pages,
    accountability_views,
    decision_views,
    erasure_views,
    front_page,
    identity_pages,
    insight_views,
    own_erasure_views,
    receipt_views,
    retention_views,
    rights_views,
    subject_views,
    trail_views,
    user_pages,
)


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("databeskyttelse", __name__)
    pages.add_url_rule("/databeskyttelse", view_func=front_page.forside)
    pages.add_url_rule("/brugere", view_func=user_pages.brugerliste)
    pages.add_url_rule("/brugere/ny", view_func=user_pages.ny_bruger, methods=["GET", "POST"])
    pages.add_url_rule("/brugere/<uuid:id>", view_func=user_pages.bruger)
    pages.add_url_rule("/brugere/<uuid:id>/email", view_func=user_pages.email, methods=["GET", "POST"])
    pages.add_url_rule("/brugere/<uuid:id>/spær", view_func=user_pages.spær, methods=["POST"])
    pages.add_url_rule("/brugere/<uuid:id>/åbn", view_func=user_pages.åbn, methods=["POST"])
    pages.add_url_rule("/brugere/<uuid:id>/afslut-sessioner", view_func=user_pages.afslut_sessioner, methods=["POST"])
    pages.add_url_rule("/brugere/<uuid:id>/nulstil-to-trin", view_func=user_pages.nulstil_to_trin, methods=["POST"])
    pages.add_url_rule("/brugere/<uuid:id>/nyt-kodeord", view_func=user_pages.nyt_kodeord_til, methods=["POST"])
    access_pages.add_pages(pages)
    identity_pages.add_pages(pages)
    rights_views.add_pages(pages)
    subject_views.add_pages(pages)
    receipt_views.add_pages(pages)
    insight_views.add_pages(pages)
    erasure_views.add_pages(pages)
    own_erasure_views.add_pages(pages)
    decision_views.add_pages(pages)
    trail_views.add_pages(pages)
    retention_views.add_pages(pages)
    accountability_views.add_pages(pages)
    return pages
