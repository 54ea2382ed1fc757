"""Files of figures are tried on the same shortened plan as the figures."""

from __future__ import annotations

from tests.statistik.conftest import _husker, personale

__all__ = ["_husker", "personale"]
