"""Handing one mail to a real mail server, and every way that can fail."""

from __future__ import annotations

import logging
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.adgang.users import BrugerFejl, ren_email
from rådgivning.beskeder.kinds import SLAGS, TAL, Slags
from rådgivning.beskeder.mail import Fejl, brev, lever
from rådgivning.database import new_id
from rådgivning.settings import EMAIL, Postopsætning
from tests.beskeder.conftest import KODE, Server, ledig_port
from tests.limit import vent_på

TIL = "zxq.proevesen@bruger.example"
# aiosmtpd does not see that a connection encrypted from its first byte is encrypted.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


def send(post: Postopsætning, slags: Slags = Slags.NY_HENVISNING, antal: int = 2) -> Fejl | None:
    return lever(post, TIL, brev(post, TIL, slags, antal, {}, [new_id()]))


@pytest.mark.usefixtures("betroet")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_mail_goes_encrypted_and_signed_in_and_says_a_count_and_where_to_log_in(server: Server, tls: str) -> None:
    kasse, post = server(tls)
    assert send(post) is None
    [mail] = kasse.breve
    assert kasse.krypteret == [True]
    assert mail["Subject"] == "Der er 2 nye henvisninger"
    assert mail["To"] == TIL
    assert mail["From"] == "rådgivning <beskeder@bolig.example>"
    assert mail.get_content() == "Der er 2 nye henvisninger.\n\nLog ind: https://sager.bolig.example/beskeder\n"
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.isoformat() == "2026-11-20T09:00:00+00:00"


def test_a_mail_does_not_name_this_machine_and_is_the_same_mail_when_sent_again(server: Server) -> None:
    kasse, post = server()
    rows = [new_id(), new_id()]
    for order in (rows, rows[::-1]):
        assert lever(post, TIL, brev(post, TIL, Slags.AFTALE_SVAR, 1, {}, order)) is None
    assert len({mail["Message-ID"] for mail in kasse.breve}) == 1
    assert kasse.breve[0]["Message-ID"].endswith("@bolig.example>")
    assert set(kasse.hilsner) == {"sager.bolig.example"}
    for name in {socket.gethostname(), socket.getfqdn()} - {"localhost"}:
        assert all(name.encode() not in raw for raw in kasse.rå)


def test_every_kind_and_every_line_of_a_digest_is_a_danish_sentence_without_a_name(server: Server) -> None:
    kasse, post = server()
    for antal in (1, 3):
        for slags in set(SLAGS) - {Slags.DAGENS_OVERBLIK, Slags.PRØVE}:
            assert send(post, slags, antal) is None
            assert kasse.breve[-1].get_content().startswith(f"Der er {SLAGS[slags].i_ord(antal)}.\n")
            assert str(antal) in kasse.breve[-1]["Subject"]
    tal = dict.fromkeys([*TAL, Slags.HENVISNING_STATUS], 1)
    assert lever(post, TIL, brev(post, TIL, Slags.DAGENS_OVERBLIK, 1, tal, [new_id()])) is None
    text = kasse.breve[-1].get_content()
    assert text.startswith("Overblik for fredag den 20. november 2026:\n\n- 1 besøg i kalenderen i dag\n")
    assert "- Nyt om 1 af dine henvisninger\n" in text
    assert "- 1 restancesag er over fristen\n" in text


@pytest.mark.parametrize(
    ("rcpt", "data", "fejl"),
    [
        ("450 4.2.1 zxq.proevesen@bruger.example busy", "", Fejl.SENERE),
        ("550 5.1.1 zxq.proevesen@bruger.example unknown", "", Fejl.ADRESSE),
        ("", "451 4.3.0 later", Fejl.SENERE),
        ("", "554 5.7.1 not wanted", Fejl.MAIL),
    ],
)
def test_what_the_server_answers_becomes_one_of_our_own_words(
    server: Server, rcpt: str, data: str, fejl: Fejl, caplog: pytest.LogCaptureFixture
) -> None:
    kasse, post = server()
    kasse.rcpt, kasse.data = [rcpt] if rcpt else [], [data] if data else []
    with caplog.at_level(logging.DEBUG, "rådgivning"):
        assert send(post) is fejl
    assert kasse.breve == []
    assert send(post) is None
    assert fejl.varig == (fejl in {Fejl.ADRESSE, Fejl.MAIL})


def test_a_server_that_is_down_or_hangs_up_is_no_connection(server: Server) -> None:
    post = Postopsætning("127.0.0.1", ledig_port(), "ingen", "a@bolig.example", "https://sager.bolig.example")
    assert send(post) is Fejl.FORBINDELSE
    assert send(Postopsætning("findes.invalid", 25, "ingen", "a@b.example", "https://c.example")) is Fejl.FORBINDELSE
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)

        def hang_up() -> None:
            listening.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        port = listening.getsockname()[1]
        assert send(Postopsætning("127.0.0.1", port, "ingen", "a@b.example", "https://c.example")) is Fejl.FORBINDELSE
        vent_på([thread])


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_stops_it_before_the_password(server: Server, tls: str) -> None:
    kasse, post = server(tls)
    assert send(post) is Fejl.CERTIFIKAT
    assert kasse.breve == []


@pytest.mark.usefixtures("betroet")
def test_a_server_without_encryption_or_with_another_password_gets_nothing(server: Server) -> None:
    kasse, post = server("starttls", kan_starttls=False)
    assert send(post) is Fejl.KRYPTERING
    plain = Postopsætning(**{**vars(post), "tls": "tls"})
    assert send(plain) is Fejl.KRYPTERING
    right, post = server("starttls")
    wrong = Postopsætning(**{**vars(post), "kodeord": "forkert"})
    assert send(wrong) is Fejl.LOG_IND
    assert kasse.breve + right.breve == []
    assert KODE not in repr(post)


@given(st.from_regex(EMAIL, fullmatch=True).filter(lambda text: len(text) <= 254))
def test_every_address_that_can_be_typed_can_be_written_to(address: str) -> None:
    post = Postopsætning("127.0.0.1", 25, "ingen", "a@bolig.example", "https://sager.bolig.example")
    mail = brev(post, ren_email(address), Slags.NY_AFTALE, 1, {}, [new_id()])
    assert f"\r\nTo: {ren_email(address)}\r\n".encode() in mail.as_bytes()


@pytest.mark.parametrize(
    "address",
    [
        "a..b@c.example",
        ".a@c.example",
        "a.@c.example",
        "a@c",
        "a@-c.example",
        "a@c-.example",
        "a@b@c.example",
        "<a@c.example>",
    ],
)
def test_what_only_looks_like_an_address_is_refused(address: str) -> None:
    with pytest.raises(BrugerFejl):
        ren_email(address)
