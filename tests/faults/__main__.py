"""``make faults``: every bad day, many times over; a table, then a line per figure.

python -m tests.faults [--rounds N] [--seed N] [SUITE ...]
"""

import sys
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import monotonic
from traceback import print_exception

from tests.faults.report import Outcome, show, tell
from tests.faults.suites import ROUNDS, SUITES, run_suite

AT_ONCE = 2
"""Suites side by side. A killed process and who waits for it leave much of two cores unused."""


def run_all(names: list[str], rounds: int, seed: int) -> tuple[Outcome, list[str]]:
    """What all of them found, in the order of their names, and the names of those that broke off."""
    began = monotonic()
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        running = {name: pool.submit(run_suite, name, rounds=rounds, seed=seed) for name in names}
    tell(f"all done in {monotonic() - began:.0f} s")
    errors = {name: error for name, future in running.items() if (error := future.exception())}
    for error in errors.values():
        print_exception(error)
    found = [future.result() for name, future in running.items() if name not in errors]
    return sum(found, start=Outcome()), list(errors)


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    given = parser.parse_args()
    if unknown := set(given.suites) - set(SUITES):
        parser.error(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    outcome, broken = run_all(given.suites or list(SUITES), given.rounds, given.seed)
    if broken:
        tell(f"broke off, and found nothing: {', '.join(broken)}")
    show(outcome)
    return 0 if not broken and all(figure.is_reached for figure in outcome.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
