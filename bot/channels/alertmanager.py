"""Prometheus Alertmanager's webhook, version 4: each delivery is one group of alerts, firing or resolved.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.json_body import read_at_most
from bot.contracts.clock import Clock
from bot.contracts.feature import Payload
from bot.contracts.secret import Secret
from bot.metrics import Metrics
from storage.database import Database

PATH = "/webhooks/alertmanager"
_LONGEST_BODY = 1024 * 1024
_LONGEST_TEXT = 300
_RETRY_AFTER = {"Retry-After": "5"}

_log = structlog.get_logger("alertmanager")

Status = Literal["firing", "resolved"]
Labels = dict[str, str]


class _Alert(BaseModel):
    status: Status
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)


class _Group(BaseModel):
    version: Literal["4"]
    group_key: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(alias="groupKey")
    status: Status
    group_labels: Labels = Field(default_factory=dict, alias="groupLabels")
    common_labels: Labels = Field(default_factory=dict, alias="commonLabels")
    common_annotations: Labels = Field(default_factory=dict, alias="commonAnnotations")
    alerts: list[_Alert]


def alertmanager_routes(
    token: Secret | None, database: Database, clock: Clock, metrics: Metrics, *, task: str
) -> list[web.RouteDef]:
    """Where it may post, if there is a token."""
    if token is None:
        return []
    return [web.post(PATH, AlertmanagerWebhook(token, database, clock, metrics, task=task).handle)]


class AlertmanagerWebhook:
    """Takes a group, once its job is on disk. ``task`` handles ``{"cause", "status", "is_urgent", "details"}``."""

    def __init__(self, token: Secret, database: Database, clock: Clock, metrics: Metrics, *, task: str) -> None:
        self._token = token
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._task = task

    async def handle(self, request: web.Request) -> web.Response:
        """401 for a wrong token, 413, 415 and 400 for what is no group of alerts, 503 if it cannot be stored."""
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token.reveal()}".encode()):
            return self._refused(401, "token")
        if request.content_type != "application/json":
            return self._refused(415, "wrong_type")
        body = await read_at_most(request, _LONGEST_BODY)
        if len(body) > _LONGEST_BODY:
            return self._refused(413, "too_long")
        try:
            payload = _payload(_Group.model_validate_json(body))
        except ValidationError:
            return self._refused(400, "unreadable")
        try:
            await self._store(payload, hashlib.sha256(body).hexdigest())
        except (SQLAlchemyError, OSError) as error:
            _log.error("event_not_stored", channel="alertmanager", error=type(error).__name__)
            return web.Response(status=503, headers=_RETRY_AFTER)
        self._metrics.count_event("alertmanager", "stored")
        return web.Response()

    async def _store(self, payload: Payload, digest: str) -> None:
        """Once an hour: a group that goes on is repeated word for word, and counts again once a silence has ended."""
        digest = f"{self._clock.now():%Y%m%d%H}:{digest}"
        async with self._database.begin() as tx:
            await tx.submit(self._task, payload, key=f"alertmanager:{digest}", lane="alertmanager")

    def _refused(self, status: int, reason: str) -> web.Response:
        self._metrics.count_event("alertmanager", f"refused_{reason}")
        return web.Response(status=status)


def _payload(group: _Group) -> Payload:
    firing = [alert for alert in group.alerts if alert.status == "firing"]
    labels = {**group.common_labels, **group.group_labels}
    details = {
        "name": _short(labels.get("alertname", "") or "Alertmanager"),
        "summary": _short(_summary(group, firing or group.alerts)),
        "labels": _short(", ".join(f"{name}={value}" for name, value in sorted(labels.items()))),
    }
    cause = hashlib.sha256(group.group_key.encode()).hexdigest()[:16]
    is_urgent = any(alert.labels.get("severity") == "critical" for alert in firing)
    return {"cause": cause, "status": group.status, "is_urgent": is_urgent, "details": {**details}}


def _summary(group: _Group, alerts: list[_Alert]) -> str:
    told = [_told({**group.common_annotations, **alert.annotations}) for alert in alerts]
    return "; ".join(dict.fromkeys(text for text in told if text)) or f"{len(alerts)}"


def _told(annotations: Mapping[str, str]) -> str:
    return annotations.get("summary") or annotations.get("description") or ""


def _short(text: str) -> str:
    shown = text.encode(errors="replace").decode().replace("\0", "\ufffd")
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[: _LONGEST_TEXT - 1]}…"
