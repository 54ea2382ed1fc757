"""The texts of a report while they are written, and its finished editions, which never change."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Konflikt, hent
from rådgivning.database import now
from rådgivning.rapporter.document import Dokument
from rådgivning.rapporter.models import FærdigRapport, Rapportkommentar
from rådgivning.rapporter.status_report import Grundlag, statusrapport
from rådgivning.rapporter.templates import skabelon
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv


class TeksterÆndret(Konflikt):
    """Somebody else saved the texts, or finished the report, after they were shown."""

    def __init__(self) -> None:
        super().__init__("En anden har rettet teksterne, mens du skrev. Se, hvad der står nu, og gem igen.")


class TalÆndret(Konflikt):
    """The figures are no longer those that were shown."""

    def __init__(self) -> None:
        super().__init__("Tal eller tekster er ændret, siden du så rapporten. Læs den igen, og gør den så færdig.")


def kommentarer(session: Session, helhedsplan_id: uuid.UUID, slags: str, periode: str) -> Rapportkommentar | None:
    """The texts as they are kept; None when nobody has written any."""
    query = select(Rapportkommentar).where(
        Rapportkommentar.helhedsplan_id == helhedsplan_id,
        Rapportkommentar.slags == slags,
        Rapportkommentar.periode == periode,
    )
    return session.exec(query).first()


def gem_tekster(
    session: Session, helhedsplan_id: uuid.UUID, slags: str, periode: str, version: int, tekster: Mapping[str, str]
) -> Rapportkommentar:
    """Save the texts that were shown in `version` (0: there were none). Raises TeksterÆndret."""
    row = kommentarer(session, helhedsplan_id, slags, periode)
    if row is not None:
        session.refresh(row, with_for_update=True)
    if (row.version if row else 0) != version:
        raise TeksterÆndret
    handling = Handling.ÆNDRET if row else Handling.OPRETTET
    if row is None:
        row = Rapportkommentar(
            helhedsplan_id=helhedsplan_id,
            slags=slags,
            periode=periode,
            tekster={},
            version=0,
            rettet_af=_user(session),
            rettet=now(),
        )
    row.tekster = {**row.tekster, **tekster}
    row.version, row.rettet_af, row.rettet = version + 1, _user(session), now()
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise TeksterÆndret from None
    skriv(session, handling, "rapportkommentar", [row.id], detaljer={"version": row.version})
    return row


def gør_færdig(
    session: Session, helhedsplan_id: uuid.UUID, slags: str, grundlag: Grundlag, version: int, udgivelse: int
) -> FærdigRapport:
    """The next edition: what was shown (the texts in `version`, the figures of release `udgivelse`).

    The newest edition again when nothing has changed since. Raises TalÆndret.
    """
    release = grundlag.release
    texts = kommentarer(session, helhedsplan_id, slags, release.periode.navn)
    if release.nummer != udgivelse or (texts.version if texts else 0) != version:
        raise TalÆndret
    earlier = udgaver(session, helhedsplan_id, slags, release.periode.navn)
    written = dict(texts.tekster) if texts else {}
    if earlier and not ændret(earlier[0], grundlag, written):
        return earlier[0]
    number = earlier[0].udgave + 1 if earlier else 1
    content = statusrapport(grundlag, written, number).model_dump_json()
    template = skabelon(session, helhedsplan_id)
    row = FærdigRapport(
        helhedsplan_id=helhedsplan_id,
        slags=slags,
        periode=release.periode.navn,
        udgave=number,
        udgivelse_id=release.id,
        udgivelse=release.nummer,
        plan_version=release.plan_version,
        tekster=written,
        indhold=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        skabelon=template.version if template else 0,
        færdig=now(),
        færdig_af=_user(session),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise TalÆndret from None
    skriv(session, Handling.OPRETTET, "rapport", [row.id], detaljer={"udgave": number, "udgivelse": release.nummer})
    return row


def udgaver(session: Session, helhedsplan_id: uuid.UUID, slags: str, periode: str) -> Sequence[FærdigRapport]:
    """The finished editions of a report, the newest first."""
    return [row for row in færdige(session, helhedsplan_id) if (row.slags, row.periode) == (slags, periode)]


def færdige(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[FærdigRapport]:
    """Every finished report of a helhedsplan, the newest first."""
    query = select(FærdigRapport).where(FærdigRapport.helhedsplan_id == helhedsplan_id)
    return session.exec(query.order_by(col(FærdigRapport.færdig).desc(), col(FærdigRapport.udgave).desc())).all()


def ændret(rapport: FærdigRapport, grundlag: Grundlag, tekster: Mapping[str, str]) -> bool:
    """Whether a report made now would say something else than a finished one."""
    again = statusrapport(grundlag, tekster, rapport.udgave).model_dump()
    kept = dokument(rapport).model_dump()
    dated = {"status": None}
    return {**again, **dated} != {**kept, **dated} or rapport.udgivelse_id != grundlag.release.id


def hent_færdig(session: Session, rapport_id: uuid.UUID) -> FærdigRapport:
    """A finished report of the actor's helhedsplan. Raises IkkeFundet."""
    return hent(session, FærdigRapport, rapport_id)


def dokument(rapport: FærdigRapport) -> Dokument:
    """The document that was kept."""
    return Dokument.model_validate_json(rapport.indhold)


def _user(session: Session) -> uuid.UUID:
    user = aktør(session).bruger_id
    assert user is not None  # noqa: S101  # a page behind a right
    return user
