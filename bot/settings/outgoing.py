"""The settings of the channels that only send: e-mail, WeCom's group robots, text messages."""

import ipaddress
import re
from urllib.parse import SplitResult, parse_qs, unquote

from bot.contracts.secret import Secret
from bot.settings.model import EmailSettings, MailSecurity, SmsSettings, WeComSettings
from bot.settings.reader import Reader, split_url
from integrations.email.addresses import is_address, split_sender

_PORTS = {"smtp": 587, "smtps": 465}
_ROBOT_PATH = "/cgi-bin/webhook/send"
_ROBOT = re.compile(r"(?:(?P<name>[\w-]{1,40})=)?(?P<url>https?://\S+)")
_ONLY_ROBOT = "robot"


def email_settings(read: Reader) -> EmailSettings | None:
    """The mail server, or None if there is none."""
    if not read.any_given("SMTP_"):
        return None
    url = read.required_secret("SMTP_URL", "e-mail is only half configured")
    parts = split_url(url.reveal(), tuple(_PORTS))
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        if url.reveal():
            read.refuse("SMTP_URL", "is no address such as smtp://USER:PASSWORD@HOST:587 or smtps://… (TLS at once)")
        parts = SplitResult("smtp", "", "", "", "")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(username) != bool(password):
        read.refuse("SMTP_URL", "has a user without a password, or a password without a user")
    return EmailSettings(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        security=_security(parts),
        username=username,
        password=Secret(password) if password else None,
        sender=_sender(read, username),
    )


def _security(parts: SplitResult) -> MailSecurity:
    if parts.scheme == "smtps":
        return "tls"
    return "plain" if _is_this_machine(parts.hostname or "") else "starttls"


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _sender(read: Reader, username: str) -> str:
    """Who mails come from; a user that is an address will do."""
    sender = read.text("SMTP_FROM", username if is_address(username) else "")
    if not sender:
        return read.required("SMTP_FROM", "mails need a sender")
    if not is_address(split_sender(sender)[1]):
        read.refuse("SMTP_FROM", "is neither name@host nor Name <name@host>")
    return sender


def wecom_settings(read: Reader) -> WeComSettings | None:
    """The robots, or None if there are none."""
    given = read.secret("WECOM_ROBOT_URL")
    if given is None:
        return None
    robots: dict[str, Secret] = {}
    hosts: set[str] = set()
    for text in re.split(r"[,\s]+", given.reveal().strip()):
        robot = _robot(text)
        if robot is None or robot[0] in robots:
            read.refuse("WECOM_ROBOT_URL", "is no robot's address (several are NAME=ADDRESS, separated by commas)")
            continue
        robots[robot[0]] = robot[2]
        hosts.add(robot[1])
    if len(hosts) > 1:
        read.refuse("WECOM_ROBOT_URL", "names robots of different hosts")
    return WeComSettings(base_url=min(hosts, default=""), robots=tuple(robots.items()))


def _robot(text: str) -> tuple[str, str, Secret] | None:
    """Name, base URL and key of one robot."""
    found = _ROBOT.fullmatch(text)
    parts = split_url(found["url"]) if found else None
    keys = parse_qs(parts.query).get("key", []) if parts and parts.path == _ROBOT_PATH else []
    if found is None or parts is None or len(keys) != 1:
        return None
    return found["name"] or _ONLY_ROBOT, f"{parts.scheme}://{parts.netloc}", Secret(keys[0])


def sms_settings(read: Reader) -> SmsSettings | None:
    """The provider of text messages, or None if there is none."""
    if not read.any_given("SMS_"):
        return None
    half = "SMS is only half configured"
    read.required("SMS_BASE_URL", half)
    return SmsSettings(
        base_url=read.base_url("SMS_BASE_URL"),
        access_key=read.required("SMS_ACCESS_KEY", half),
        secret=read.required_secret("SMS_SECRET", half),
        sender=read.text("SMS_SENDER"),
    )
