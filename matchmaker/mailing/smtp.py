"""Mail through an SMTP server (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum

from matchmaker.errors import MailUnavailable


class Security(StrEnum):
    """How the connection is protected: upgraded after the greeting, from the first byte, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True)
class SmtpMailer:
    """A `matchmaker.services.mailing.Mailer`. ``timeout`` in seconds; a connection per message."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0

    def send(self, message: EmailMessage) -> None:
        """Hand a message to the server.

        Raises:
            MailUnavailable: ``code`` in its params says why, ``is_final`` whether another try is pointless. What the
                server answered is left out: it may repeat an address.
        """
        try:
            with self._open() as server:
                server.send_message(message)
        except smtplib.SMTPException as error:
            raise _told(error) from None
        except OSError as error:
            code = "timeout" if isinstance(error, TimeoutError) else "connection"
            raise MailUnavailable(reason=code, code=code, is_final=False) from None

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security is Security.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        if self.security is Security.STARTTLS:
            server.starttls(context=context)
        if self.user:
            server.login(self.user, self.password)


def _told(error: smtplib.SMTPException) -> MailUnavailable:
    status = _status(error)
    code = f"smtp-{status}" if status else "connection"
    is_final = status >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
    return MailUnavailable(reason=code, code=code, is_final=is_final)


def _status(error: smtplib.SMTPException) -> int:
    """The server's three digits, 0 where it said nothing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((status for status, _ in error.recipients.values()), default=0)
    return max(error.smtp_code, 0) if isinstance(error, smtplib.SMTPResponseException) else 0
