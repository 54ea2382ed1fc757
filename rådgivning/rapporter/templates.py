"""The organisation's own Word template for reports: checked before it is kept, every version kept for its reports."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime
from typing import Final

from docx import Document
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Konflikt
from rådgivning.database import now
from rådgivning.rapporter.document import Dokument, Overskrift, Punkter, Tabelblok, Tekst
from rådgivning.rapporter.docx import skriv_docx
from rådgivning.rapporter.models import Rapportskabelon
from rådgivning.skabeloner.package import prøveskriv, tjek_pakke
from rådgivning.skabeloner.places import SkabelonFejl
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

TYPOGRAFIER: Final = {
    "Heading 1": "Overskrift 1",
    "Heading 2": "Overskrift 2",
    "Heading 3": "Overskrift 3",
    "List Bullet": "Opstilling - punkttegn",
    "Caption": "Billedtekst",
    "Table Grid": "Tabel - Gitter",
    "TOC Heading": "Overskrift til indholdsfortegnelse",
    "toc 1": "Indholdsfortegnelse 1",
    "toc 2": "Indholdsfortegnelse 2",
}
SKAL_MED: Final = ("plan", "titel", "periode", "opgjort", "status", "metode", "indhold")
PRØVE: Final = Dokument(
    titel="Prøverapport",
    plan="Helhedsplanen i Prøveparken",
    periode="prøveperioden",
    opgjort="Opgjort lørdag den 21. november 2026",
    oprettet=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    status=("Sådan står der, om tallene er foreløbige.",),
    metode="Her står, hvordan tallene er beskyttet.",
    blokke=(
        Overskrift(tekst="Et indsatsområde"),
        Overskrift(tekst="Et delmål", niveau=2),
        Tekst(tekst="Et afsnit."),
        Overskrift(tekst="Kommentar", niveau=3),
        Punkter(punkter=(("En aktivitet.", "Det, den består i."),)),
        Tabelblok(
            navn="prøve",
            titel="En tabel",
            hoved=("Art", "Antal"),
            rækker=(("Prøve", 5), ("Udeladt", None), ("I alt", 10)),
            tal=(1,),
            sum_række=True,
        ),
    ),
)


def skabelon(session: Session, helhedsplan_id: uuid.UUID, version: int | None = None) -> Rapportskabelon | None:
    """The newest template put in, or one version of it; None when there is none such."""
    query = select(Rapportskabelon).where(Rapportskabelon.helhedsplan_id == helhedsplan_id)
    if version is not None:
        query = query.where(Rapportskabelon.version == version)
    return session.exec(query.order_by(col(Rapportskabelon.version).desc())).first()


def læg_ind(session: Session, helhedsplan_id: uuid.UUID, version: int, indhold: bytes | None) -> Rapportskabelon:
    """Keep a checked template (None: the standard one again) as the version after `version`. Raises Konflikt."""
    newest = skabelon(session, helhedsplan_id)
    user = aktør(session).bruger_id
    assert user is not None  # noqa: S101  # a page behind a right
    row = Rapportskabelon(
        helhedsplan_id=helhedsplan_id, version=version + 1, indhold=indhold, lagt_ind=now(), lagt_ind_af=user
    )
    try:
        if (newest.version if newest else 0) != version:
            raise Konflikt(_CHANGED)
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Konflikt(_CHANGED) from None
    skriv(session, Handling.ÆNDRET, "rapportskabelon", [row.id], detaljer={"version": row.version})
    return row


_CHANGED: Final = "En anden har skiftet skabelonen imens. Indlæs siden igen."


def godkend(data: bytes) -> None:
    """Raises SkabelonFejl with a Danish sentence unless the template is safe, has the styles and shows its places."""
    tjek_pakke(data)
    _check_styles(data)
    written = prøveskriv(lambda: skriv_docx(PRØVE, data))
    document = Document(io.BytesIO(written))
    parts = [document.element.body, *(p._element for s in document.sections for p in (s.header, s.footer))]  # noqa: SLF001
    text = "\n".join("".join(node.itertext()) for part in parts for node in part)
    shown = {"indhold": "Et delmål", "status": PRØVE.status[0]}
    missing = [name for name in SKAL_MED if (shown.get(name) or getattr(PRØVE, name)) not in text]
    if missing:
        places = ", ".join(f"{{{{ {name} }}}}" for name in missing)
        raise SkabelonFejl(f"Skabelonen mangler {places}. Se pladserne på siden, eller begynd med standarden.")


def _check_styles(data: bytes) -> None:
    def names() -> bytes:
        return "\n".join(str(style.name) for style in Document(io.BytesIO(data)).styles).encode()

    known = prøveskriv(names).decode().splitlines()
    missing = [dansk for name, dansk in TYPOGRAFIER.items() if name not in known]
    if missing:
        raise SkabelonFejl(
            f"Skabelonen mangler typografierne {', '.join(missing)}. Begynd med standardskabelonen, og ret i den."
        )
