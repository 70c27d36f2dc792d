"""Administrators invite, grant, narrow and revoke; everybody sees their own stores only; all of it is written down."""

import asyncio

import pytest

from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, STRANGER, TEAM, VIEWER, Stage

HOME = "oc_private_wei"


async def invite_wei(stage: Stage) -> None:
    """王伟 pairs by the line that the administrator passes on."""
    invitation = await stage.ask("邀请 王伟 查看者")
    (line,) = (line for line in invitation.lines if line.startswith("绑定 "))
    assert (await by_wei(stage, line)).title == "绑定成功"


async def by_wei(stage: Stage, line: str) -> Shown:
    return await stage.ask(line, by=STRANGER, chat_id=HOME)


async def test_a_viewer_of_one_store_sees_that_store_alone_until_the_grant_ends(stage: Stage) -> None:
    await invite_wei(stage)
    assert len((await by_wei(stage, "店铺")).rows) == 4
    granted = await stage.ask("授权 王伟 查看者 店铺=屿光-US 到=2026-11-23")
    assert "查看者（店铺 屿光-US；到 2026-11-23）" in granted.text
    stores = await by_wei(stage, "店铺")
    assert ["屿光-US" in str(row) for row in stores.rows] == [True]
    plan = await by_wei(stage, "补货")
    assert plan.title == "补货：屿光-US"
    assert ("屿光-US" in str(plan.rows), "屿光-UK" in str(plan.rows)) == (True, False)
    stage.clock.move(days=2)
    assert (await by_wei(stage, "补货 US")).title == "你没有这个权限"


async def test_a_store_outside_is_refused_and_says_whom_to_ask(stage: Stage) -> None:
    await stage.ask("授权 阿芳 viewer 店铺=US")
    refused = await stage.ask("补货 UK", by=VIEWER)
    assert (refused.title, refused.rows) == ("这个店铺不在你的权限里", [])
    assert ("林掌柜" in refused.text, "屿光" in refused.text) == (True, False)


async def test_a_code_sold_only_outside_is_not_found_and_not_suggested(stage: Stage) -> None:
    await stage.ask("授权 阿芳 viewer 店铺=US")
    ((msku,),) = await stage.rows(
        "SELECT min(msku) FROM listings JOIN stores USING (store_id) WHERE stores.name = '屿光-DE'"
    )
    answer = await stage.ask(f"库存 {msku}", by=VIEWER)
    assert answer.title == "没有这个 SKU"
    assert msku not in " ".join(answer.buttons)


async def test_an_operator_of_one_store_pulls_only_that(stage: Stage) -> None:
    await stage.ask("授权 小陈 运营 店铺=US")
    assert (await stage.ask("同步 UK", by=OPERATOR)).title == "这个店铺不在你的权限里"
    await stage.ask("同步", by=OPERATOR)
    pulled = await stage.rows(
        "SELECT DISTINCT stores.name FROM sync_steps JOIN stores USING (store_id) WHERE run_id LIKE 'asked:%'"
    )
    assert pulled == [("屿光-US",)]


@pytest.mark.parametrize(
    "line", ["授权 阿芳 查看者", "授权 阿芳 查看者 金额=500CNY", "grant 阿芳 viewer until=2030-01-01 amount=5CNY"]
)
async def test_limits_do_not_go_without_being_named(stage: Stage, line: str) -> None:
    await stage.ask("授权 阿芳 查看者 店铺=US")
    refused = await stage.ask(line)
    assert refused.title == "这样会放开限制"
    assert "查看者（店铺 屿光-US）" in refused.text and "授权 阿芳 查看者 店铺=全部" in refused.text
    assert len((await stage.ask("店铺", by=VIEWER)).rows) == 1


async def test_the_form_with_no_limits_filled_in_opens_nothing(stage: Stage) -> None:
    await stage.ask("授权 阿芳 查看者 店铺=US")
    ((person_id,),) = await stage.rows("SELECT id FROM people WHERE name = '阿芳'")
    assert (await stage.ask(f"授权 {person_id} viewer")).title == "这样会放开限制"


async def test_an_end_alone_keeps_the_stores_and_says_what_it_replaced(stage: Stage) -> None:
    await stage.ask("授权 阿芳 查看者 店铺=US")
    await stage.ask("授权 阿芳 查看者 店铺=UK")
    granted = await stage.ask("授权 阿芳 查看者 到=2026-12-31")
    assert "查看者（店铺 屿光-US；到 2026-12-31）" in granted.text
    assert "取代了：查看者（店铺 屿光-US）、查看者（店铺 屿光-UK）" in granted.text
    assert "所有店铺" not in granted.text
    assert len((await stage.ask("店铺", by=VIEWER)).rows) == 2


@pytest.mark.parametrize("everywhere", ["店铺=全部", "stores=all"])
async def test_all_stores_are_opened_by_a_word_and_the_card_says_so(stage: Stage, everywhere: str) -> None:
    await stage.ask("授权 阿芳 查看者 店铺=US")
    granted = await stage.ask(f"授权 阿芳 查看者 {everywhere} 到=2026-12-31")
    assert "取代了：查看者（店铺 屿光-US）" in granted.text and "现在能看到所有店铺" in granted.text
    assert len((await stage.ask("店铺", by=VIEWER)).rows) == 4


async def test_another_role_that_opens_all_stores_is_said_to_be_new_or_to_be_there_still(stage: Stage) -> None:
    await stage.ask("授权 阿芳 查看者 店铺=US")
    opened = await stage.ask("授权 阿芳 运营")
    assert ("现在能看到所有店铺" in opened.text, "还有一个角色" in opened.text) == (True, False)
    still = await stage.ask("授权 阿芳 查看者 店铺=UK")
    assert ("现在能看到所有店铺" in still.text, "还有一个角色不限店铺" in still.text) == (False, True)


async def test_a_revoked_person_may_do_nothing_any_more(stage: Stage) -> None:
    assert (await stage.ask("撤权 阿芳")).title == "已撤权：阿芳"
    assert (await stage.ask("店铺", by=VIEWER)).title == "你没有这个权限"


async def test_a_grant_for_a_group_counts_there_alone(stage: Stage) -> None:
    await stage.ask("授权 阿芳 运营 群=这里", chat_id=TEAM, is_group=True)
    assert (await stage.ask("同步 火星", by=VIEWER, chat_id=TEAM, is_group=True)).title == "没有店铺「火星」"
    assert (await stage.ask("同步 火星", by=VIEWER)).title == "你没有这个权限"


async def test_a_button_is_refused_once_the_right_is_gone(stage: Stage) -> None:
    shown = await stage.ask("语言", by=VIEWER)
    await stage.ask("撤权 阿芳")
    heard = await stage.press(shown, "English", by=VIEWER)
    assert heard.body["toast"]["content"] == "你没有这个权限"


async def test_two_administrators_who_remove_each_other_leave_one(stage: Stage) -> None:
    await stage.ask("授权 小陈 管理员")
    both = await asyncio.gather(stage.say("撤权 小陈 admin"), stage.say("撤权 林掌柜 admin", by=OPERATOR))
    titles = sorted([(await stage.answer(heard)).title for heard in both])
    assert titles[0].startswith("已撤权") != titles[1].startswith("已撤权")
    assert await stage.rows("SELECT count(*) FROM grants WHERE role = 'admin'") == [(1,)]


@pytest.mark.parametrize("line", ["撤权 林掌柜", "授权 林掌柜 admin 到=2030-01-01"])
async def test_the_last_administrator_stays(stage: Stage, line: str) -> None:
    assert (await stage.ask(line)).title == "至少要有一个管理员"
    assert (await stage.ask("授权")).title == "谁有什么权限"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("授权 阿芳 老板", "没有这种角色"),
        ("授权 老板", "没有这个人"),
        ("撤权 阿芳 老板", "没有这种角色"),
        ("授权 阿芳 viewer restore=US", "没有这种限制"),
        ("授权 阿芳 viewer 店铺=US 颜色=红", "没有这种限制"),
        ("授权 阿芳 店铺=US", "没看懂角色"),
        ("授权 阿芳 运营 店铺=", "没看懂限制"),
        ("授权 阿芳 运营 店铺=火星", "没有找到唯一的店铺"),
        ("授权 阿芳 运营 店铺=屿光", "没有找到唯一的店铺"),
        ("授权 阿芳 审批人 金额=很多", "没看懂金额"),
        ("授权 阿芳 审批人 金额=-5CNY", "没看懂金额"),
        ("授权 阿芳 运营 到=2026-02-30", "到期日不行"),
        ("授权 阿芳 运营 到=2020-01-01", "到期日不行"),
        ("授权 阿芳 运营 群=oc_1", "没看懂群"),
        ("授权 阿芳 admin 店铺=US", "管理员不能这样限制"),
        ("撤权 阿芳 采购", "没有这个角色"),
        ("撤权", "还缺一个参数"),
        ("邀请 王伟", "没看懂角色"),
        ("邀请 管理员", "还缺名字"),
        ("邀请 王伟 查看者 到=明天", "邀请时不能写限制"),
        ("授权 阿芳 查看者 到=明天", "到期日不行"),
        ("语言 fr", "没有这种语言"),
        ("邀请 阿芳 运营", "已经有这个人"),
    ],
)
async def test_absurd_words_about_rights_change_nothing(stage: Stage, line: str, title: str) -> None:
    before = await stage.rows("SELECT person_id, role, granted_at FROM grants")
    assert (await stage.ask(line)).title == title
    assert await stage.rows("SELECT person_id, role, granted_at FROM grants") == before


async def test_accounts_are_whole_in_private_and_masked_in_a_group(stage: Stage) -> None:
    assert "447700900101" in str((await stage.ask("授权")).rows)
    in_group = str((await stage.ask("授权", chat_id=TEAM, is_group=True)).rows)
    assert ("447700900101" in in_group, "447****0101" in in_group) == (False, True)


async def test_the_audit_log_tells_who_did_what_and_what_was_refused(stage: Stage) -> None:
    await invite_wei(stage)
    await stage.ask("授权 王伟 运营 店铺=US")
    await by_wei(stage, "授权 王伟 admin")
    rows = (await stage.ask("审计")).rows
    told = [[cell if isinstance(cell, str) else cell[0]["text"] for cell in row.values()][1:] for row in rows]
    assert told[:4] == [
        ["王伟", "feishu", "授权", "王伟 admin", "拒绝", "你没有这个权限"],
        ["林掌柜", "feishu", "授权", "王伟 运营 店铺=US", "完成", ""],
        [STRANGER, "feishu", "绑定", "…", "完成", ""],
        ["林掌柜", "feishu", "邀请", "王伟 查看者", "完成", ""],
    ]


@pytest.mark.parametrize(("about", "found"), [("小陈", 1), ("撤权", 0), ("同步", 1), ("火星", 1), ("%", 0)])
async def test_the_audit_log_is_searched_by_person_command_or_content(stage: Stage, about: str, found: int) -> None:
    await stage.ask("同步 火星", by=OPERATOR)
    assert len((await stage.ask(f"审计 {about}")).rows) == found


async def test_past_the_end_of_the_audit_log_the_last_page_is_named(stage: Stage) -> None:
    await stage.ask("同步 火星", by=OPERATOR)
    shown = await stage.ask("审计 小陈 #2")
    assert "最后一页是第 1 页" in shown.text
    assert shown.buttons == ["审计 小陈#1"]


async def test_others_may_not_read_the_audit_log_nor_grant(stage: Stage) -> None:
    lines = ("审计", "授权", "授权 小陈 admin", "撤权 林掌柜", "邀请 王伟 admin")
    assert {(await stage.ask(line, by=OPERATOR)).title for line in lines} == {"你没有这个权限"}
    refused = await stage.rows("SELECT command FROM audit WHERE outcome = 'refused' AND reason = 'role_missing'")
    assert len(refused) == len(lines)


async def test_somebody_known_pairs_another_account(stage: Stage) -> None:
    invitation = await stage.ask("邀请 阿芳")
    (line,) = (line for line in invitation.lines if line.startswith("绑定 "))
    assert "阿芳" in (await by_wei(stage, line)).text


@pytest.mark.parametrize(("name", "asked"), [("阿芳", "邀请 阿芳"), ("王伟", "邀请 王伟 查看者")])
async def test_a_revoked_persons_open_codes_pair_nobody(stage: Stage, name: str, asked: str) -> None:
    invitation = await stage.ask(asked)
    (line,) = (line for line in invitation.lines if line.startswith("绑定 "))
    await stage.ask(f"撤权 {name}")
    assert (await by_wei(stage, line)).title == "配对码不对"


async def test_somebody_paired_without_a_role_is_told_so(stage: Stage) -> None:
    await stage.ask("撤权 阿芳")
    invitation = await stage.ask("邀请 阿芳")
    (line,) = (line for line in invitation.lines if line.startswith("绑定 "))
    assert "你现在没有角色" in (await by_wei(stage, line)).text


async def test_an_invitation_is_made_in_private(stage: Stage) -> None:
    answer = await stage.ask("邀请 王伟 运营", chat_id=TEAM, is_group=True, by=ADMIN)
    assert answer.title == "请在私聊里用"
