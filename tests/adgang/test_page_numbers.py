"""A page number in an address is whatever somebody typed; one that is too large is an empty page and no error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rådgivning.adgang.permissions import Rolle
from tests.conftest import Klient

SIDER = {
    Rolle.BEBOERRÅDGIVER: ("/beboere", "/kontakter", "/henvisninger", "/restancer", "/sundhedstjek", "/opgaver"),
    Rolle.INKASSO: ("/henvisninger", "/restancer"),
    Rolle.EJENDOMSDRIFT: ("/henvisninger",),
}


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_page_number_too_large_for_the_database_is_no_error(klient: Callable[[Rolle | None], Klient]) -> None:
    for rolle, urls in SIDER.items():
        user = klient(rolle)
        for url in urls:
            for side in ("9" * 30, "-" + "9" * 30, "x"):
                assert user.get(f"{url}?side={side}").status_code == 200, (rolle, url, side)
