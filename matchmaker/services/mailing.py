"""What the use cases ask of mail."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class Mailer(Protocol):
    """Takes a finished message to whoever delivers it."""

    def send(self, message: EmailMessage) -> None:
        """Hand a message over.

        Raises:
            MailUnavailable: it was not taken; its params ``code`` and ``is_final`` say why and whether for good.
        """
