"""Templates, loaded once. Everything put into them is escaped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.channels.chart import chart_svg
from bot.console.card_views import cell_view, web_address
from bot.console.entries import Answered, Entry, Said
from bot.console.guests import Guests
from bot.console.markdown import to_html
from bot.contracts.cards import Block, Chart
from bot.contracts.feature import Words

_TEMPLATES: Final = Path(__file__).parent / "templates"


class Pages:
    """Renders ``templates/*.html``, and those of guests. ``links`` are to pages of features: path and title's key."""

    def __init__(self, guests: Guests | None = None, links: Sequence[tuple[str, str]] = ()) -> None:
        folders = (_TEMPLATES, guests.folder / "templates") if guests else (_TEMPLATES,)
        self._environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            kind=_kind,
            markdown=to_html,
            cell=cell_view,
            chart_svg=_chart,
            web_address=web_address,
        )
        self._environment.globals["page_links"] = (*links, *(guests.links if guests else ()))

    def render(self, template: str, /, **values: Any) -> Markup:
        """The page or fragment as HTML. Raises: jinja2.UndefinedError if the template needs more ``values``."""
        return Markup(self._environment.get_template(template).render(values))


def _kind(value: Block | Entry) -> str:
    return {Said: "said", Answered: "answered"}.get(type(value), type(value).__name__.lower())


def _chart(chart: Chart, words: Words) -> Markup:
    return Markup(chart_svg(chart, words))  # it escapes every text itself
