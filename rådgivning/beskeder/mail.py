"""One mail: what it says, and handing it to the mail server. Neither errors nor log lines quote an address."""

from __future__ import annotations

import contextlib
import hashlib
import smtplib
import socket
import ssl
import uuid
from collections.abc import Collection, Mapping
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from rådgivning.beskeder.kinds import SLAGS, Slags, tal_i_ord
from rådgivning.dansk import lang_dato
from rådgivning.database import now, today
from rådgivning.settings import Postopsætning

TIMEOUT = 30
PRØVE = "Dette er en prøvebesked. Beskeder kommer frem til denne adresse."


class Fejl(StrEnum):
    """Why a mail did not get through: fixed words, shown to the user and to databeskyttelse."""

    FORBINDELSE = "ingen forbindelse"
    CERTIFIKAT = "certifikatet afvist"
    KRYPTERING = "ingen kryptering"
    LOG_IND = "log ind afvist"
    AFSENDER = "afsenderen afvist"
    SENERE = "bedt om at vente"
    ADRESSE = "adressen afvist"
    MAIL = "mailen afvist"

    @property
    def varig(self) -> bool:
        """Whether trying again would be no use: the server has said for good that it will not."""
        return self in {Fejl.ADRESSE, Fejl.MAIL}

    @property
    def hos_os(self) -> bool:
        """Whether the next mail would meet the same: server, certificate or sign-in, not this one recipient."""
        return self not in {Fejl.ADRESSE, Fejl.MAIL, Fejl.SENERE}


def brev(
    post: Postopsætning,
    til: str,
    slags: Slags,
    antal: int,
    tal: Mapping[str, int],
    rækker: Collection[uuid.UUID],
    dag: date | None = None,
    tekst: str = "",
) -> EmailMessage:
    """The mail of one kind: a count, the lines of a digest or the trail's head, and where to sign in. Nothing else.

    `dag` is the day that a digest was counted for, which may have passed when the mail at last gets through.

    The Message-ID is made from the rows, so that a mail that has to be sent again after a crash is the same mail to
    those servers that look. It names the sender's domain, never this machine.
    """
    brev = EmailMessage(SMTP.clone(max_line_length=998))  # an address must not be broken over two lines
    brev["From"] = Address("rådgivning", addr_spec=post.afsender)
    brev["To"] = Address(addr_spec=til)
    brev["Subject"] = _subject(slags, antal)
    brev["Date"] = format_datetime(now())
    digest = hashlib.sha256("".join(sorted(map(str, rækker))).encode()).hexdigest()[:40]
    brev["Message-ID"] = f"<{digest}@{post.afsender.rpartition('@')[2]}>"
    brev["Auto-Submitted"] = "auto-generated"
    brev["X-Auto-Response-Suppress"] = "All"
    text = "\n".join(
        [*_lines(slags, antal, tal, dag or today()), *_enclosed(tekst), "", f"Log ind: {post.adresse}/beskeder", ""]
    )
    brev.set_content(text, charset="utf-8", cte="quoted-printable")
    return brev


def _subject(slags: Slags, antal: int) -> str:
    if slags in {Slags.DAGENS_OVERBLIK, Slags.PRØVE}:
        return "Dagens overblik" if slags == Slags.DAGENS_OVERBLIK else "Prøvebesked"
    return f"Der er {SLAGS[slags].i_ord(antal)}"


def _enclosed(tekst: str) -> list[str]:
    return ["", tekst.rstrip()] if tekst else []


def _lines(slags: Slags, antal: int, tal: Mapping[str, int], dag: date) -> list[str]:
    if slags == Slags.PRØVE:
        return [PRØVE]
    if slags == Slags.DAGENS_OVERBLIK:
        return [f"Overblik for {lang_dato(dag)}:", "", *(f"- {tal_i_ord(word, count)}" for word, count in tal.items())]
    råd = SLAGS[slags].råd
    return [f"Der er {SLAGS[slags].i_ord(antal)}.", *(["", råd] if råd else [])]


def lever(post: Postopsætning, til: str, besked: EmailMessage) -> Fejl | None:
    """Hand a mail over; None when the server took it. Whatever happens after its OK no longer counts."""
    try:
        server = _connect(post)
    except ssl.SSLCertVerificationError:
        return Fejl.CERTIFIKAT
    except (ssl.SSLError, smtplib.SMTPNotSupportedError):
        return Fejl.KRYPTERING
    except (OSError, smtplib.SMTPException, ValueError):
        return Fejl.FORBINDELSE
    try:
        return _send(server, post, til, besked)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connect(post: Postopsætning) -> smtplib.SMTP:
    """A greeted, encrypted connection; the greeting says this site's name, not this machine's."""
    name = urlsplit(post.adresse).hostname
    if post.tls == "tls":
        return _Tls(post, name)
    server = _Plain(post, name)
    if post.tls == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


class _Plain(smtplib.SMTP):
    """smtplib with its socket from the door."""

    def __init__(self, post: Postopsætning, name: str | None) -> None:
        self._udgang = post.udgang
        super().__init__(post.host, post.port, name, timeout=TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._udgang.forbind(host, port, timeout)


class _Tls(smtplib.SMTP_SSL):
    """The same where TLS comes first."""

    def __init__(self, post: Postopsætning, name: str | None) -> None:
        self._udgang, self._navn = post.udgang, post.host
        super().__init__(post.host, post.port, name, timeout=TIMEOUT, context=ssl.create_default_context())

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        return self.context.wrap_socket(self._udgang.forbind(host, port, timeout), server_hostname=self._navn)


def _send(server: smtplib.SMTP, post: Postopsætning, til: str, besked: EmailMessage) -> Fejl | None:
    try:
        if post.bruger:
            server.login(post.bruger, post.kodeord)
        server.send_message(besked, post.afsender, [til])
    except smtplib.SMTPRecipientsRefused as refused:
        return Fejl.ADRESSE if refused.recipients[til][0] >= 500 else Fejl.SENERE
    except smtplib.SMTPSenderRefused as refused:
        return Fejl.AFSENDER if refused.smtp_code >= 500 else Fejl.SENERE
    except smtplib.SMTPDataError as refused:
        return Fejl.MAIL if refused.smtp_code >= 500 else Fejl.SENERE
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError):
        return Fejl.LOG_IND
    except (OSError, smtplib.SMTPException, ValueError):
        return Fejl.FORBINDELSE
    return None
