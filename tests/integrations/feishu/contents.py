"""Messages to send."""

import orjson

from integrations.feishu.client import Content


def a_text(uuid: str = "m1", text: str = "库存不足") -> Content:
    return Content(kind="text", body=orjson.dumps({"text": text}).decode(), uuid=uuid)


def a_card(uuid: str = "c1", title: str = "店铺", **changes: object) -> Content:
    """A card; ``changes`` replace its parts."""
    card: dict[str, object] = {
        "schema": "2.0",
        "header": {"title": {"tag": "plain_text", "content": title}},
        "body": {"elements": [{"tag": "markdown", "content": "**3** 家"}]},
    }
    return Content(kind="interactive", body=orjson.dumps(card | changes).decode(), uuid=uuid)
