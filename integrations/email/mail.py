"""A mail before it is put into the form in which it travels."""

from dataclasses import dataclass

from integrations.http.multipart import Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person. ``html`` may show ``pictures`` as ``cid:0``, ``cid:1`` …

    ``id`` (letters, digits, ``-``) becomes its Message-ID: who gets the same mail twice can tell. Mails of one
    ``thread`` are shown together. Line breaks in ``subject`` become spaces.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    thread: str = ""
    pictures: tuple[Media, ...] = ()
    attachments: tuple[Media, ...] = ()
