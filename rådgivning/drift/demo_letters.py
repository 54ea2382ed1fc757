"""The demo's letters: an office that residents can find, and a Danish text that somebody has read through."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from rådgivning.adgang.permissions import Rolle
from rådgivning.plan.invitation_texts import markér_gennemlæst
from rådgivning.restancer.letterhead import gem_brevhoved

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning


def letterhead(filling: Opfyldning, slut: date) -> None:
    """AAB's letters come from the adviser's office; the other landlords' still carry the helhedsplan's name alone."""
    with filling.som(Rolle.BEBOERRÅDGIVER, slut - timedelta(days=60)) as session:
        kontor = {"afsender": "Beboerrådgivningen i Vejleåparken", "adresse": "Opdigtet Torv 1, 2635 Ishøj"}
        gem_brevhoved(session, "aab", 0, {**kontor, "telefon": "+4520123456"})
        markér_gennemlæst(session, "da", 0)
