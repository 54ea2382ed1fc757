"""Progress of long work, on the terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable


def progress(titel: str, total: int | None = None) -> Callable[[int], None]:
    """A function to call with how much is done; writes one line that is overwritten, on stderr."""

    def show(done: int) -> None:
        if sys.stderr.isatty():
            part = f"{done:,}".replace(",", ".") + (f" af {total:,}".replace(",", ".") if total else "")
            sys.stderr.write(f"\r{titel}: {part}")
            if total is not None and done >= total:
                sys.stderr.write("\n")
            sys.stderr.flush()

    return show
