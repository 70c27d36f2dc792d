"""A stand-in for Lingxing's open interface on loopback."""

from integrations.lingxing.simulator.rows import Order, Product, Sale, Seller, Suggestion
from integrations.lingxing.simulator.server import DEMO_APP_ID, DEMO_APP_SECRET, LingxingSimulator
from integrations.lingxing.simulator.stock import Stock

__all__ = [
    "DEMO_APP_ID",
    "DEMO_APP_SECRET",
    "LingxingSimulator",
    "Order",
    "Product",
    "Sale",
    "Seller",
    "Stock",
    "Suggestion",
]
