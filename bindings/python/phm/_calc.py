"""Clinical logic: published formulas, notations of doses, units, trends. Pure functions; no vault is needed."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import _phm
from ._errors import Invalid
from ._json import dumps, loads
from ._table import Column

__all__ = [
    "calculate",
    "calculate_columns",
    "calculators",
    "columns",
    "convert",
    "normalise_unit",
    "parse_dose",
    "statistics",
]


def calculators() -> list[dict[str, Any]]:
    """Every calculator: `{"name", "inputs", "formula", "unit", "year", "source", "validity"}`.

    >>> any(one["name"] == "ckd-epi-2021" for one in phm.calculators())
    True
    """
    answer: list[dict[str, Any]] = loads(_phm.call("calculators", "{}"))
    return answer


def _input(value: Any) -> Any:
    """A quantity from `(value, unit)`; everything else as it is."""
    if isinstance(value, tuple) and len(value) == 2:
        number, unit = value
        if isinstance(number, bool) or not isinstance(number, (str, int, float, decimal.Decimal)):
            raise Invalid("the first part of a quantity is a number", "wrong-type")
        return {"value": _decimal(number), "unit": unit}
    return value


def _decimal(number: str | float | decimal.Decimal) -> str:
    if isinstance(number, str):
        return number
    return format(decimal.Decimal(repr(number) if isinstance(number, float) else number), "f")


def calculate(name: str, **inputs: Any) -> dict[str, Any]:
    """Runs a calculator.

    Args:
        name: for example `ckd-epi-2021`; `calculators` lists them.
        **inputs: by name; a quantity as `(value, unit)` or `{"value", "unit"}`, a choice as text, a flag as bool.

    Returns:
        `{"name", "applicable", "reason"?, "value", "unit", "formula", "year", "source", "inputs"}`. Where the formula does
        not apply there is a reason and no number.

    Raises:
        NotFound: there is no calculator of this name.
        Invalid: an input is missing, unknown, of another type, or only plausible in another unit; it is never guessed.

    >>> phm.calculate("ckd-epi-2021", creatinine=("1.0", "mg/dL"), age=(50, "a"), sex="female")["shown"]
    '69'
    """
    given = {key: _input(value) for key, value in inputs.items()}
    answer: dict[str, Any] = loads(_phm.call("calculate", dumps({"name": name, "inputs": given})))
    return answer


def calculate_columns(name: str, **inputs: Any) -> dict[str, list[Any]]:
    """Runs a calculator on columns, row by row.

    Args:
        name: the calculator.
        **inputs: columns of one length: any sequence, for quantities as `(column, unit)`. A text, a flag and a quantity
            whose number is no sequence stand for every row.

    Returns:
        `{"value", "applicable", "reason"}`, a list each. A row with a missing (`None`, NaN) or refused input has no value,
        and the code of the refusal as its reason: one bad row does not lose the others.

    >>> answer = phm.calculate_columns("bmi", weight=([70, 80], "kg"), height=(175, "cm"))
    >>> [round(value, 1) for value in answer["value"]]
    [22.9, 26.1]
    """
    many: dict[str, Sequence[Any]] = {}
    units: dict[str, str] = {}
    same: dict[str, Any] = {}
    for key, given in inputs.items():
        if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str) and _is_column(given[0]):
            many[key], units[key] = list(given[0]), given[1]
        elif _is_column(given):
            many[key] = list(given)
        else:
            same[key] = _input(given)
    rows = {len(column) for column in many.values()}
    if len(rows) != 1:
        raise Invalid("give at least one column, and all columns of one length", "wrong-length")
    out: dict[str, list[Any]] = {"value": [], "applicable": [], "reason": []}
    for row in range(rows.pop()):
        value: float | None = None
        applicable, reason = False, None
        try:
            one = {key: _cell(column[row], units.get(key)) for key, column in many.items()}
            answer = calculate(name, **one, **same)
            applicable, reason, value = answer["applicable"], answer.get("reason"), answer["value"]
            value = None if value is None else float(value)
        except Invalid as refused:
            reason = refused.details[0][1] if refused.details else refused.code
        out["value"].append(value)
        out["applicable"].append(applicable)
        out["reason"].append(reason)
    return out


def _is_column(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping, tuple))


def _cell(value: Any, unit: str | None) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        raise Invalid("a value is missing", "required")
    return value if unit is None else (value, unit)


def parse_dose(text: str) -> dict[str, Any]:
    """What a prescriber's notation means: the `frequency` and `duration` of a medication, or `{"understood": False}`.

    >>> phm.parse_dose("1-0-1")["frequency"]["times"]
    2
    """
    answer: dict[str, Any] = loads(_phm.call("parse_dose", dumps({"text": text})))
    return answer


def convert(value: str | float | decimal.Decimal, unit: str, to: str, *, test: str | None = None) -> dict[str, Any]:
    """Brings an amount into another unit: `{"value", "unit", "original"}`.

    Args:
        value: the number.
        unit: its unit in UCUM.
        to: the unit it is to have.
        test: the laboratory test it belongs to, whose molar mass is needed between mass and substance.

    Raises:
        Invalid: the units do not meet, or a molar mass is missing.

    >>> phm.convert("5.5", "mmol/L", "mg/dL", test="glucose")["value"]
    '99.09'
    """
    args: dict[str, Any] = {"quantity": {"value": _decimal(value), "unit": unit}, "to": to}
    if test is not None:
        args["test"] = test
    answer: dict[str, Any] = loads(_phm.call("convert", dumps(args)))
    return answer


def normalise_unit(text: str) -> str:
    """A unit as it is usually written, in UCUM.

    Raises:
        Invalid: it is no unit.
    """
    answer: str = loads(_phm.call("normalise_unit", dumps({"text": text})))
    return answer


def statistics(times: Iterable[Any], values: Iterable[float | None]) -> dict[str, Any] | None:
    """What two columns come to: count, least, most, mean, deviation, change in a year and its direction.

    Args:
        times: milliseconds since 1970 in UTC, or moments with a time zone.
        values: numbers; those that are missing or not finite do not count.

    Returns:
        `None` without values.
    """
    pairs = [(_millis(at), float(value)) for at, value in zip(times, values, strict=True) if value is not None]
    pairs = [(at, value) for at, value in pairs if value - value == 0.0]
    args = {"times": [at for at, _ in pairs], "values": [value for _, value in pairs]}
    answer: dict[str, Any] | None = loads(_phm.call("statistics", dumps(args)))
    return answer


def _millis(at: Any) -> int:
    at = at.item() if hasattr(at, "item") else at
    if hasattr(at, "timestamp"):
        if at.tzinfo is None:
            raise Invalid("a moment needs a time zone, for example datetime.timezone.utc", "invalid-instant")
        return int(round(at.timestamp() * 1000))
    return int(at)


def columns(kind: str) -> list[Column]:
    """The columns a table of `kind` has, or one of `samples`: name, type, unit, meaning."""
    return [Column(*about) for about in _phm.columns_of(kind)]
