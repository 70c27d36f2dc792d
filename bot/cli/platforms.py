"""The simulated platforms, filled from one seeded world. The only place that starts simulators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.cli.world.lingxing import fill_lingxing
from bot.cli.world.making import make_world
from bot.cli.world.model import World
from bot.contracts.clock import Clock
from integrations.courier import simulator as courier
from integrations.email import simulator as email
from integrations.feishu import simulator as feishu
from integrations.goofish import simulator as goofish
from integrations.http.simulation import Simulator
from integrations.lingxing import simulator as lingxing
from integrations.marketplace import simulator as marketplace
from integrations.sms import simulator as sms
from integrations.wecom import simulator as wecom
from integrations.whatsapp import simulator as whatsapp

SEED = 20261122
PLATFORMS = ("feishu", "lingxing", "whatsapp", "wecom", "sms", "email", "marketplace", "goofish", "courier")
LINGXING_APP_ID = "ak_simulated0000"
LINGXING_APP_SECRET = "simulated-secret"
_SOURCE = marketplace.DEMO_SOURCE.upper()
_BY_LONG_CONNECTION = {"FEISHU_MODE": "long_connection"}
_BY_WEBHOOK = {
    "FEISHU_ENCRYPT_KEY": feishu.DEMO_ENCRYPT_KEY,
    "FEISHU_VERIFICATION_TOKEN": feishu.DEMO_VERIFICATION_TOKEN,
    "FEISHU_MODE": "webhook",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Platforms:
    """Running simulators by platform, and the world that Lingxing tells of."""

    simulators: dict[str, Simulator]
    world: World | None = None

    def settings(self, *, long_connection: bool = False) -> dict[str, str]:
        """The settings that connect the service to them; Feishu's events come to its webhook or over a connection."""
        chosen: dict[str, str] = {}
        if "feishu" in self.simulators:
            chosen |= {
                "FEISHU_APP_ID": feishu.DEMO_APP_ID,
                "FEISHU_APP_SECRET": feishu.DEMO_APP_SECRET,
                "FEISHU_BASE_URL": self.simulators["feishu"].base_url,
                **(_BY_LONG_CONNECTION if long_connection else _BY_WEBHOOK),
            }
        number = self.simulators.get("whatsapp")
        if isinstance(number, whatsapp.WhatsAppSimulator):
            chosen |= {
                "WHATSAPP_ACCESS_TOKEN": whatsapp.DEMO_ACCESS_TOKEN,
                "WHATSAPP_PHONE_NUMBER_ID": whatsapp.DEMO_PHONE_NUMBER_ID,
                "WHATSAPP_APP_SECRET": whatsapp.DEMO_APP_SECRET,
                "WHATSAPP_VERIFY_TOKEN": whatsapp.DEMO_VERIFY_TOKEN,
                "WHATSAPP_BASE_URL": number.api_url,
                "WHATSAPP_TEMPLATE_ALERT": "stock_alert",
                "WHATSAPP_TEMPLATE_NOTICE": "notice",
            }
        if "lingxing" in self.simulators:
            chosen |= {
                "LINGXING_APP_ID": lingxing.DEMO_APP_ID,
                "LINGXING_APP_SECRET": lingxing.DEMO_APP_SECRET,
                "LINGXING_BASE_URL": self.simulators["lingxing"].base_url,
            }
        return chosen | self._settings_of_those_that_only_receive() | self._settings_of_orders()

    def _settings_of_those_that_only_receive(self) -> dict[str, str]:
        chosen: dict[str, str] = {}
        for simulator in self.simulators.values():
            match simulator:
                case wecom.WeComSimulator():
                    chosen["WECOM_ROBOT_URL"] = simulator.robot_url()
                case email.EmailSimulator():
                    chosen |= {"SMTP_URL": simulator.smtp_url, "SMTP_FROM": "掌柜 <zhanggui@example.com>"}
                case sms.SmsSimulator():
                    chosen |= {
                        "SMS_BASE_URL": simulator.base_url,
                        "SMS_ACCESS_KEY": sms.DEMO_ACCESS_KEY,
                        "SMS_SECRET": sms.DEMO_SECRET,
                        "SMS_SENDER": "掌柜",
                    }
        return chosen

    def _settings_of_orders(self) -> dict[str, str]:
        chosen: dict[str, str] = {}
        for simulator in self.simulators.values():
            match simulator:
                case marketplace.MarketplaceSimulator():
                    chosen |= {
                        f"ORDERS_WEBHOOK_SECRET_{_SOURCE}": marketplace.DEMO_SECRET,
                        f"ORDERS_COMMAND_URL_{_SOURCE}": simulator.command_url,
                        f"ORDERS_COMMAND_SECRET_{_SOURCE}": marketplace.DEMO_COMMAND_SECRET,
                    }
                case goofish.GoofishSimulator():
                    chosen |= {
                        "GOOFISH_APP_KEY": goofish.DEMO_APP_KEY,
                        "GOOFISH_APP_SECRET": goofish.DEMO_APP_SECRET,
                        "GOOFISH_BASE_URL": simulator.base_url,
                    }
                case courier.CourierSimulator():
                    chosen |= {
                        "COURIER_BASE_URL": simulator.base_url,
                        "COURIER_ACCESS_KEY": courier.DEMO_ACCESS_KEY,
                        "COURIER_SECRET": courier.DEMO_SECRET,
                    }
        return chosen

    def write_to(self, service_url: str) -> None:
        """Deliver what people write and press in the simulated chats, and orders, to the service at ``service_url``.

        If it is empty, only to open long connections.
        """
        if not service_url:
            return
        for simulator in self.simulators.values():
            if isinstance(simulator, feishu.FeishuSimulator):
                simulator.people.webhook_url = f"{service_url}/webhooks/feishu"
            elif isinstance(simulator, whatsapp.WhatsAppSimulator):
                simulator.people.webhook_url = f"{service_url}/webhooks/whatsapp"
            elif isinstance(simulator, marketplace.MarketplaceSimulator):
                simulator.sender.webhook_url = f"{service_url}/webhooks/orders/{marketplace.DEMO_SOURCE}"
            elif isinstance(simulator, goofish.GoofishSimulator):
                simulator.sender.webhook_url = f"{service_url}/webhooks/goofish"

    async def stop(self) -> None:
        for simulator in self.simulators.values():
            await simulator.stop()


async def start_platforms(
    names: tuple[str, ...],
    clock: Clock,
    *,
    today: date,
    days: int,
    scale: int = 1,
    host: str = "127.0.0.1",
    port: int = 0,
    or_any: bool = False,
) -> Platforms:
    """Start the named simulators on ``port`` and the ports after it (0: free ones).

    With ``or_any``, one whose port is in use takes a free one.
    Raises: ValueError for a host that others could reach; OSError for a port in use.
    """
    simulators: dict[str, Simulator] = {}
    world = make_world(SEED, today, days, scale) if "lingxing" in names else None
    for number, name in enumerate(names):
        simulators[name] = _made(name, clock, world)
        await _listen(simulators[name], host, port + number if port else 0, or_any=or_any)
    return Platforms(simulators=simulators, world=world)


async def _listen(simulator: Simulator, host: str, port: int, *, or_any: bool) -> None:
    try:
        await simulator.start(host, port)
    except OSError:
        await simulator.stop()
        if not or_any:
            raise
        await simulator.start(host)


_BARE: Mapping[str, Callable[[Clock], Simulator]] = {
    "feishu": feishu.FeishuSimulator,
    "whatsapp": whatsapp.WhatsAppSimulator,
    "wecom": wecom.WeComSimulator,
    "sms": sms.SmsSimulator,
    "email": email.EmailSimulator,
    "marketplace": marketplace.MarketplaceSimulator,
    "goofish": goofish.GoofishSimulator,
    "courier": courier.CourierSimulator,
}
"""Those that need no world."""


def _made(name: str, clock: Clock, world: World | None) -> Simulator:
    if name in _BARE:
        return _BARE[name](clock)
    simulator = lingxing.LingxingSimulator(clock)
    if world is not None:
        fill_lingxing(world, simulator)
    return simulator
