"""Clinical logic: published formulas, notations of doses, units, trends. Pure functions; no vault is needed."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import _phm
from ._errors import Invalid, NotFound
from ._json import dumps, loads
from ._table import Column

__all__ = [
    "calculate",
    "calculate_columns",
    "calculators",
    "call",
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


def _plain(value: Any) -> Any:
    """A scalar of numpy, pandas or pyarrow as one of Python's own, and `None` for each of their ways to have no value."""
    # Moments and spans of numpy would become numbers of a unit that nobody sees.
    if hasattr(value, "__len__") or type(value).__name__ in ("datetime64", "timedelta64"):
        return value
    for own in ("as_py", "item"):
        if hasattr(value, own):
            value = getattr(value, own)()
    # NaN and NaT differ from themselves; NA of pandas says neither yes nor no when it is asked.
    return None if type(value).__name__ == "NAType" or value != value else value


def _input(value: Any) -> Any:
    """A quantity from `(value, unit)`; everything else as it is."""
    if isinstance(value, tuple) and len(value) == 2:
        number, unit = value
        return {"value": _decimal(number), "unit": unit}
    return value if _is_column(value) else _plain(value)


def _decimal(number: Any) -> str:
    number = None if _is_column(number) else _plain(number)
    if isinstance(number, str):
        return number
    if isinstance(number, bool) or not isinstance(number, (int, float, decimal.Decimal)):
        raise Invalid("an amount is one number: an int, a float, a Decimal or a text", "wrong-type")
    return format(decimal.Decimal(repr(number) if isinstance(number, float) else number), "f")


def calculate(name: str, **inputs: Any) -> dict[str, Any]:
    """Runs a calculator.

    Args:
        name: for example `ckd-epi-2021`; `calculators` lists them.
        **inputs: by name; a quantity as `(value, unit)` or `{"value", "unit"}`, a choice as text, a flag as bool. Scalars of
            numpy, pandas and pyarrow count as those of Python.

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
        **inputs: columns of one length: a list, or a column of numpy, pandas, polars or pyarrow; for quantities as
            `(column, unit)`. A text, a flag and a quantity whose number is no column stand for every row.

    Returns:
        `{"value", "applicable", "reason"}`, a list each. A row with a missing (`None`, NaN, NA) or refused input has no
        value, and the code of the refusal as its reason: one bad row does not lose the others.

    Raises:
        NotFound: there is no calculator of this name.
        Invalid: the columns are not of one length, or an input is unknown or was not given at all.

    >>> answer = phm.calculate_columns("bmi", weight=([70, 80], "kg"), height=(175, "cm"))
    >>> [round(value, 1) for value in answer["value"]]
    [22.9, 26.1]
    """
    _named(name, inputs)
    many: dict[str, Sequence[Any]] = {}
    units: dict[str, str] = {}
    same: dict[str, Any] = {}
    for key, given in inputs.items():
        pair = isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str)
        if pair and (isinstance(given[0], tuple) or _is_column(given[0])):
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


def _named(name: str, inputs: Mapping[str, Any]) -> None:
    """Refuses inputs by other names than the calculator's: that is a mistake of the call, not of one of its rows."""
    asked = next((one["inputs"] for one in calculators() if one["name"] == name), None)
    if asked is None:
        raise NotFound("there is no such calculator", "not-found")
    known = {one["name"] for one in asked}
    wrong = [(f"/inputs/{key}", "unknown-field") for key in inputs if key not in known]
    wrong += [(f"/inputs/{one['name']}", "required") for one in asked if one["required"] and one["name"] not in inputs]
    if wrong:
        raise Invalid("the input breaks a rule; see the details", "invalid", wrong)


def _cell(value: Any, unit: str | None) -> Any:
    value = _plain(value)
    if value is None:
        raise Invalid("a value is missing", "required")
    return value if unit is None else (value, unit)


def call(op: str, /, **args: Any) -> Any:
    """Does one of the operations that need no vault by its name, with the arguments of the scenario vectors.

    Beside those that have a function of their own there are `recognise_test`, `evaluate_result`, `is_loinc`,
    `resolve_medicine`, `same_substance`, `schedule`, `supply`, `daily_sums`, `trend`, `home_average`, `overdue_tests`,
    `overdue_immunizations`, `visit_figures` and `visit_summary`. Source: `phm-core/src/analytics/ops`, which says what each
    of them takes.

    Raises:
        NotFound: there is no operation of this name.
        Invalid: an argument is missing or of another type.

    >>> phm.call("is_loinc", code="4548-4")
    True
    """
    return loads(_phm.call(op, dumps(args)))


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


def statistics(times: Iterable[Any], values: Iterable[Any]) -> dict[str, Any] | None:
    """What two columns come to: count, least, most, mean, deviation, change in a year and its direction.

    Args:
        times: milliseconds since 1970 in UTC, or moments with a time zone.
        values: numbers, or decimals as texts; those that are missing or not finite do not count.

    Returns:
        `None` without values.

    Raises:
        Invalid: the columns are not of one length, a moment has no time zone (those of numpy never have), or something is
            no moment or no number.
    """
    moments, numbers = list(times), [_number(value) for value in values]
    if len(moments) != len(numbers):
        raise Invalid("give as many times as values", "wrong-length")
    pairs = [(_millis(at), value) for at, value in zip(moments, numbers) if value is not None]
    args = {"times": [at for at, _ in pairs], "values": [value for _, value in pairs]}
    answer: dict[str, Any] | None = loads(_phm.call("statistics", dumps(args)))
    return answer


def _number(value: Any) -> float | None:
    """A finite number, or none."""
    value = _plain(value)
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, (str, int, float, decimal.Decimal)) else None
    except (ValueError, OverflowError):
        number = None
    if number is None:
        raise Invalid("a value is a number, or a decimal as a text", "wrong-type")
    return number if number - number == 0.0 else None


def _millis(at: Any) -> int:
    at = _plain(at)
    if hasattr(at, "timestamp") and at.tzinfo is not None:
        return int(round(at.timestamp() * 1000))
    if isinstance(at, bool) or not isinstance(at, (int, float)) or at - at != 0:
        raise Invalid("a moment has a time zone, for example datetime.timezone.utc, or is milliseconds", "invalid-instant")
    return int(at)


def columns(kind: str) -> list[Column]:
    """The columns a table of `kind` has, or one of `samples`: name, type, unit, meaning."""
    return [Column(*about) for about in _phm.columns_of(kind)]
