"""The client against a real mail server: what arrives, and what each kind of trouble means."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamError,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from integrations.email.client import EmailClient
from integrations.email.simulator import EmailSimulator
from integrations.http.multipart import PNG_TYPE, XLSX_TYPE, Media
from integrations.http.simulation import Weather
from tests.integrations.email.servers import LOGIN, TO, a_mail, certificate, opened

Both = tuple[EmailClient, EmailSimulator]
PNG, SHEET = Media("图.png", PNG_TYPE, b"\x89PNG\r\n\n.\r\n"), Media("补货.xlsx", XLSX_TYPE, b"PK\r\n.\r\n")


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    async with opened() as both:
        yield both


async def test_a_mail_arrives_as_text_and_html(both: Both) -> None:
    client, simulator = both
    await client.send(a_mail(thread="MT7"))
    (mail,) = simulator.mails
    assert (mail.to, mail.subject) == (TO, "断货")
    assert (mail.text.splitlines(), mail.html.strip()) == (["你好", "."], "<b>你好</b>")
    headers = mail.message
    assert (headers["Message-ID"], headers["References"]) == ("<M1-1@example.com>", "<matter.MT7@example.com>")
    assert (headers["From"], headers["Auto-Submitted"]) == ("掌柜 <zhanggui@example.com>", "auto-generated")


async def test_pictures_and_files_arrive_byte_for_byte(both: Both) -> None:
    client, simulator = both
    await client.send(a_mail(pictures=(PNG,), attachments=(SHEET,)))
    parts = {part.get_filename(): part for part in simulator.mails[0].message.walk() if part.get_filename()}
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {
        PNG.name: PNG.body,
        SHEET.name: SHEET.body,
    }
    assert parts[PNG.name]["Content-ID"] == "<0>"


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x1c"])
async def test_a_subject_cannot_add_a_header(both: Both, gap: str) -> None:
    client, simulator = both
    await client.send(a_mail(subject=f"断货{gap}Bcc: boss@example.com", id=f"a{gap}b", thread=f"x{gap}y"))
    (mail,) = simulator.mails
    assert (mail.subject, mail.message["Bcc"]) == ("断货 Bcc: boss@example.com", None)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "chen",
        "chen@example.com\r\nRCPT TO:<x@example.com>",
        "a@example.com, b@example.com",
        "<a@example.com>",
        "a b@c.d",
    ],
)
async def test_what_is_no_single_address_is_refused_before_anything_is_sent(both: Both, to: str) -> None:
    client, simulator = both
    with pytest.raises(UpstreamRejected) as caught:
        await client.send(a_mail(to=to))
    assert (caught.value.code, simulator.tries) == ("email_address", 0)


@pytest.mark.parametrize(
    ("weather", "kind", "detail"),
    [
        (Weather(operation="rcpt", status=550), UpstreamRejected, "550 5.2.0"),
        (Weather(operation="rcpt", status=450), UpstreamUnavailable, "450 4.2.0"),
        (Weather(operation="data", status=554), UpstreamRejected, "554 5.2.0"),
        (Weather(operation="data", status=452), UpstreamUnavailable, "452 4.2.0"),
        (Weather(operation="rcpt", status=530), UpstreamAuthError, "530 5.2.0"),
        (Weather(operation="connect", drop=True), UpstreamUnavailable, "SMTPConnectError"),
        (Weather(operation="rcpt", drop=True), UpstreamUnavailable, "SMTPServerDisconnected"),
        (Weather(operation="rcpt", delay_seconds=2), UpstreamUnavailable, "SMTPReadTimeoutError"),
        (Weather(operation="data", drop=True), UpstreamUnclear, "SMTPServerDisconnected"),
        (Weather(operation="data", drop=True, handled=True), UpstreamUnclear, "SMTPServerDisconnected"),
        (Weather(operation="data", delay_seconds=2), UpstreamUnclear, "SMTPReadTimeoutError"),
    ],
)
async def test_each_trouble_has_its_meaning(
    both: Both, weather: Weather, kind: type[UpstreamError], detail: str
) -> None:
    client, simulator = both
    simulator.set_weather(weather)
    with pytest.raises(UpstreamError) as caught:
        await client.send(a_mail())
    assert (type(caught.value), caught.value.detail) == (kind, detail)


async def test_no_server_at_all_is_tried_again_later(both: Both) -> None:
    client, simulator = both
    await simulator.stop()
    with pytest.raises(UpstreamUnavailable, match="SMTPConnectError"):
        await client.send(a_mail())


async def test_logs_tell_neither_address_nor_text(both: Both) -> None:
    client, simulator = both
    simulator.set_weather(Weather(operation="rcpt", status=550))
    with structlog.testing.capture_logs() as logs, pytest.raises(UpstreamRejected):
        await client.send(a_mail())
    assert len(logs) == 1
    assert not [word for word in (TO, "断货", "你好") if word in str(logs)]


async def test_without_starttls_where_it_is_demanded_nothing_is_sent() -> None:
    async with opened(security="starttls", login=None) as (client, simulator):
        with pytest.raises(UpstreamAuthError, match="no STARTTLS") as caught:
            await client.send(a_mail())
        assert (caught.value.code, simulator.mails) == ("email_tls", [])


async def test_login_and_mail_travel_encrypted(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    async with opened(security="starttls", server_tls=server, trust=trust, login=LOGIN) as (client, simulator):
        await client.send(a_mail())
        assert len(simulator.mails) == 1


async def test_a_server_with_a_wrong_certificate_gets_nothing(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path)
    async with opened(security="starttls", server_tls=server, login=LOGIN) as (client, simulator):
        with pytest.raises(UpstreamAuthError, match="SSLCertVerificationError") as caught:
            await client.send(a_mail())
        assert (caught.value.code, simulator.mails) == ("email_tls", [])


async def test_a_port_that_is_not_encrypted_at_once_is_not_spoken_to(tmp_path: Path) -> None:
    async with opened(security="tls") as (client, simulator):
        with pytest.raises(UpstreamAuthError) as caught:
            await client.send(a_mail())
        assert (caught.value.code, simulator.mails) == ("email_tls", [])


async def test_a_wrong_password_is_not_tried_again(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    wrong = (LOGIN[0], "another")
    async with opened(security="starttls", server_tls=server, trust=trust, login=LOGIN, given=wrong) as (client, _):
        with pytest.raises(UpstreamAuthError, match="535") as caught:
            await client.check()
    assert caught.value.code == "upstream_auth"


async def test_a_server_without_a_login_is_no_place_for_our_password() -> None:
    async with opened() as (_, simulator), opened(login=LOGIN) as (client, _):
        elsewhere = replace(client, account=replace(client.account, port=simulator.smtp_port))
        with pytest.raises(UpstreamAuthError, match="no login offered"):
            await elsewhere.check()
