"""The rule by which an ended restancesag counts as averted: the casework's and the figures' alike.

A udsættelse is averted when the case had come to the ophævelse and the household kept or got a home. Who moved out
after the ophævelse is neither averted nor a udsættelse (domæne.md section 5, point 3).
"""

from __future__ import annotations

OPHÆVEDE = frozenset({"ophævet", "fogedsag", "udsættelse_berammet", "udsat"})
FØR_OPHÆVELSEN = frozenset({"forfalden", "påkrav"})
BOLIGEN_REDDET = frozenset({"betalt", "betalingsaftale", "enkeltydelse", "genhusning"})


def afværget(fase: str, udfald: str) -> str:
    """`ja` or `nej` for a case whose furthest phase was an ophævelse or later, `ikke_ophævet` before it; "" for a phase
    that is not on the road."""
    if fase in OPHÆVEDE:
        return "ja" if udfald in BOLIGEN_REDDET and fase != "udsat" else "nej"
    return "ikke_ophævet" if fase in FØR_OPHÆVELSEN else ""
