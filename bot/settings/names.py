"""Every setting there is. `.env.example` and the README's table are compared with this list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable with a valid example. A secret one may also come from the file ``<name>_FILE``.

    A name that ends in an underscore stands for all that begin with it: one per source of orders.
    """

    name: str
    example: str
    secret: bool = False

    @property
    def is_family(self) -> bool:
        return self.name.endswith("_")


SETTINGS = (
    Setting("DATABASE_URL", "sqlite+aiosqlite:///data/zhanggui.db", secret=True),
    Setting("ZHANGGUI_HOST", "127.0.0.1"),
    Setting("ZHANGGUI_PORT", "8080"),
    Setting("ZHANGGUI_PUBLIC_URL", "https://zhanggui.example.com"),
    Setting("ZHANGGUI_DATA_DIR", "data"),
    Setting("ZHANGGUI_SECRET_KEY", "the output of: openssl rand -base64 32 | tr +/ -_", secret=True),
    Setting("ZHANGGUI_TIMEZONE", "Asia/Shanghai"),
    Setting("ZHANGGUI_LANGUAGE", "zh"),
    Setting("LOG_LEVEL", "INFO"),
    Setting("LOG_FORMAT", "console"),
    Setting("FEISHU_APP_ID", "cli_a1b2c3d4e5f6a7b8"),
    Setting("FEISHU_APP_SECRET", "32 letters and digits from the app's credentials page", secret=True),
    Setting("FEISHU_ENCRYPT_KEY", "the Encrypt Key from the app's event settings", secret=True),
    Setting("FEISHU_VERIFICATION_TOKEN", "the Verification Token from the app's event settings", secret=True),
    Setting("FEISHU_BASE_URL", "https://open.feishu.cn"),
    Setting("FEISHU_MODE", "long_connection"),
    Setting("WHATSAPP_ACCESS_TOKEN", "a system user's token from the business settings", secret=True),
    Setting("WHATSAPP_PHONE_NUMBER_ID", "106540352242922"),
    Setting("WHATSAPP_APP_SECRET", "32 letters and digits from the app's basic settings", secret=True),
    Setting("WHATSAPP_VERIFY_TOKEN", "a long random word of your own", secret=True),
    Setting("WHATSAPP_BASE_URL", "https://graph.facebook.com/v25.0"),
    Setting("WHATSAPP_TEMPLATE_ALERT", "stock_alert:zh_CN"),
    Setting("WHATSAPP_TEMPLATE_NOTICE", "notice"),
    Setting("LINGXING_APP_ID", "ak_0123456789abc"),
    Setting("LINGXING_APP_SECRET", "the appSecret from Lingxing's open interface page", secret=True),
    Setting("LINGXING_BASE_URL", "https://openapi.lingxing.com"),
    Setting("SMTP_URL", "smtp://USER:PASSWORD@smtp.example.com:587", secret=True),
    Setting("SMTP_FROM", "Zhanggui <zhanggui@example.com>"),
    Setting("WECOM_ROBOT_URL", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY", secret=True),
    Setting("SMS_BASE_URL", "https://sms.example.com"),
    Setting("SMS_ACCESS_KEY", "the id of a key of the SMS provider"),
    Setting("SMS_SECRET", "the secret of that key", secret=True),
    Setting("SMS_SENDER", "Zhanggui"),
    Setting("ORDERS_WEBHOOK_SECRET_", "whsec_ and the output of: openssl rand -base64 32", secret=True),
    Setting("ORDERS_COMMAND_URL_", "https://bridge.example.com/commands"),
    Setting("ORDERS_COMMAND_SECRET_", "whsec_ and the output of: openssl rand -base64 32", secret=True),
    Setting("GOOFISH_APP_KEY", "800000000001"),
    Setting("GOOFISH_APP_SECRET", "the AppSecret from the open platform's console", secret=True),
    Setting("GOOFISH_SELLER_ID", "4242"),
    Setting("GOOFISH_BASE_URL", "https://open.goofish.pro"),
    Setting("COURIER_BASE_URL", "https://courier.example.com"),
    Setting("COURIER_ACCESS_KEY", "the id of a key of the courier interface"),
    Setting("COURIER_SECRET", "the secret of that key", secret=True),
    Setting("ALERTMANAGER_TOKEN", "a long random word of your own", secret=True),
    Setting("ENABLE_PROXY", "true"),
    Setting("PROXY_PROTOCOL", "http"),
    Setting("PROXY_HOST", "relay.example.com"),
    Setting("PROXY_PORT", "3128"),
    Setting("PROXY_TIMEOUT", "30"),
    Setting("PROXY_USERNAME", "zhanggui"),
    Setting("PROXY_PASSWORD", "the relay's password", secret=True),
    Setting("PROXY_FALLBACK_URL", "http://second-relay.example.com:3128", secret=True),
    Setting("PROXY_ALLOW_DIRECT", "false"),
)


def setting_of(name: str) -> Setting | None:
    """The setting that ``name`` sets, None if there is none."""
    for setting in SETTINGS:
        is_member = setting.is_family and name.startswith(setting.name) and len(name) > len(setting.name)
        if name == setting.name or is_member:
            return setting
    return None
