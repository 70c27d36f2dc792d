"""Who may speak to the webhook, and how much."""

import json

from aiohttp import ClientSession

from bot.channels.whatsapp.receive import LONGEST_BODY
from integrations.whatsapp.simulator import Push, Said
from tests.scenarios.phone import ADMIN, seen
from tests.scenarios.stage import Stage


def a_push(stage: Stage, text: str = "店铺/1") -> Push:
    envelopes = stage.whatsapp.envelopes
    item = envelopes.message(Said(text=text, sender_id=ADMIN))
    return envelopes.signed(envelopes.envelope(envelopes.change(messages=[item])))


async def status(stage: Stage, push: Push) -> int:
    return (await stage.whatsapp.people.deliver(push)).status


async def test_the_dashboards_check_is_answered_with_its_challenge(stage: Stage) -> None:
    heard = await stage.whatsapp.people.verify()
    assert (heard.status, heard.body) == (200, "1158201444")


async def test_a_check_with_another_token_is_forbidden(stage: Stage) -> None:
    assert (await stage.whatsapp.people.verify(token="guess")).status == 403


async def test_a_check_without_parameters_is_forbidden(stage: Stage) -> None:
    async with ClientSession() as session, session.get(stage.whatsapp.people.webhook_url) as answer:
        assert answer.status == 403


async def test_escaped_signs_are_verified_as_they_were_sent(stage: Stage) -> None:
    push = a_push(stage)
    assert rb"\u5e97" in push.body and rb"\/" in push.body
    assert await status(stage, push) == 200


async def test_a_signature_over_the_same_words_spelt_otherwise_is_refused(stage: Stage) -> None:
    push = a_push(stage)
    again = json.dumps(json.loads(push.body)).encode()
    assert await status(stage, Push(again, push.headers)) == 401
    await stage.settled()
    assert seen(stage) == []


async def test_a_body_without_a_signature_is_refused(stage: Stage) -> None:
    assert await status(stage, Push(a_push(stage).body, {})) == 401


async def test_a_body_that_is_too_large_is_refused(stage: Stage) -> None:
    assert await status(stage, stage.whatsapp.envelopes.signed_bytes(b" " * (LONGEST_BODY + 1))) == 413


async def test_a_body_over_one_mebibyte_is_still_read(stage: Stage) -> None:
    assert await status(stage, a_push(stage, "x" * 1_500_000)) == 200


async def test_a_body_that_is_no_object_is_unreadable(stage: Stage) -> None:
    assert await status(stage, stage.whatsapp.envelopes.signed_bytes(b"[]")) == 400


async def test_messages_to_another_number_are_left_alone(stage: Stage) -> None:
    envelopes = stage.whatsapp.envelopes
    change = envelopes.change(messages=[envelopes.message(Said(text="店铺", sender_id=ADMIN))], number_id="999")
    assert await status(stage, envelopes.signed(envelopes.envelope(change))) == 200
    assert await stage.rows("SELECT count(*) FROM inbox WHERE channel = 'whatsapp'") == [(0,)]
