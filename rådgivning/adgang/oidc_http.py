"""HTTP to the sign-in service through the door: its own hosts, no redirect, no proxy. Needs the extra `oidc`."""

from __future__ import annotations

import os
import socket
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from rådgivning.udgang import Udgang, UdgangLukket

_Session = TypeVar("_Session", bound=requests.Session)


def gennem_døren(client: _Session, udgang: Udgang) -> _Session:
    """The client, which from now on opens no connection but those the door lets out. It takes nothing from the
    surroundings but the certificates to trust."""
    client.trust_env = False
    client.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    for scheme in ("http://", "https://"):
        client.mount(scheme, _Dør(udgang))
    return client


class _Dør(HTTPAdapter):
    def __init__(self, udgang: Udgang) -> None:
        self._udgang = udgang
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._udgang)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        raise UdgangLukket("ingen mellemmand")


def _pools(udgang: Udgang) -> dict[str, Any]:
    """urllib3's pools, whose connections get their socket from the door; TLS goes on top of it as ever."""

    def open_socket(connection: HTTPConnection) -> socket.socket:
        timeout = connection.timeout if isinstance(connection.timeout, int | float) else None
        try:
            return udgang.forbind(connection.host, connection.port or 0, timeout)
        except OSError as fejl:
            raise NewConnectionError(connection, str(fejl)) from fejl

    class Plain(HTTPConnection):
        _new_conn = open_socket

    class Tls(HTTPSConnection):
        _new_conn = open_socket

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
