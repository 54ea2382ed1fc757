"""Signing out at the service ends what began there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from tests.adgang.issuer import Udsteder
from tests.adgang.oidc.cases import BR, ind, sessioner
from tests.conftest import Klient

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def test_signing_out_at_the_service_ends_what_began_there_and_nothing_else(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, udsteder: Udsteder, kontekst: Nøglekontekst
) -> None:
    first, second, local = klient(None), klient(None), klient(BR)
    ind(first)
    udsteder.bruger["sid"] = "sid-2"
    ind(second)
    service: Any = klient(None)

    def afmeld(**claims: object) -> int:
        token = udsteder.afmelding(**claims)
        status: int = service.post("/log-ind/oidc/afmeld", data={"logout_token": token}).status_code
        assert service.post("/log-ind/oidc/afmeld", data={"logout_token": token}).status_code == status
        return status

    def inde() -> list[bool]:
        return [c.get("/sessioner").status_code == 200 for c in (first, second, local)]

    assert afmeld(sid="sid-1", nonce="n") == 400
    assert afmeld(sub="sub-2") == 200
    assert inde() == [True, True, True]
    assert afmeld(sid="sid-1") == 200
    assert inde() == [False, True, True]
    assert afmeld(sub="sub-1") == 200
    assert inde() == [False, False, True]
    assert service.post("/log-ind/oidc/afmeld").status_code == 400
    assert {row.slut for row in sessioner(kontekst) if row.oidc_sub} == {"log ind-tjenesten"}


@SQLITE
def test_a_logout_that_names_a_session_ends_hers_whose_sign_in_named_none(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, udsteder: Udsteder
) -> None:
    named, unnamed, service = klient(None), klient(None), klient(None)
    ind(named)
    del udsteder.bruger["sid"]
    ind(unnamed)
    for claims, inde in (
        ({"sid": "sid-2"}, [True, True]),
        ({"sub": "sub-2", "sid": "sid-2"}, [True, True]),
        ({"sub": "sub-1", "sid": "sid-2"}, [True, False]),
        ({"sub": "sub-1", "sid": "sid-1"}, [False, False]),
    ):
        service.post("/log-ind/oidc/afmeld", data={"logout_token": udsteder.afmelding(**claims)})
        assert [c.get("/sessioner").status_code == 200 for c in (named, unnamed)] == inde


@SQLITE
def test_the_same_logout_token_ends_no_later_session(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, udsteder: Udsteder
) -> None:
    client, service = klient(None), klient(None)
    ind(client)
    token = udsteder.afmelding(sub="sub-1")
    service.post("/log-ind/oidc/afmeld", data={"logout_token": token})
    assert client.get("/sessioner").status_code == 303
    ind(client)
    assert service.post("/log-ind/oidc/afmeld", data={"logout_token": token}).status_code == 200
    assert client.get("/sessioner").status_code == 200
