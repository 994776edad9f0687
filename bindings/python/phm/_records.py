"""Records as Python sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Person", "Record"]


class Record(Mapping[str, Any]):
    """One record, in one version. It cannot be changed; `body` is a copy each time.

    It is a mapping with the names of the contract, and has them as attributes too: `record["version"]` is
    `record.version`. Its `repr` shows kind, id and version and nothing of the person.
    """

    __slots__ = ("_fields",)
    _fields: dict[str, Any]

    def __init__(self, fields: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_fields", dict(fields))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a record cannot be changed; amend it in its profile")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a record cannot be changed; amend it in its profile")

    def __getitem__(self, name: str) -> Any:
        return _copy(self._fields[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def __eq__(self, other: object) -> bool:
        return self._fields == (other._fields if isinstance(other, Record) else other)

    def __repr__(self) -> str:
        return f"<phm.Record {self.kind} {self.id} version {self.version}>"

    def _repr_html_(self) -> str:
        return f"<code>phm.Record {self.kind} {self.id} version {self.version}</code>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Record, (self._fields,)

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self._fields["id"])

    @property
    def kind(self) -> str:
        """The kind, for example `lab-result`."""
        return str(self._fields["kind"])

    @property
    def profile(self) -> str:
        """The person it is about."""
        return str(self._fields["profile"])

    @property
    def version(self) -> int:
        """The version, from 1."""
        return int(self._fields["version"])

    @property
    def occurred(self) -> str | None:
        """When it occurred, as precisely as it is known: `2019`, `2019-04`, `2019-04-03` or an instant in UTC."""
        value: str | None = self._fields["occurred"]
        return value

    @property
    def recorded_at(self) -> str:
        """When its first version was recorded, in UTC."""
        return str(self._fields["recorded_at"])

    @property
    def updated_at(self) -> str:
        """When this version was recorded, in UTC."""
        return str(self._fields["updated_at"])

    @property
    def removed(self) -> bool:
        """Whether it is removed."""
        return bool(self._fields["removed"])

    @property
    def labels(self) -> list[str]:
        """Sensitivity labels."""
        return list(self._fields["labels"])

    @property
    def provenance(self) -> dict[str, Any]:
        """Who said so, how, and from which source."""
        copy: dict[str, Any] = _copy(self._fields["provenance"])
        return copy

    @property
    def body(self) -> dict[str, Any]:
        """The body, in the form of its kind; decimals are texts, as they were written."""
        copy: dict[str, Any] = _copy(self._fields["body"])
        return copy


class Person(Mapping[str, Any]):
    """A person in a list of people: `profile name birth_date sex owner records`. Its `repr` shows the id only."""

    __slots__ = ("_fields",)
    _fields: dict[str, Any]

    def __init__(self, fields: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_fields", dict(fields))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a person in a list cannot be changed; amend their profile")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a person in a list cannot be changed; amend their profile")

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __hash__(self) -> int:
        return hash(self.profile)

    def __eq__(self, other: object) -> bool:
        return self._fields == (other._fields if isinstance(other, Person) else other)

    def __repr__(self) -> str:
        return f"<phm.Person {self.profile}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Person, (self._fields,)

    @property
    def profile(self) -> str:
        """The person's id."""
        return str(self._fields["profile"])

    @property
    def id(self) -> str:
        """The person's id."""
        return self.profile

    @property
    def name(self) -> str:
        """The name as a person reads it."""
        return str(self._fields["name"])

    @property
    def records(self) -> int:
        """How many records there are that the caller may see."""
        return int(self._fields["records"])


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_copy(part) for part in value]
    return value
