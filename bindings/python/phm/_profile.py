"""The records of one person: put, found, changed, shared."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ._given import StrPath, When, id_of, some, texts, those_given
from ._json import moment
from ._records import Person, Record
from ._trend import Trend, component

if TYPE_CHECKING:
    from ._session import Session

__all__ = ["Profile"]

_PAGE = 500


class Profile:
    """The records of one person, with the permission of a session."""

    def __init__(self, session: Session, id: str) -> None:
        self._session = session
        self.id = id

    def __repr__(self) -> str:
        return f"<phm.Profile {self.id}>"

    def _call(self, op: str, args: Mapping[str, Any]) -> Any:
        return self._session.call(op, {"profile": self.id, **args})

    def card(self) -> Person:
        """The person as a list of people shows them."""
        return Person(self._call("profile", {}))

    def put(
        self,
        kind: str,
        body: Mapping[str, Any],
        id: str | Record | None = None,
        based_on: int | None = None,
        *,
        how: str | None = None,
    ) -> Record:
        """Adds a record of `kind`; with `id` and `based_on` amends the one that still is at that version.

        Args:
            kind: for example `lab-result`.
            body: the body; `decimal.Decimal`, dates and moments may stand in it.
            id: the record to amend.
            based_on: the version that was read.
            how: `typed`, or `device` where a device measured it.

        Raises:
            Invalid: the body breaks a rule; `details` say where.
            Conflict: the record has moved on.
            Denied: the policy refuses.
        """
        which = None if id is None else id_of(id)
        if based_on is None and isinstance(id, Record):
            based_on = id.version
        return Record(self._call("put", those_given(kind=kind, body=body, id=which, based_on=based_on, how=how)))

    def get(self, kind: str | Record, id: str | Record | None = None, *, removed: bool = False) -> Record:
        """One record: `get(kind, id)` or `get(id)`. With `removed` it is found after it was removed, too.

        Raises:
            NotFound: there is no such record for the session.
        """
        return Record(self._call("get", {**_which(kind, id), "removed": removed}))

    def amend(
        self, kind: str | Record, id: str | Record | None = None, body: Mapping[str, Any] | None = None,
        based_on: int | None = None,
    ) -> Record:
        """Replaces the body of a record: `amend(kind, id, body, based_on)`, or `amend(record, body=…)`.

        Raises:
            Conflict: the record is no longer at version `based_on`.
        """
        return Record(self._call("amend", {**_which(kind, id), **_based_on(based_on, kind, id), "body": body}))

    def remove(self, kind: str | Record, id: str | Record | None = None, based_on: int | None = None) -> Record:
        """Removes a record; its history stays. `remove(kind, id, based_on)` or `remove(record)`.

        Raises:
            Conflict: the record is no longer at version `based_on`.
        """
        return Record(self._call("remove", {**_which(kind, id), **_based_on(based_on, kind, id)}))

    def restore(
        self, kind: str | Record, id: str | Record | None = None, based_on: int | None = None, *,
        version: int | None = None,
    ) -> Record:
        """Brings a removed record back, or the body it had in `version`.

        Raises:
            Conflict: the record is no longer at version `based_on`.
        """
        args = {**_which(kind, id), **_based_on(based_on, kind, id), **those_given(version=version)}
        return Record(self._call("restore", args))

    def history(self, kind: str | Record, id: str | Record | None = None) -> list_of_dicts:
        """Every version, oldest first: `[{"version", "action", "actor", "recorded_at", "body"}]`."""
        versions: list_of_dicts = self._call("history", _which(kind, id))
        return versions

    def list(
        self,
        kind: str,
        *,
        code: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        status: str | Iterable[str] | None = None,
        removed: bool = False,
    ) -> list_of_records:
        """The records of one kind, newest first, with their bodies; a table (`Session.table`) is quicker for many."""
        args = those_given(
            kind=kind, code=texts(code), status=texts(status), since=moment(since), until=moment(until)
        )
        return [Record(item) for item in self._pages("list", {**args, "removed": removed})]

    def search(
        self, text: str, *, kinds: str | Iterable[str] | None = None, since: When | None = None,
        until: When | None = None,
    ) -> list_of_dicts:
        """The records in which all words of `text` occur, as rows `id kind occurred title summary`, newest first."""
        args = those_given(text=text, kinds=texts(kinds), since=moment(since), until=moment(until))
        return list_(self._pages("search", args))

    def timeline(
        self, *, kinds: str | Iterable[str] | None = None, since: When | None = None, until: When | None = None
    ) -> list_of_dicts:
        """What happened to the person, over all kinds the session may read there: rows as in `search`, newest first."""
        return list_(self._pages("timeline", those_given(kinds=texts(kinds), since=moment(since), until=moment(until))))

    def who_looked(
        self, *, actor: str | None = None, kind: str | None = None, since: When | None = None,
        until: When | None = None,
    ) -> list_of_dicts:
        """Who looked at the person's records or changed them, newest first."""
        args = those_given(actor=actor, kind=kind, since=moment(since), until=moment(until))
        return list_(self._pages("who_looked", args))

    def give(
        self,
        to: Mapping[str, str],
        *,
        kinds: str | Iterable[str] | None = None,
        actions: str | Iterable[str] | None = None,
        purpose: str | None = None,
        since: When | None = None,
        until: When | None = None,
        starts_at: When | None = None,
        ends_at: When | None = None,
        labels: str | Iterable[str] | None = None,
        records: Iterable[str | Record] | None = None,
        hosts: str | Iterable[str] | None = None,
        template: str | None = None,
        wait_hours: int | None = None,
    ) -> dict[str, Any]:
        """Lets somebody do something with the person's records, and answers with the grant. What a template fills in need
        not be said.

        Args:
            to: exactly one of `account`, `role`, `token`, `plugin`, `service`, for example `{"role": "provider"}`.
            kinds: of record; `*` stands for all.
            actions: `read add amend share export`; `amend` covers removing and restoring.
            purpose: why, in a few words.
            since: only records that occurred from here on.
            until: only records that occurred up to here; a date means all of it.
            starts_at: the first moment; the present one by default.
            ends_at: the first moment after it; a day means its end. Without one it lasts until it is revoked.
            labels: the sensitive records it covers too, by their labels.
            records: only these.
            hosts: for a plugin, where it may send what it reads.
            template: the template it is made from.
            wait_hours: for emergencies, how long it waits after it was asked for.

        Raises:
            Invalid: the terms break a rule; `details` say where.
            Denied: the session does not have all it would give.
        """
        body = those_given(
            to=dict(to), kinds=texts(kinds), actions=texts(actions), purpose=purpose, to_date=moment(until),
            starts_at=moment(starts_at), ends_at=moment(ends_at), labels=texts(labels), hosts=texts(hosts),
            records=None if records is None else some(id_of(one) for one in records),
            template=template, wait_hours=wait_hours, **{"from": moment(since)},
        )
        grant: dict[str, Any] = self._call("give", {"body": body})
        return grant

    def grants(self) -> list_of_dicts:
        """Who may see the person's records, newest first: all grants for whoever may give one, else those to the caller."""
        found: list_of_dicts = self._call("grants", {})
        return found

    def revoke(self, id: str) -> dict[str, Any]:
        """Takes a grant back; whatever it opened closes at once. Taking it back again changes nothing.

        Raises:
            NotFound: there is no such grant that the session may know of.
        """
        grant: dict[str, Any] = self._call("revoke", {"id": id})
        return grant

    def _pages(self, op: str, args: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for page in range(1, 1 << 31):
            found = self._call(op, {**args, "page": page, "per_page": _PAGE})
            yield from found["items"]
            if page * _PAGE >= found["total"]:
                return

    def add_document(self, path: StrPath, body: Mapping[str, Any]) -> Record:
        """Adds the file at `path` as a document; `body` has at least title and category."""
        return Record(self._call("add_document", {"path": os.fspath(path), "body": body}))

    def save_document(self, id: str | Record, path: StrPath) -> dict[str, Any]:
        """Writes the content of a document to the new file `path`, readable by its owner only."""
        done: dict[str, Any] = self._call("save_document", {"id": id_of(id), "path": os.fspath(path)})
        return done

    def add_samples(
        self, series: str | Record, samples: Iterable[tuple[When, Any] | Mapping[str, Any]]
    ) -> dict[str, int]:
        """Adds samples to a series; those it has already change nothing. Answers `{"added", "duplicates"}`.

        Args:
            series: the record of kind `series` that says what is measured.
            samples: pairs of a moment and a decimal, or `{"at", "value"}`.
        """
        total = {"added": 0, "duplicates": 0}
        rows: list_of_dicts = []

        def send() -> None:
            if rows:
                done = self._call("add_samples", {"series": id_of(series), "samples": rows})
                total["added"] += done["added"]
                total["duplicates"] += done["duplicates"]
                rows.clear()

        for sample in samples:
            at, value = (sample["at"], sample["value"]) if isinstance(sample, Mapping) else sample
            rows.append({"at": moment(at), "value": value if isinstance(value, str) else str(value)})
            if len(rows) == 10_000:
                send()
        send()
        return total

    def samples(
        self, series: str | Record, *, since: When | None = None, until: When | None = None
    ) -> list_of_dicts:
        """The samples of a series as they were written, oldest first; `Session.series` gives many as a table."""
        found: list_of_dicts = []
        args = those_given(series=id_of(series), since=moment(since), until=moment(until))
        while True:
            page = self._call("samples", args)
            found += page["samples"]
            if page["next"] is None:
                return found
            args["since"] = page["next"]

    def buckets(
        self, series: str | Record, bucket: str, *, zone: str | None = None, since: When | None = None,
        until: When | None = None,
    ) -> list_of_dicts:
        """Least, greatest, mean and number of the samples in each stretch: `15m`, `1h`, `1d` (with `zone`), `1w`."""
        args = those_given(series=id_of(series), bucket=bucket, zone=zone, since=moment(since), until=moment(until))
        rows: list_of_dicts = self._call("buckets", args)["buckets"]
        return rows

    def trend(
        self, code: str, *, kind: str = "lab-result", unit: str | None = None, since: When | None = None,
        until: When | None = None,
    ) -> Trend:
        """How the values of one test change over time, all of them in one unit; see `Trend`.

        Args:
            code: `system|code` or a bare code. For vital signs it may be that of a component: `8480-6` is the systolic
                pressure of all readings of blood pressure.
            kind: `lab-result` or `vital-sign`.
            unit: the unit in UCUM the values are brought to; that of the test, or of the first value, by default.
            since: nothing before this.
            until: nothing after this; a date means all of it.

        Raises:
            Invalid: there is no such unit.
        """
        found = {record.id: record for record in self.list(kind, code=code, since=since, until=until)}
        if kind == "vital-sign":
            # Lists know a reading by its own code, and not by those of its components.
            every = self.list(kind, since=since, until=until)
            found |= {record.id: record for record in every if component(record.body, code) is not None}
        return Trend.of(list_(found.values()), code, unit)


list_ = list
list_of_dicts: TypeAlias = "list[dict[str, Any]]"
list_of_records: TypeAlias = "list[Record]"


def _which(kind: str | Record, id: str | Record | None) -> dict[str, Any]:
    """Kind and id, from `(kind, id)`, `(id)` or `(record)`."""
    if id is None:
        return {"kind": kind.kind, "id": kind.id} if isinstance(kind, Record) else {"id": kind}
    return {"kind": kind.kind if isinstance(kind, Record) else kind, "id": id_of(id)}


def _based_on(based_on: int | None, *records: object) -> dict[str, Any]:
    if based_on is not None:
        return {"based_on": based_on}
    read = [record.version for record in records if isinstance(record, Record)]
    return {"based_on": read[0]} if read else {}
