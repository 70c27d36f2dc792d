"""Facts about marketplaces: whose clock closes a sales day, and which money is paid."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marketplace:
    """``time_zone`` is an IANA name, ``currency`` an ISO 4217 code."""

    country_code: str
    time_zone: str
    currency: str


LAST_TIME_ZONE = "Etc/GMT+12"
"""Where a day ends last on earth: for a marketplace whose time zone is not known."""

MARKETPLACES = {
    "ATVPDKIKX0DER": Marketplace("US", "America/Los_Angeles", "USD"),
    "A2EUQ1WTGCTBG2": Marketplace("CA", "America/Los_Angeles", "CAD"),
    "A1AM78C64UM0Y8": Marketplace("MX", "America/Los_Angeles", "MXN"),
    "A2Q3Y263D00KWC": Marketplace("BR", "America/Sao_Paulo", "BRL"),
    "A1F83G8C2ARO7P": Marketplace("GB", "Europe/London", "GBP"),
    "A1PA6795UKMFR9": Marketplace("DE", "Europe/Berlin", "EUR"),
    "A13V1IB3VIYZZH": Marketplace("FR", "Europe/Paris", "EUR"),
    "APJ6JRA9NG5V4": Marketplace("IT", "Europe/Rome", "EUR"),
    "A1RKKUPIHCS9HS": Marketplace("ES", "Europe/Madrid", "EUR"),
    "A1805IZSGTT6HS": Marketplace("NL", "Europe/Amsterdam", "EUR"),
    "A2NODRKZP88ZB9": Marketplace("SE", "Europe/Stockholm", "SEK"),
    "A1C3SOZRARQ6R3": Marketplace("PL", "Europe/Warsaw", "PLN"),
    "AMEN7PMS3EDWL": Marketplace("BE", "Europe/Brussels", "EUR"),
    "A28R8C7NBKEWEA": Marketplace("IE", "Europe/Dublin", "EUR"),
    "A33AVAJ2PDY3EV": Marketplace("TR", "Europe/Istanbul", "TRY"),
    "A17E79C6D8DWNP": Marketplace("SA", "Asia/Riyadh", "SAR"),
    "A2VIGQ35RCS4UG": Marketplace("AE", "Asia/Dubai", "AED"),
    "ARBP9OOSHTCHU": Marketplace("EG", "Africa/Cairo", "EGP"),
    "AE08WJ6YKNBMC": Marketplace("ZA", "Africa/Johannesburg", "ZAR"),
    "A21TJRUUN4KGV": Marketplace("IN", "Asia/Kolkata", "INR"),
    "A1VC38T7YXB528": Marketplace("JP", "Asia/Tokyo", "JPY"),
    "A39IBJ37TRP1C6": Marketplace("AU", "Australia/Sydney", "AUD"),
    "A19VAU5U5O7RUS": Marketplace("SG", "Asia/Singapore", "SGD"),
}
"""By Amazon's marketplace id. The time zones are those that seller reports close their days in; for North America
that is Pacific time."""
