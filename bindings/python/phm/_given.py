"""Arguments as people give them, on their way to an operation."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from typing import Any, TypeAlias

from ._errors import Invalid
from ._records import Person, Record

__all__ = ["StrPath", "When", "id_of", "some", "texts", "those_given"]

When: TypeAlias = "str | datetime.date | datetime.datetime"
"""A date as precisely as it is known (`2019`, `2019-04`, `2019-04-03`), or a moment with its time zone."""

StrPath: TypeAlias = "str | os.PathLike[str]"


def id_of(of: str | Record | Person) -> str:
    """The id of a record or a person, or the id itself."""
    return of if isinstance(of, str) else of.id


def those_given(**args: Any) -> dict[str, Any]:
    """Those arguments that were given at all."""
    return {name: value for name, value in args.items() if value is not None}


def texts(one_or_many: str | Iterable[str] | None) -> list[str] | None:
    """A list, of which one text may stand alone."""
    if one_or_many is None:
        return None
    return [one_or_many] if isinstance(one_or_many, str) else some(one_or_many)


def some(many: Iterable[str]) -> list[str]:
    """The list; one that came out empty is refused, because no list at all means everything."""
    found = list(many)
    if not found:
        raise Invalid("an empty list asks for nothing; leave it out to ask for everything", "invalid", [("", "required")])
    return found
