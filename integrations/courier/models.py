"""A parcel and its number, in the words of the courier interface."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets the parcel: personal data, never logged."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is sent for one order, by which company."""

    order_id: str
    company: str
    recipient: Recipient
    title: str = ""
    quantity: int = 1
    weight_grams: int | None = None


class Waybill(BaseModel):
    """A number that belongs to one parcel."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    waybill_no: str = Field(pattern=r"^[A-Za-z0-9-]{4,40}$")
    company: str = Field(min_length=1, max_length=40)
