"""Unknown people: one answer a day, and a way in by a code."""

from storage.people.store import add_pairing_code
from tests.scenarios.stage import ADMIN, STRANGER, Stage

HOME = "oc_private_stranger"


async def a_code(stage: Stage) -> str:
    return await stage.app.administration.make_pairing_code("operator")


async def titles(stage: Stage, *lines: str) -> list[str]:
    """The titles of what the stranger is answered, line after line."""
    for line in lines:
        await stage.say(line, by=STRANGER, chat_id=HOME)
        await stage.settled()
    return [shown.title for shown in stage.shown() if shown.message.chat_id == HOME]


async def test_help_is_given_and_lists_only_what_a_stranger_may_do(stage: Stage) -> None:
    answer = await stage.ask("帮助", by=STRANGER, chat_id=HOME)
    assert {"帮助", "绑定"} <= set(answer.lines)
    assert not {"店铺", "补货", "同步"} & set(answer.lines)


async def test_a_stranger_is_answered_once_a_day(stage: Stage) -> None:
    assert await titles(stage, "帮助", "帮助", "店铺", "你好") == ["我能做这些"]


async def test_a_stranger_is_answered_again_the_next_day(stage: Stage) -> None:
    await titles(stage, "帮助")
    stage.clock.move(hours=25)
    assert await titles(stage, "店铺") == ["我能做这些", "我还不认识你"]


async def test_a_stranger_learns_nothing_about_the_shop(stage: Stage) -> None:
    answer = await stage.ask("补货", by=STRANGER, chat_id=HOME)
    assert (answer.title, answer.rows) == ("我还不认识你", [])


async def test_a_code_makes_a_stranger_a_colleague(stage: Stage) -> None:
    code = await a_code(stage)
    assert await titles(stage, f"绑定 {code.lower()}", "店铺") == ["绑定成功", "店铺"]


async def test_a_colleague_says_by_what_name(stage: Stage) -> None:
    answer = await stage.ask(f"绑定 {await a_code(stage)} 王 小明", by=STRANGER, chat_id=HOME)
    assert "你好，王 小明。你的角色：运营。" in answer.text


async def test_a_code_works_once(stage: Stage) -> None:
    code = await a_code(stage)
    await titles(stage, f"绑定 {code}")
    answer = await stage.ask(f"绑定 {code}", by="ou_second_stranger", chat_id="oc_second")
    assert answer.title == "配对码不对"
    assert await stage.rows("SELECT count(*) FROM identities WHERE external_id = 'ou_second_stranger'") == [(0,)]


async def test_two_who_spend_the_same_code_at_once_are_not_both_let_in(stage: Stage) -> None:
    code = await a_code(stage)
    await stage.say(f"绑定 {code}", by=STRANGER, chat_id=HOME)
    await stage.say(f"绑定 {code}", by="ou_second_stranger", chat_id="oc_second")
    await stage.settled()
    assert sorted(shown.tone for shown in stage.shown()) == ["good", "warning"]


async def test_a_code_expires(stage: Stage) -> None:
    code = await a_code(stage)
    stage.clock.move(minutes=16)
    assert await titles(stage, f"绑定 {code}") == ["配对码不对"]


async def test_after_five_wrong_codes_even_the_right_one_is_not_taken(stage: Stage) -> None:
    code = await a_code(stage)
    said = await titles(stage, *[f"绑定 WRONG-{number}" for number in range(6)], f"绑定 {code}")
    assert said == ["配对码不对"] * 6
    assert "一小时后再试" in stage.shown()[5].text
    assert await stage.rows("SELECT count(*) FROM identities WHERE external_id = 'ou_stranger'") == [(0,)]


async def test_an_hour_after_too_many_codes_a_stranger_may_try_again(stage: Stage) -> None:
    await titles(stage, *[f"绑定 WRONG-{number}" for number in range(6)])
    stage.clock.move(minutes=61)
    assert (await titles(stage, f"绑定 {await a_code(stage)}"))[-1] == "绑定成功"


async def test_a_known_person_is_told_who_they_are_and_the_code_stays(stage: Stage) -> None:
    code = await a_code(stage)
    assert "林掌柜" in (await stage.ask(f"绑定 {code}", by=ADMIN)).text
    assert await titles(stage, f"绑定 {code}") == ["绑定成功"]


async def test_a_code_for_a_known_person_adds_an_identity(stage: Stage) -> None:
    ((person_id,),) = await stage.rows("SELECT id FROM people WHERE name = '小陈'")
    code = "ABCDE-FGHJK-MNPQ"
    async with stage.app.database.begin() as tx:
        await add_pairing_code(tx, code=code, role="viewer", person_id=person_id, now=stage.clock.now())
    assert "你好，小陈。你的角色：运营。" in (await stage.ask(f"绑定 {code}", by=STRANGER, chat_id=HOME)).text
