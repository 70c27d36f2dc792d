"""What Prometheus may read. One registry per process, made in ``bot.app``."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class Metrics:
    """Counters and timings of the machine."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        r = self._registry
        self.events = Counter("zhanggui_events", "Inbound events", ("channel", "outcome"), registry=r)
        self.inbox_lag = Gauge("zhanggui_inbox_lag_seconds", "Age of the oldest event that waits", registry=r)
        self.outbox_pending = Gauge("zhanggui_outbox_pending", "Messages not yet accepted", ("channel",), registry=r)
        self.matters_open = Gauge("zhanggui_matters_open", "Matters not settled yet", ("kind",), registry=r)
        self.delivery = Histogram(
            "zhanggui_message_delivery_seconds",
            "From stored to a delivery state",
            ("channel", "state"),
            buckets=_SECONDS,
            registry=r,
        )
        self.commands = Histogram(
            "zhanggui_command_seconds", "Running a command", ("command", "outcome"), buckets=_SECONDS, registry=r
        )
        self.jobs = Histogram("zhanggui_job_seconds", "Running a job", ("job", "outcome"), buckets=_SECONDS, registry=r)
        self.platform_requests = Counter(
            "zhanggui_platform_requests", "Requests to platforms", ("platform", "operation", "outcome"), registry=r
        )
        self.platform_seconds = Histogram(
            "zhanggui_platform_seconds", "Time of platform requests", ("platform",), buckets=_SECONDS, registry=r
        )
        self.refused_cards = Counter("zhanggui_refused_cards", "Cards sent as plain text", ("channel",), registry=r)
        self.long_connection_up = Gauge(
            "zhanggui_long_connection_up", "1 while Feishu's long connection is open", registry=r
        )
        self.long_connection_ends = Counter(
            "zhanggui_long_connection_ends", "Child processes that ended, by reason", ("reason",), registry=r
        )

        self._event_counters: dict[tuple[str, str], Counter] = {}

    def count_event(self, channel: str, outcome: str) -> None:
        """One more inbound event. (Looking labels up costs more than counting.)"""
        counter = self._event_counters.get((channel, outcome))
        if counter is None:
            counter = self._event_counters[channel, outcome] = self.events.labels(channel, outcome)
        counter.inc()

    def observe_job(self, task: str, outcome: str, seconds: float) -> None:
        self.jobs.labels(task, outcome).observe(seconds)

    def observe_request(self, platform: str, operation: str, outcome: str, seconds: float) -> None:
        self.platform_requests.labels(platform, operation, outcome).inc()
        self.platform_seconds.labels(platform).observe(seconds)

    def render(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self._registry)
