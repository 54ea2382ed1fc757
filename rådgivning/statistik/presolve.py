"""What follows from the sums by plain arithmetic, before any program is solved: tighter bounds, and smaller pieces."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

INFINITY = float("inf")
_PASSES = 30
_CLOSE = 1e-9


class Row(NamedTuple):
    """Columns whose sum equals (`equal`) or is at least the sum of other columns."""

    plus: tuple[int, ...]
    minus: tuple[int, ...]
    equal: bool


def by_column(rows: Iterable[Row]) -> dict[int, list[int]]:
    """The numbers of the rows each column stands in."""
    found: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        for column in (*row.plus, *row.minus):
            found.setdefault(column, []).append(number)
    return found


def tighten(
    low: list[float],
    high: list[float],
    rows: Sequence[Row],
    rows_of: Mapping[int, Sequence[int]],
    first: Iterable[int] | None = None,
) -> bool:
    """Narrow the bounds in place by what each row says; False when a column is left without a value.

    `first` are the rows to begin with, all when left out. The work is limited; what is left undone is only less narrow.
    """
    waiting = deque(range(len(rows)) if first is None else first)
    queued = set(waiting)
    if first is None and any(least > most + _CLOSE for least, most in zip(low, high, strict=True)):
        return False
    for _ in range(_PASSES * len(rows)):
        if not waiting:
            break
        number = waiting.popleft()
        queued.discard(number)
        for column, least, most in _narrower(rows[number], low, high):
            low[column], high[column] = least, most
            if least > most + _CLOSE:
                return False
            for other in rows_of[column]:
                if other not in queued:
                    queued.add(other)
                    waiting.append(other)
    return True


def _narrower(row: Row, low: list[float], high: list[float]) -> list[tuple[int, float, float]]:
    """The columns of a row whose bounds it narrows."""
    plus_low, minus_low = sum(low[column] for column in row.plus), sum(low[column] for column in row.minus)
    plus_high, plus_open = _total(row.plus, high)
    minus_high, minus_open = _total(row.minus, high)
    found = []
    for column in row.plus:
        least, most = low[column], high[column]
        if plus_open - (most == INFINITY) == 0:
            least = max(least, minus_low - plus_high + (0 if most == INFINITY else most))
        if row.equal and minus_open == 0:
            most = min(most, minus_high - plus_low + low[column])
        if least > low[column] + _CLOSE or most < high[column] - _CLOSE:
            found.append((column, least, most))
    for column in row.minus:
        least, most = low[column], high[column]
        if row.equal and minus_open - (most == INFINITY) == 0:
            least = max(least, plus_low - minus_high + (0 if most == INFINITY else most))
        if plus_open == 0:
            most = min(most, plus_high - minus_low + low[column])
        if least > low[column] + _CLOSE or most < high[column] - _CLOSE:
            found.append((column, least, most))
    return found


def _total(columns: Iterable[int], high: list[float]) -> tuple[float, int]:
    """The sum of the finite bounds, and how many are not."""
    finite = [high[column] for column in columns]
    return sum(bound for bound in finite if bound < INFINITY), sum(bound == INFINITY for bound in finite)


def pieces(low: Sequence[float], high: Sequence[float], rows: Iterable[Row]) -> list[tuple[list[int], list[Row]]]:
    """The columns that are still open, in groups that no row ties to one another, each with its rows.

    A row without an open column, or that holds whatever they are, says nothing more.
    """
    parent = {column: column for column in range(len(low)) if high[column] > low[column] + _CLOSE}

    def root(column: int) -> int:
        while parent[column] != column:
            parent[column] = parent[parent[column]]
            column = parent[column]
        return column

    telling = []
    for row in dict.fromkeys(rows):
        if not row.equal and sum(low[column] for column in row.plus) >= sum(high[column] for column in row.minus):
            continue
        free = [column for column in (*row.plus, *row.minus) if column in parent]
        for column in free[1:]:
            parent[root(column)] = root(free[0])
        if free:
            telling.append((free[0], row))
    groups: dict[int, tuple[list[int], list[Row]]] = {}
    for column in parent:
        groups.setdefault(root(column), ([], []))[0].append(column)
    for column, row in telling:
        groups[root(column)][1].append(row)
    return list(groups.values())
