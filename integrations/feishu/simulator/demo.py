"""The invented app that the demo, the simulator and the example sender agree on. None of it is a secret."""

from dataclasses import dataclass

DEMO_APP_ID = "cli_demo_zhanggui"
DEMO_APP_SECRET = "demo-app-secret"
DEMO_ENCRYPT_KEY = "demo-encrypt-key"
DEMO_VERIFICATION_TOKEN = "demo-verification-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app's credentials and its bot, and where and who people are if they do not say."""

    app_id: str = DEMO_APP_ID
    app_secret: str = DEMO_APP_SECRET
    encrypt_key: str = DEMO_ENCRYPT_KEY
    verification_token: str = DEMO_VERIFICATION_TOKEN
    bot_open_id: str = "ou_demo_bot"
    person_open_id: str = "ou_demo_admin"
    private_chat_id: str = "oc_demo_private"
    group_chat_id: str = "oc_demo_team"
