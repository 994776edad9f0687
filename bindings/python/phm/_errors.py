"""The exceptions of PHM.

Each is a `PhmError` and, where there is one, the built-in exception that comes nearest. None of them ever carries a
name, a value or a diagnosis, so they may stand in logs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "Busy",
    "Conflict",
    "Corrupt",
    "Denied",
    "ForkedError",
    "InUse",
    "Internal",
    "Invalid",
    "Io",
    "Locked",
    "NotFound",
    "PhmError",
    "TooLarge",
    "Unsupported",
    "WrongSecret",
]


class PhmError(Exception):
    """What every error of PHM is.

    Attributes:
        code: the stable code, for example `not-granted`.
        details: the places in the input that break a rule, as pairs of JSON pointer and code.
        current_version: for a conflict, the version the record has.
        data: more that a program may want to know, for example the refused entries of an import.
    """

    code: str
    details: list[tuple[str, str]]
    current_version: int | None
    data: Any

    def __init__(
        self,
        message: str = "",
        code: str = "",
        details: Sequence[tuple[str, str]] = (),
        current_version: int | None = None,
        data: Any = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.details = list(details)
        self.current_version = current_version
        self.data = data

    def __str__(self) -> str:
        message = str(self.args[0]) if self.args else ""
        places = ", ".join(f"{path or '/'} {code}" for path, code in self.details)
        return f"{message} ({places})" if places else message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.code, self.details, self.current_version, self.data)


class Invalid(PhmError, ValueError):
    """The input breaks a rule; `details` say where."""


class NotFound(PhmError, KeyError):
    """There is no such thing, or none that the caller may know of."""


class Conflict(PhmError):
    """The record has moved on since it was read; `current_version` says where to."""


class Denied(PhmError, PermissionError):
    """The policy refuses."""


class Locked(PhmError):
    """The vault is locked, or was closed."""


class WrongSecret(PhmError, PermissionError):
    """The secret opens none of the vault's slots."""


class Corrupt(PhmError):
    """Stored bytes are damaged."""


class Unsupported(PhmError):
    """This build, this format or a vault opened for reading only cannot do that."""


class TooLarge(PhmError, ValueError):
    """The value is larger than the vault takes."""


class Busy(PhmError):
    """Somebody else holds it; try again later."""


class InUse(Busy):
    """Another process has the vault; read a served one by `phm.connect`."""


class Io(PhmError, OSError):
    """The operating system refused."""


class Internal(PhmError, RuntimeError):
    """A promise inside PHM was broken: a bug."""


class ForkedError(PhmError, RuntimeError):
    """The vault was opened by the parent of this process; open it in the child, after the fork."""


_KINDS: Mapping[int, type[PhmError]] = {
    0: ForkedError,
    1: Invalid,
    2: NotFound,
    3: Conflict,
    4: Denied,
    5: Locked,
    6: WrongSecret,
    7: Corrupt,
    8: Unsupported,
    9: TooLarge,
    10: Busy,
    11: Io,
    12: Internal,
}


def make(
    kind: int,
    code: str,
    message: str,
    details: Sequence[tuple[str, str]],
    current_version: int | None,
    data: str | None,
) -> PhmError:
    """The exception for an error of the core."""
    of = InUse if code == "in-use" else _KINDS.get(kind, Internal)
    return of(message, code, details, current_version, None if data is None else json.loads(data))
