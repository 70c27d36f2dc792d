"""What is acknowledged in a group is answered, also while Feishu does not tell the bot's own name."""

from integrations.feishu.simulator import Said
from tests.scenarios.stage import ADMIN, TEAM, Stage


async def restart_unnamed(stage: Stage) -> None:
    """Start again while Feishu does not say who the bot is."""
    stage.feishu.next_answer("bot_info", status=503, times=1000)
    await stage.restart()


async def mention(stage: Stage, text: str, *, open_id: str) -> int:
    """A mention in the group as older clients write it, which does not say whether it means a bot."""
    envelope = stage.feishu.envelopes.message(Said(text=text, sender_id=ADMIN, chat_id=TEAM, is_group=True))
    (mentioned,) = envelope["event"]["message"]["mentions"]
    del mentioned["mentioned_type"]
    mentioned["id"]["open_id"] = open_id
    return await stage.push(envelope)


async def name_is_kept(stage: Stage) -> bool:
    return bool(await stage.rows("SELECT external_id FROM own_identities"))


async def test_a_mention_right_after_a_restart_is_answered_once(stage: Stage) -> None:
    await stage.until_true(lambda: name_is_kept(stage))
    await restart_unnamed(stage)
    assert await mention(stage, "店铺", open_id=stage.feishu.app.bot_open_id) == 200
    await stage.settled()
    assert [shown.title for shown in stage.shown()] == ["店铺"]


async def test_after_a_restart_a_mention_of_somebody_else_is_still_not_for_the_bot(stage: Stage) -> None:
    await stage.until_true(lambda: name_is_kept(stage))
    await restart_unnamed(stage)
    assert await mention(stage, "店铺", open_id="ou_somebody") == 200
    await stage.settled()
    assert stage.sent() == []


async def test_before_the_bot_was_ever_named_a_mention_is_answered_once(stage: Stage) -> None:
    await stage.until_true(lambda: name_is_kept(stage))
    await stage.execute("DELETE FROM own_identities")
    await restart_unnamed(stage)
    assert await mention(stage, "店铺", open_id=stage.feishu.app.bot_open_id) == 200
    await stage.settled()
    assert [shown.title for shown in stage.shown()] == ["店铺"]
