"""Values on their way to the core and back."""

from __future__ import annotations

import datetime
import decimal
import json
import os
from collections.abc import Mapping
from typing import Any

from ._errors import Invalid

__all__ = ["dumps", "loads", "moment"]


def moment(value: object) -> str | None:
    """A date or moment as PHM writes it; one of Python's moments needs a time zone.

    >>> moment(datetime.date(2026, 4, 3))
    '2026-04-03'
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise Invalid("a moment needs a time zone, for example datetime.timezone.utc", "invalid-instant")
        try:
            utc = value.astimezone(datetime.timezone.utc)
        except OverflowError:
            raise Invalid("a moment lies between the years 1 and 9999 in UTC", "invalid-instant") from None
        return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise Invalid("a date is a text, a datetime.date or a datetime.datetime", "invalid-date")


def _default(value: object) -> Any:
    if isinstance(value, decimal.Decimal):
        # As it was written; 1E+2 has no other digits than 100 has, but is written otherwise.
        return str(value)
    if isinstance(value, datetime.date):
        return moment(value)
    if type(value).__module__ == "uuid":
        # Asked by name: who has one has loaded the module, and nobody else waits for it.
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if not hasattr(value, "__len__"):
        # A scalar of numpy, pandas or pyarrow; one that is a moment without a time zone is refused in the next round.
        for own in ("as_py", "item"):
            if hasattr(value, own):
                return getattr(value, own)()
    raise Invalid(f"a value of type {type(value).__name__} has no place in a record", "wrong-type")


def dumps(value: object) -> str:
    """`value` as JSON."""
    try:
        text = json.dumps(value, default=_default, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # Half of a character is none; found here, because beyond it would be no error of this module.
        text.encode()
        return text
    except (ValueError, TypeError, RecursionError) as error:
        if isinstance(error, Invalid):
            raise
        raise Invalid("a record takes texts, whole numbers, booleans, lists and dictionaries", "wrong-type") from None


def loads(text: str) -> Any:
    """The value in `text`."""
    return json.loads(text)
