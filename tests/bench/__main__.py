"""`./kør måling [name]`: each figure as a ratio to a baseline measured in the same run, never as seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench import channels, figures, million, pages, protection, rotation, rounding, rows, search, trail, worklist

MÅLINGER: dict[str, Callable[[], None]] = {
    "sider": pages.run,
    "søgning": search.run,
    "restancer": worklist.run,
    "tal": figures.run,
    "afrunding": rounding.run,
    "beskyttelse": protection.run,
    "million": million.run,
    "rotation": rotation.run_all,
    "rækker": rows.run,
    "sidekanaler": channels.run,
    "spor": trail.run,
}


def main() -> int:
    """Run one measurement, or all of them."""
    wanted = sys.argv[1:] or list(MÅLINGER)
    unknown = [name for name in wanted if name not in MÅLINGER]
    if unknown:
        sys.stderr.write(f"fejl: ukendt måling {', '.join(unknown)}; vælg mellem {', '.join(MÅLINGER)}\n")
        return 2
    for name in wanted:
        MÅLINGER[name]()
    return 0


sys.exit(main())
