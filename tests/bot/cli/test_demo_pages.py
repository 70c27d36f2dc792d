"""How the demo's windows read the marks and charts of chat platforms."""

import pytest

from bot.channels.feishu.charts import chart_element
from bot.cli.demo_pages.feishu import chart_of
from bot.cli.demo_pages.marks import from_feishu, from_plain, from_wecom, from_whatsapp
from bot.contracts.cards import Chart, Series


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*店铺* 3 个", "<strong>店铺</strong> 3 个"),
        ("2*3*4", "2*3*4"),
        ("`A-1`", "<code>A-1</code>"),
        ("```a  1\nb  2```", "<pre>a  1\nb  2</pre>"),
        ("<b> & *x*", "&lt;b&gt; &amp; <strong>x</strong>"),
        ("javascript:x", "javascript:x"),
    ],
)
def test_a_phone_shows_marks_and_escapes_the_rest(text: str, html: str) -> None:
    assert from_whatsapp(text) == html


def test_a_phone_makes_addresses_into_links() -> None:
    assert 'href="https://shop.example/a?b=1&amp;c=2"' in from_whatsapp("看 https://shop.example/a?b=1&c=2 吧")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**粗** &#42;", "<strong>粗</strong> *"),
        ("`A-1`", "<code>A-1</code>"),
        ("<font color='grey'>小 &#60;b&#62;</font>", '<span class="ink-grey">小 &lt;b&gt;</span>'),
        ("<script>", "&lt;script&gt;"),
        ("[x](javascript:alert)", "x"),
    ],
)
def test_feishu_shows_its_markdown_and_escapes_the_rest(markdown: str, html: str) -> None:
    assert from_feishu(markdown) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**粗** <b>", "<strong>粗</strong> &lt;b&gt;"),
        ('<font color="warning">**断货**</font>', '<span class="wecom-warning"><strong>断货</strong></span>'),
        ("[x](javascript:alert)", "x"),
        ("<@all>", "&lt;@all&gt;"),
    ],
)
def test_a_robots_group_shows_its_markdown_and_escapes_the_rest(markdown: str, html: str) -> None:
    assert from_wecom(markdown) == html


def test_a_mail_shows_its_text_with_links_only() -> None:
    assert 'href="https://shop.example/a/t"' in from_plain("我来: https://shop.example/a/t")
    assert from_plain("*2* <b>") == "*2* &lt;b&gt;"


@pytest.mark.parametrize("kind", ["line", "area", "bar"])
@pytest.mark.parametrize("labels", [("a", "b", "c"), ("YG-LONG-LABEL-1", "YG-LONG-LABEL-2", "YG-LONG-LABEL-3")])
def test_a_chart_is_read_back_from_its_description(kind: str, labels: tuple[str, ...]) -> None:
    chart = Chart("销量", kind, labels, (Series("US", (1.0, None, 3.5)), Series("JP", (0.0, 2.0, None))))  # type: ignore[arg-type]
    element = chart_element(chart)
    assert element is not None
    assert chart_of(element["chart_spec"]) == chart
