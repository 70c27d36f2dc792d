"""The stores, their authorisation, and how fresh their data is."""

from functools import partial

from bot.contracts.feature import Command, Feature
from handlers.stores.commands import StoresResult, show_stores
from handlers.stores.ports import StoresDeps


def feature(deps: StoresDeps) -> Feature:
    """The command 店铺."""
    show = Command(names=("店铺", "stores", "dp"), run=partial(show_stores, deps=deps), result=StoresResult)
    return Feature(name="stores", commands=(show,))
