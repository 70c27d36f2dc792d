"""News reach who listens, and nobody's slowness costs memory."""

from bot.live import Live, Signal


def test_a_listener_hears_its_topics_in_order() -> None:
    live = Live[str]()
    with live.listen("team", "wei") as listener:
        live.publish("team", "one")
        live.publish("ling", "not for us")
        live.publish("wei", "two")
        assert [listener.get_nowait(), listener.get_nowait(), listener.empty()] == ["one", "two", True]


def test_everybody_on_a_topic_hears_the_same() -> None:
    live = Live[str]()
    with live.listen("team") as one, live.listen("team") as other:
        live.publish("team", "news")
        assert one.get_nowait() == other.get_nowait() == "news"


def test_what_everybody_reads_from_storage_is_told_here_and_to_other_processes() -> None:
    live, beside = Live[str](), list[str]()
    live.on_publish = beside.append
    with live.listen("matters") as listener:
        live.tell("matters")
        assert [listener.get_nowait(), listener.empty(), beside] == [Signal.MISSED, True, ["matters"]]


def test_publishing_to_nobody_is_no_error() -> None:
    live = Live[str]()
    live.publish("team", "news")
    with live.listen("team") as listener:
        assert listener.empty()


def test_a_slow_listener_is_told_that_it_missed_something() -> None:
    live = Live[int](room=2)
    with live.listen("team") as listener:
        for_three(live)
        assert [listener.get_nowait(), listener.empty()] == [Signal.MISSED, True]


def test_after_a_gap_news_come_again() -> None:
    live = Live[int](room=2)
    with live.listen("team") as listener:
        for_three(live)
        live.publish("team", 4)
        assert [listener.get_nowait(), listener.get_nowait()] == [Signal.MISSED, 4]


def test_a_slow_listener_does_not_hold_up_the_others() -> None:
    live = Live[int](room=2)
    with live.listen("team"), live.listen("team") as quick:
        live.publish("team", 1)
        quick.get_nowait()
        live.publish("team", 2)
        live.publish("team", 3)
        assert [quick.get_nowait(), quick.get_nowait()] == [2, 3]


def test_closing_ends_present_and_future_listeners() -> None:
    live = Live[int]()
    with live.listen("team") as present:
        live.publish("team", 1)
        live.close()
        assert [present.get_nowait(), present.empty()] == [Signal.CLOSED, True]
    with live.listen("team") as future:
        assert future.get_nowait() is Signal.CLOSED


def for_three(live: Live[int]) -> None:
    """Publish 1, 2 and 3."""
    for number in (1, 2, 3):
        live.publish("team", number)
