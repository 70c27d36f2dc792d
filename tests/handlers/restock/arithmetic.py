"""Computes the formulas that cards show, with nothing but what they show."""

import ast
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil

_PYTHON = str.maketrans({"×": "*", "÷": "/", "−": "-", ",": ""})


def compute(formula: str) -> Fraction:
    """The value of ``formula``: sums, products, quotients, percent, ``max(a, b)`` and ⌈rounding up⌉.

    Raises: ValueError for anything else.
    """
    bounded = formula.replace("max(0, ", "_least_0(").replace("max(⌈", "_larger(⌈").replace("⌉, ⌈", "⌉; ⌈")
    text = bounded.translate(_PYTHON).replace(";", ",").replace("⌈", "_up(").replace("⌉", ")")
    text = re.sub(r"([\d.]+)%", r"(\1 / 100)", text)
    return _value(ast.parse(text, mode="eval").body, text)


def rounded(value: Fraction, like: str) -> Decimal:
    """``value`` half up to as many decimals as the shown number ``like`` has."""
    places = len(like.partition(".")[2])
    scaled = Decimal(value.numerator * 10**places) / Decimal(value.denominator)
    return scaled.to_integral_value(ROUND_HALF_UP).scaleb(-places)


def _value(node: ast.expr, text: str) -> Fraction:
    match node:
        case ast.Constant():
            return Fraction(ast.get_source_segment(text, node) or "")
        case ast.BinOp(left, ast.Add(), right):
            return _value(left, text) + _value(right, text)
        case ast.BinOp(left, ast.Sub(), right):
            return _value(left, text) - _value(right, text)
        case ast.BinOp(left, ast.Mult(), right):
            return _value(left, text) * _value(right, text)
        case ast.BinOp(left, ast.Div(), right):
            return _value(left, text) / _value(right, text)
        case ast.Call(ast.Name(name), arguments):
            values = [_value(argument, text) for argument in arguments]
            return {"_up": lambda: Fraction(ceil(values[0])), "_least_0": lambda: max(Fraction(0), values[0])}.get(
                name, lambda: max(values)
            )()
        case _:
            raise ValueError(text)
