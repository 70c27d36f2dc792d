"""Orders: what marketplaces tell of them, what must be shipped, and what goes out by itself."""

from functools import partial

from bot.contracts.feature import Command, Feature, Schedule, Task
from bot.contracts.pages import Page
from handlers.orders.cards import matter_form
from handlers.orders.commands import (
    HoldArgs,
    OrderArgs,
    OrdersArgs,
    ShipArgs,
    WaybillsArgs,
    add_numbers,
    explain_not_shipped,
    hold,
    ship_by_hand,
    show_orders,
    show_to_ship,
)
from handlers.orders.courier_jobs import go_without, order_waybill
from handlers.orders.goofish_jobs import POLL_TASK, poll_goofish, stop_goofish, take_goofish
from handlers.orders.jobs import COUNTDOWN_TASK, count_down, give_up, replan, ship, take_in
from handlers.orders.key_commands import KeysArgs, ReconcileArgs, reconcile, show_pools
from handlers.orders.key_pages import KEYS, list_page_of_keys, take_file
from handlers.orders.lingxing_jobs import LINGXING_POLL_TASK, poll_lingxing
from handlers.orders.pages import LIST, ONE, list_page, show_order
from handlers.orders.ports import OrdersDeps
from handlers.orders.price_commands import PriceArgs, change_price
from handlers.orders.price_jobs import PRICE_TASK, bring_price, give_up_price
from handlers.orders.rehearsals import ShadowResult
from handlers.orders.reply_commands import ReplyArgs, reply_to_buyer
from handlers.orders.reply_jobs import give_up_reply, send_reply
from handlers.orders.results import KeysResult, OrdersResult, WhyResult
from handlers.orders.setting_commands import PreviewArgs, SettingArgs, UndoArgs, preview, set_up, undo
from handlers.orders.setting_pages import SETTINGS, list_page_of_settings
from handlers.orders.shadow_commands import show_rehearsals
from handlers.orders.task_pages import TASK, TASKS, list_page_of_tasks, show_task
from storage.orders.keys import TOPIC as KEYS_TOPIC
from storage.orders.rows import (
    EVENT_TASK,
    GOOFISH_TASK,
    REPLAN_TASK,
    REPLY_TASK,
    SHIP_TASK,
    TOPIC,
    WAYBILL_TASK,
)
from storage.orders.settings import TOPIC as SETTINGS_TOPIC

FORMS = {kind: matter_form for kind in ("order", "order_planned", "order_refused")}
"""What can be filled in on the cards of orders' matters, by kind."""


def feature(deps: OrdersDeps) -> Feature:
    """The commands about orders and shipping; taking in what is told, and telling what is shipped."""
    return Feature(
        name="orders",
        commands=_commands(deps),
        tasks=_tasks(deps),
        schedules=(
            Schedule(name=COUNTDOWN_TASK, task=COUNTDOWN_TASK, cron="*/10 * * * *"),
            Schedule(name=LINGXING_POLL_TASK, task=LINGXING_POLL_TASK, cron="7-59/10 * * * *"),
            Schedule(name=POLL_TASK, task=POLL_TASK, cron="*/5 * * * *"),
        ),
        pages=_pages(deps),
    )


def _commands(deps: OrdersDeps) -> tuple[Command, ...]:
    changing = partial(Command, role="operator", risk="change")
    return (
        Command(
            names=("订单", "orders", "dd"),
            run=partial(show_orders, deps=deps),
            args=OrdersArgs,
            result=OrdersResult,
        ),
        Command(names=("待发货", "to-ship", "dfh"), run=partial(show_to_ship, deps=deps), result=OrdersResult),
        changing(names=("发货", "ship", "fh"), run=partial(ship_by_hand, deps=deps), args=ShipArgs),
        Command(
            names=("为什么没发货", "why-not-shipped", "wsmmfh"),
            run=partial(explain_not_shipped, deps=deps),
            args=OrderArgs,
            result=WhyResult,
        ),
        changing(names=("回复", "reply", "hf"), run=partial(reply_to_buyer, deps=deps), args=ReplyArgs),
        changing(
            names=("改价", "change-price", "gjia"),
            run=partial(change_price, deps=deps),
            args=PriceArgs,
            risk="irreversible",
        ),
        changing(names=("暂停发货", "hold-shipping", "ztfh"), run=partial(hold, deps=deps), args=HoldArgs),
        changing(names=("发货设置", "shipping", "fhsz"), run=partial(set_up, deps=deps), args=SettingArgs),
        Command(
            names=("预览发货设置", "preview-shipping", "ylfhsz"),
            run=partial(preview, deps=deps),
            args=PreviewArgs,
            role="operator",
        ),
        Command(
            names=("影子报告", "shadow-report", "yzbg"),
            run=partial(show_rehearsals, deps=deps),
            result=ShadowResult,
        ),
        changing(names=("撤销发货设置", "undo-shipping", "cxfhsz"), run=partial(undo, deps=deps), args=UndoArgs),
        changing(names=("导入单号", "add-waybills", "drdh"), run=partial(add_numbers, deps=deps), args=WaybillsArgs),
        Command(
            names=("卡密", "keys", "km"),
            run=partial(show_pools, deps=deps),
            args=KeysArgs,
            result=KeysResult,
            role="operator",
        ),
        changing(names=("对账卡密", "reconcile-keys", "dzkm"), run=partial(reconcile, deps=deps), args=ReconcileArgs),
    )


def _tasks(deps: OrdersDeps) -> tuple[Task, ...]:
    pulled = partial(Task, on_giving_up=partial(stop_goofish, deps=deps))
    give_up_words = partial(give_up_reply, deps=deps)
    return (
        Task(name=EVENT_TASK, run=partial(take_in, deps=deps), at_once=16),
        pulled(name=GOOFISH_TASK, run=partial(take_goofish, deps=deps), holds_lane="always"),
        pulled(name=POLL_TASK, run=partial(poll_goofish, deps=deps), at_once=1),
        Task(name=SHIP_TASK, run=partial(ship, deps=deps), at_once=16, on_giving_up=partial(give_up, deps=deps)),
        Task(name=REPLY_TASK, run=partial(send_reply, deps=deps), holds_lane="always", on_giving_up=give_up_words),
        Task(name=LINGXING_POLL_TASK, run=partial(poll_lingxing, deps=deps), at_once=1),
        Task(
            name=PRICE_TASK,
            run=partial(bring_price, deps=deps),
            holds_lane="always",
            on_giving_up=partial(give_up_price, deps=deps),
        ),
        Task(name=WAYBILL_TASK, run=partial(order_waybill, deps=deps), on_giving_up=partial(go_without, deps=deps)),
        Task(name=REPLAN_TASK, run=partial(replan, deps=deps), at_once=1),
        Task(name=COUNTDOWN_TASK, run=partial(count_down, deps=deps), at_once=1),
    )


def _pages(deps: OrdersDeps) -> tuple[Page, ...]:
    page = partial(Page, title="orders.page", live_topics=(TOPIC,))
    task = partial(Page, title="orders.task.page", live_topics=(TOPIC,))
    return (
        page(path=LIST, template="list.html", load=partial(list_page, deps=deps)),
        page(path=ONE, template="card.html", load=partial(show_order, deps=deps)),
        task(path=TASKS, template="list.html", load=partial(list_page_of_tasks, deps=deps)),
        task(path=TASK, template="card.html", load=partial(show_task, deps=deps)),
        Page(
            path=KEYS,
            title="orders.pools.title",
            template="list.html",
            load=partial(list_page_of_keys, deps=deps),
            live_topics=(KEYS_TOPIC, TOPIC),
            take=partial(take_file, deps=deps),
        ),
        Page(
            path=SETTINGS,
            title="orders.setting.page",
            template="list.html",
            load=partial(list_page_of_settings, deps=deps),
            live_topics=(SETTINGS_TOPIC,),
        ),
    )
