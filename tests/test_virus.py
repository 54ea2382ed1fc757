"""What others can fetch again has been seen by the scanner, when there is one."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, select

from rådgivning import create_app, virus
from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Brevhoved
from rådgivning.rapporter.docx import standardskabelon
from rådgivning.rapporter.models import Rapportskabelon
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.virus import FUNDET, SVARER_IKKE, VirusFejl, læs_skanner
from tests.clamd import SIGNATUR, clamd
from tests.conftest import Klient

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def _with(settings: Settings, value: str) -> Settings:
    return replace(settings, environ={**settings.environ, "RAADGIVNING_CLAMAV": value})


def test_the_scanner_sees_every_byte_by_socket_file_and_by_port(settings: Settings, tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    for sti in (tmp_path / "clamd.ctl", None):
        with clamd(sti) as (scanner, value):
            found = læs_skanner(_with(settings, value))
            assert found is not None
            found.undersøg(data)
            found.undersøg(b"")
            assert scanner.set == [data, b""]
            with pytest.raises(VirusFejl, match="skadeligt"):
                found.undersøg(data + SIGNATUR)
    assert læs_skanner(settings) is None


def test_a_scanner_that_is_silent_wrong_or_gone_lets_nothing_through(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virus, "_IN_ALL", 0.2)
    with clamd(tmp_path / "c") as (scanner, value):
        found = læs_skanner(_with(settings, value))
        assert found is not None
        for scanner.måde in ("tavs", "fejl", "afbryd"):
            with pytest.raises(VirusFejl, match="svarer ikke"):
                found.undersøg(b"x" * 300_000)
    with pytest.raises(VirusFejl, match="svarer ikke"):
        found.undersøg(b"x")


def test_a_setting_that_cannot_be_used_stops_the_start(settings: Settings) -> None:
    for value in ("clamd", "127.0.0.1:x", "unix:clamd.ctl", ":3310", "h:70000"):
        with pytest.raises(SettingsFejl, match="RAADGIVNING_CLAMAV"):
            læs_skanner(_with(settings, value))
    closed = create_app(_with(settings, "clamd"))
    assert closed.test_client().get("/log-ind").status_code == 503


def test_templates_and_logos_are_refused_at_their_field_and_what_is_typed_stays(
    app: Flask, klient: Callable[[Rolle | None], Klient], settings: Settings, kontekst: Nøglekontekst, tmp_path: Path
) -> None:
    leder, rådgiver = klient(Rolle.LEDER), klient(Rolle.BEBOERRÅDGIVER)

    def report() -> tuple[int, str]:
        sent = {"version": "0", "skabelon": (io.BytesIO(standardskabelon() + SIGNATUR), "x.docx")}
        answer = leder.send("/rapporter/skabelon", sent, content_type="multipart/form-data")
        return answer.status_code, answer.text

    def letterhead() -> tuple[int, str]:
        sent = {"afsender": "Prøvekontoret", "version": "0", "logo": (io.BytesIO(b"\x89PNG" + SIGNATUR), "l.png"),
                "skabelon": (io.BytesIO(standardskabelon() + SIGNATUR), "x.docx")}  # fmt: skip
        answer = rådgiver.send("/restancer/brevhoved/aab", sent, content_type="multipart/form-data")
        return answer.status_code, answer.text

    with clamd(tmp_path / "c") as (scanner, value):
        app.extensions["settings"] = _with(settings, value)
        status, page = report()
        assert (status, page.count(FUNDET) >= 1) == (422, True)
        status, page = letterhead()
        assert (status, page.count(FUNDET) >= 2, "Prøvekontoret" in page) == (422, True, True)
        assert len(scanner.set) == 3
    assert [SVARER_IKKE in page for _status, page in (report(), letterhead())] == [True, True]
    with Session(kontekst.engine) as session:
        assert session.exec(select(Rapportskabelon)).all() == []
        assert session.exec(select(Brevhoved)).all() == []
