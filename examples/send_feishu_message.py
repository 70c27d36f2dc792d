"""Write to a running demo as somebody would in Feishu: encrypted, signed, over HTTP; then show what the bot answered.

    python examples/send_feishu_message.py 店铺

The answer is what the demo's simulated Feishu recorded. Only the standard library and cryptography are used for the
message itself, so this file also shows what a genuine delivery looks like.
"""

# ruff: noqa: T201 -- a script talks to its terminal
import argparse
import base64
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

PATIENCE_SECONDS = 20


def main() -> int:
    """Send one message; 0 if it was taken and answered."""
    wanted = arguments()
    message_id = f"om_example_{os.urandom(6).hex()}@{wanted.chat}"
    try:
        status = deliver(wanted, envelope(wanted, message_id))
        print(f"POST {wanted.url} -> {status}")
        answer = final_answer(wanted.simulator, message_id) if status == 200 else []
    except (URLError, TimeoutError) as error:
        print(f"nothing is listening: {error}", file=sys.stderr)
        return 1
    if not answer:
        print("no answer was recorded", file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return 0


def arguments() -> argparse.Namespace:
    """What to write, as whom, and where the demo is."""
    parser = argparse.ArgumentParser(description="Send a signed Feishu message to a running demo.")
    parser.add_argument("text", help="what to write, such as 店铺")
    parser.add_argument("--url", default="http://127.0.0.1:8080/webhooks/feishu")
    parser.add_argument("--simulator", default="http://127.0.0.1:9100", help="address of the simulated Feishu")
    parser.add_argument("--encrypt-key", default="demo-encrypt-key")
    parser.add_argument("--token", default="demo-verification-token", help="the Verification Token")
    parser.add_argument("--app-id", default="cli_demo_zhanggui")
    parser.add_argument("--sender", default="ou_demo_admin", help="open_id of the person who writes")
    parser.add_argument("--chat", default="oc_demo_private", help="the private chat in which it is written")
    return parser.parse_args()


def envelope(wanted: argparse.Namespace, message_id: str) -> dict[str, Any]:
    """The event as Feishu describes it, schema 2.0."""
    milliseconds = str(time.time_ns() // 1_000_000)
    header = {
        "event_id": f"ev_{message_id}",
        "token": wanted.token,
        "create_time": milliseconds,
        "event_type": "im.message.receive_v1",
        "tenant_key": "example",
        "app_id": wanted.app_id,
    }
    message = {
        "message_id": message_id,
        "create_time": milliseconds,
        "chat_id": wanted.chat,
        "chat_type": "p2p",
        "message_type": "text",
        "content": json.dumps({"text": wanted.text}),
    }
    sender = {"sender_id": {"open_id": wanted.sender}, "sender_type": "user", "tenant_key": "example"}
    return {"schema": "2.0", "header": header, "event": {"sender": sender, "message": message}}


def deliver(wanted: argparse.Namespace, event: Mapping[str, Any]) -> int:
    """Encrypt, sign and post the event; returns the HTTP status."""
    key, iv = hashlib.sha256(wanted.encrypt_key.encode()).digest(), os.urandom(16)
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(key), CBC(iv)).encryptor()
    padded = padder.update(json.dumps(event).encode()) + padder.finalize()
    sealed = iv + encryptor.update(padded) + encryptor.finalize()
    body = json.dumps({"encrypt": base64.b64encode(sealed).decode()}).encode()
    timestamp, nonce = str(int(time.time())), os.urandom(8).hex()
    signature = hashlib.sha256((timestamp + nonce + wanted.encrypt_key).encode() + body).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Lark-Request-Timestamp": timestamp,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": signature,
    }
    try:
        with urlopen(Request(wanted.url, data=body, headers=headers), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def final_answer(simulator: str, message_id: str) -> list[dict[str, Any]]:
    """What was sent in answer to our message, as it reads when nothing of it says "working" any more."""
    address = f"{simulator}/_control/messages?parent_id={quote(message_id, safe='')}"
    for _ in range(PATIENCE_SECONDS * 5):
        with urlopen(address, timeout=10) as recorded:
            sent = [shown(message) for message in json.load(recorded)["messages"]]
        if sent and not any(is_working(message["content"]) for message in sent):
            return sent
        time.sleep(0.2)
    return []


def shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded message with the content that its last edit gave it."""
    latest = message["edits"][-1] if message["edits"] else message
    return {**message, "content": json.loads(latest["content"])}


def is_working(content: Mapping[str, Any]) -> bool:
    """True for a card that will be replaced: its header is pale blue."""
    return bool(content.get("header", {}).get("template") == "wathet")


if __name__ == "__main__":
    sys.exit(main())
