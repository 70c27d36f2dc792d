"""The invented number that the demo and the simulator agree on. None of it is a secret."""

from dataclasses import dataclass

DEMO_ACCESS_TOKEN = "demo-access-token"
DEMO_APP_SECRET = "demo-app-secret"
DEMO_PHONE_NUMBER_ID = "555001"
DEMO_VERIFY_TOKEN = "demo-verify-token"
API_VERSION = "v25.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One business number's credentials, and who writes to it if nobody is named."""

    access_token: str = DEMO_ACCESS_TOKEN
    app_secret: str = DEMO_APP_SECRET
    verify_token: str = DEMO_VERIFY_TOKEN
    phone_number_id: str = DEMO_PHONE_NUMBER_ID
    account_id: str = "100200300"
    display_phone_number: str = "447700900001"
    person_id: str = "447700900100"
    person_name: str = "林掌柜"
