"""Pages of the room: importing contacts from a spreadsheet; nothing is added before it has been shown and confirmed.

Between the two steps the file lies in a sealed draft of the user's own, never in clear on disk.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from werkzeug.datastructures import FileStorage

from rådgivning.adgang.kladder import gem_fil, hent_fil, slet_kladde, tag_fil
from rådgivning.adgang.permissions import Ret, kræver
from rådgivning.database import current_session
from rådgivning.felter import Formular
from rådgivning.kontakter.importing import FilFejl, Resultat, forbered, importér, kontrollér_først, læs_fil
from rådgivning.kontakter.rows import Kontrolleret
from rådgivning.kontakter.sheet import KOLONNER

FIL = "kontakter/importfil"
VIST_FEJL = 200


def add_routes(pages: Blueprint) -> None:
    """`/kontakter/import`: choose a file, look, confirm."""
    pages.add_url_rule("/import", "import_fil", import_fil, methods=["GET", "POST"])
    pages.add_url_rule("/import/kontrol", "import_kontrol", import_kontrol)
    pages.add_url_rule("/import/gennemfør", "import_gennemfør", import_gennemfør, methods=["POST"])
    pages.add_url_rule("/import/kassér", "import_kassér", import_kassér, methods=["POST"])


@kræver(Ret.IMPORT)
def import_fil() -> ResponseReturnValue:
    """Choose a file; one that can be read is kept sealed and shown."""
    form = Formular()
    fejl = ""
    if request.method == "POST" and form.validate():
        try:
            _keep(current_session(), request.files.get("fil"))
        except FilFejl as error:
            fejl = str(error)
        else:
            current_session().commit()
            return redirect(url_for("kontakter.import_kontrol"), 303)
    page = render_template("kontakter/import.html", form=form, fejl=fejl, kolonner=KOLONNER)
    return page, 422 if request.method == "POST" else 200


@kræver(Ret.IMPORT)
def import_kontrol() -> ResponseReturnValue:
    """What the kept file would do: rows to add, rows already there, each bad row and why."""
    session = current_session()
    kept = _kept(session)
    if kept is None:
        return redirect(url_for("kontakter.import_fil"), 303)
    found = forbered(session, kept.rækker)
    return render_template(
        "kontakter/import_kontrol.html", found=found, fejl=found.fejl[:VIST_FEJL], flere=len(found.fejl) - VIST_FEJL
    )


@kræver(Ret.IMPORT)
def import_gennemfør() -> ResponseReturnValue:
    """Add the good rows of the kept file, all in one transaction. Of two who press at once the second adds nothing."""
    session = current_session()
    kept = _kept(session)
    if kept is None:
        flash("Filen er ikke længere gemt. Vælg den igen.", "advarsel")
        return redirect(url_for("kontakter.import_fil"), 303)
    try:
        resultat = _import(session, kept)
    except IntegrityError:
        session.rollback()
        resultat = None
    flash(resultat.linje if resultat is not None else "Filen er allerede importeret.")
    return redirect(url_for("kontakter.liste"), 303)


def _import(session: Session, kept: Gemt) -> Resultat | None:
    """Import what was checked if that very file is still kept; None when another request was first."""
    if not tag_fil(session, FIL, kept.kladde_id):
        session.rollback()
        return None
    resultat = importér(session, kept.rækker)
    session.commit()
    return resultat


@kræver(Ret.IMPORT)
def import_kassér() -> ResponseReturnValue:
    """Forget the kept file."""
    session = current_session()
    slet_kladde(session, FIL)
    session.commit()
    return redirect(url_for("kontakter.import_fil"), 303)


def _keep(session: Session, fil: FileStorage | None) -> None:
    """Read the upload to see that it can be read, and keep it sealed until tomorrow. Raises FilFejl."""
    if fil is None or not fil.filename:
        raise FilFejl("Vælg en fil.")
    data = fil.stream.read()
    session.rollback()
    læs_fil(fil.filename, data)
    gem_fil(session, FIL, fil.filename, data)


@dataclass(frozen=True)
class Gemt:
    """The kept file: its draft and its rows, read and checked."""

    kladde_id: uuid.UUID
    rækker: Kontrolleret


def _kept(session: Session) -> Gemt | None:
    """The kept file, read and checked with no transaction open."""
    kept = hent_fil(session, FIL)
    if kept is None:
        return None
    session.commit()
    return Gemt(kept.kladde_id, kontrollér_først(session, læs_fil(kept.navn, kept.data)))
