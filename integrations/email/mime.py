"""The form in which a mail travels. Loads the standard library's mail package, so it is imported where it is used.

Source: RFC 5322 (headers), RFC 2046 and 2387 (parts), RFC 3834 (answers that no machine should answer).
"""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from integrations.email.addresses import split_sender
from integrations.email.mail import Mail
from integrations.http.multipart import Media

_UNSAFE_IN_ID = re.compile(r"[^A-Za-z0-9.-]+")


def as_bytes(mail: Mail, *, sender: str, at: datetime) -> bytes:
    """The whole mail with its headers, in plain ASCII lines that every server takes."""
    name, address = split_sender(sender)
    domain = address.rpartition("@")[2]
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = Address(_one_line(name), addr_spec=address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(mail.id, domain)
    if mail.thread:
        message["References"] = message_id(f"matter.{mail.thread}", domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    message.add_alternative(mail.html, subtype="html", cte="base64")
    _add_pictures(message, mail.pictures)
    for each in mail.attachments:
        main, _, sub = each.mime_type.partition("/")
        message.add_attachment(each.body, maintype=main, subtype=sub, filename=_one_line(each.name))
    return message.as_bytes()


def message_id(mail_id: str, domain: str) -> str:
    """``<id@domain>``."""
    return f"<{_UNSAFE_IN_ID.sub('-', mail_id)}@{domain}>"


def _add_pictures(message: EmailMessage, pictures: tuple[Media, ...]) -> None:
    """Beside the HTML part, which names them by their number."""
    html = message.get_body(("html",))
    for number, picture in enumerate(pictures):
        main, _, sub = picture.mime_type.partition("/")
        assert isinstance(html, EmailMessage)
        html.add_related(
            picture.body,
            maintype=main,
            subtype=sub,
            cid=f"<{number}>",
            filename=_one_line(picture.name),
            disposition="inline",
        )


def _one_line(text: str) -> str:
    """``text`` without anything that could end a header."""
    return " ".join(text.split())
