"""Pages of the documents of accountability: read, printed, or taken out as PDF, and the libraries as CycloneDX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session, now
from rådgivning.databeskyttelse.asvs import asvs
from rådgivning.databeskyttelse.documents import DOKUMENTER, Dokument, Grundlag
from rådgivning.databeskyttelse.libraries import biblioteksliste, sbom_json
from rådgivning.databeskyttelse.paper import som_pdf
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

ALLE: Final[Mapping[str, Callable[[Grundlag], Dokument]]] = {**DOKUMENTER, "biblioteker": biblioteksliste, "asvs": asvs}
OM: Final[Mapping[str, tuple[str, str]]] = {
    "fortegnelse": ("Fortegnelse", "Over behandlingsaktiviteter, databeskyttelsesforordningen art. 30."),
    "slettepolitik": ("Slettepolitik", "Hvad der slettes hvornår og hvorfor."),
    "rettigheder": ("Roller og rettigheder", "Hvem der må hvad, ned til de enkelte felter."),
    "biblioteker": ("Biblioteker", "Hvilke programdele der kører, deres versioner og licenser."),
    "asvs": ("OWASP ASVS 5.0", "Krav for krav: hvad der er opfyldt, hvad der viser det, og hvad der mangler."),
}


def add_pages(pages: Blueprint) -> None:
    """A page and a PDF for each document, and the libraries for programs."""
    pages.add_url_rule("/databeskyttelse/dokumenter", view_func=dokumenter)
    for navn in ALLE:
        pages.add_url_rule(f"/databeskyttelse/dokumenter/{navn}", f"dokument_{navn}", _page(navn))
        pages.add_url_rule(f"/databeskyttelse/dokumenter/{navn}/hent", f"hent_{navn}", _paper(navn))
    pages.add_url_rule("/databeskyttelse/dokumenter/biblioteker/hent-cyclonedx", view_func=hent_cyclonedx)


@kræver(Ret.REGISTREREDE)
def dokumenter() -> ResponseReturnValue:
    """All of them."""
    return render_template("databeskyttelse/dokumenter.html", dokumenter=OM)


def _page(navn: str) -> Callable[[], ResponseReturnValue]:
    @kræver(Ret.REGISTREREDE)
    def page() -> ResponseReturnValue:
        return render_template("databeskyttelse/dokument.html", dokument=ALLE[navn](_ground()))

    return page


def _paper(navn: str) -> Callable[[], ResponseReturnValue]:
    @kræver(Ret.REGISTREREDE)
    def paper() -> ResponseReturnValue:
        found = ALLE[navn](_ground())
        _taken(navn, "pdf")
        return _file(som_pdf(found), "application/pdf", f"{navn}.pdf")

    return paper


@kræver(Ret.REGISTREREDE)
def hent_cyclonedx() -> ResponseReturnValue:
    """The libraries as CycloneDX 1.6."""
    _taken("biblioteker", "cyclonedx")
    return _file(sbom_json(now()), "application/vnd.cyclonedx+json", "biblioteker.cdx.json")


def _ground() -> Grundlag:
    return Grundlag(current_session(), current_helhedsplan_id(), current_app.extensions["settings"])


def _taken(navn: str, form: str) -> None:
    skriv(current_session(), Handling.EKSPORTERET, "dokument", anledning=f"{navn} {form}")
    current_session().commit()


def _file(content: bytes, mimetype: str, name: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f"attachment; filename={name}"})
