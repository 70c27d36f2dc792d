"""Any card at all, for rules that must hold for every one, and the words to show it with."""

from datetime import UTC

from hypothesis import strategies as st

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Chart,
    Column,
    Fact,
    Facts,
    Field,
    Form,
    Image,
    Level,
    Link,
    Note,
    Progress,
    Series,
    Table,
    Text,
)
from bot.words import CatalogueWords, machine_texts, read_texts

WORDS = CatalogueWords("zh", read_texts(machine_texts() / "zh.toml"), UTC)

TEXTS = st.text(max_size=30) | st.text(alphabet="<at id=all>*_`[]()#~|\\$&;-\n \"'店铺", max_size=60)
LABELS = st.text(alphabet='abc店铺 <>*&"', min_size=1, max_size=20)
LONG_TEXTS = TEXTS | st.builds(lambda unit, times: unit * times, LABELS, st.integers(1, 900))
NAMES = st.text(alphabet="abcdefgh_", min_size=1, max_size=8)
CELLS = (
    st.none()
    | LONG_TEXTS
    | st.integers(-(10**20), 10**20)
    | st.decimals(places=3, min_value=-(10**9), max_value=10**9)
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.builds(Level, TEXTS, st.sampled_from(["neutral", "good", "warning", "bad"]))
)
COLUMNS = st.builds(Column, LONG_TEXTS, st.sampled_from(["text", "number", "date", "time", "level"]), st.integers(0, 3))
ACTIONS = st.builds(
    Action,
    LONG_TEXTS,
    command=LABELS,
    style=st.sampled_from(["default", "primary", "danger"]),
    confirm=TEXTS,
    token=NAMES,
)
OPTIONS = st.lists(st.tuples(NAMES, LABELS), max_size=5).map(tuple)
FIELDS = st.builds(
    Field,
    NAMES,
    LABELS,
    st.sampled_from(["text", "number", "date", "select"]),
    st.booleans(),
    LONG_TEXTS,
    OPTIONS,
)
VALUES = st.lists(st.none() | st.floats(-1e9, 1e9), max_size=100).map(tuple)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Up to 60 columns and 200 rows, filled from a handful of cells."""
    columns = draw(st.lists(COLUMNS, max_size=5)) * draw(st.sampled_from([1, 1, 1, 12]))
    cells = draw(st.lists(CELLS, min_size=1, max_size=6))
    count = draw(st.sampled_from([0, 1, 3, 200]))
    rows = [tuple(cells[(row + column) % len(cells)] for column in range(len(columns))) for row in range(count)]
    more = draw(st.sampled_from([0, 7]))
    return Table(tuple(columns), tuple(rows), count + more, draw(st.sampled_from(["", "补货 2"])), draw(TEXTS))


BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, LONG_TEXTS),
    st.builds(Facts, st.lists(st.builds(Fact, LONG_TEXTS, LONG_TEXTS, TEXTS), max_size=5).map(tuple)),
    tables(),
    st.builds(
        Chart,
        TEXTS,
        st.sampled_from(["line", "bar", "area", "band"]),
        st.lists(LABELS, max_size=3).map(tuple),
        st.lists(st.builds(Series, TEXTS, VALUES), max_size=3).map(tuple),
        TEXTS,
    ),
    st.builds(Form, st.lists(FIELDS, max_size=6).map(tuple), ACTIONS),
    st.builds(Note, LONG_TEXTS),
    st.builds(Image, TEXTS, TEXTS),
    st.builds(Link, TEXTS, TEXTS | st.just("https://shop.example/a b?c=(1)")),
    st.builds(Progress, TEXTS, st.integers(-1, 20), st.integers(-1, 10)),
)
CARDS = st.builds(
    Card,
    LONG_TEXTS,
    st.sampled_from(["info", "good", "warning", "bad", "working"]),
    st.lists(BLOCKS, max_size=4).map(tuple),
    st.lists(ACTIONS, max_size=9).map(tuple),
)
