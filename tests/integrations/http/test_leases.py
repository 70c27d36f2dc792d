"""One process's slots of a limit, told to the shared row over a line that loses answers."""

from bot.contracts.rates import Limit
from integrations.http.leases import LeasedWindow
from storage.rates.ledger import Ledger

PAIR = Limit("pair", 2, 1.0, drains=True)


def test_a_used_slot_given_back_behind_a_lost_answer_stays_used() -> None:
    window, ledger = LeasedWindow(PAIR), Ledger(PAIR)

    def settle(now: float, *, answer_is_lost: bool = False) -> None:
        share = window.share(now)
        grant = ledger.trade("me", share, now)
        if not answer_is_lost:
            window.take(grant, share.want, asked_at=now, now=now)

    window.waiting = 2
    settle(0.0)
    window.end(window.begin(), 0.1)
    settle(0.2)  # gives the used one back
    settle(0.3, answer_is_lost=True)  # has nothing to give back
    window.end(window.begin(), 0.4)
    settle(0.5)
    settle(0.6)

    assert sum(ledger.back.values()) == 2, "both calls count"
    assert not window.has_room(0.6)
