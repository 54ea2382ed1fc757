"""Files of figures are tried on the same shortened plan as the figures."""

from __future__ import annotations

from tests.statistik.conftest import personale

__all__ = ["personale"]
