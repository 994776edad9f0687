"""Sessions and profiles: one way to use a vault, whether it is open here or served elsewhere."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from ._errors import Invalid
from ._json import moment
from ._records import Person, Record
from ._table import Table
from ._trend import Trend

__all__ = ["Profile", "Session"]

When: TypeAlias = "str | datetime.date | datetime.datetime"
"""A date as precisely as it is known (`2019`, `2019-04`, `2019-04-03`), or a moment with its time zone."""

StrPath: TypeAlias = "str | os.PathLike[str]"

_PAGE = 500


class Way(Protocol):
    """How a session reaches its vault."""

    def call(self, op: str, args: Mapping[str, Any]) -> Any:
        """Does one operation by its name."""
        ...

    def table(self, kind: str, query: Mapping[str, Any]) -> Table:
        """The records of one kind as a table."""
        ...

    def samples(self, query: Mapping[str, Any]) -> Table:
        """Samples as a table."""
        ...

    def deidentified(self, kind: str, query: Mapping[str, Any], secret: str | None) -> tuple[Table, Any]:
        """The records of one kind without what names a person, and what went."""
        ...


def _id(of: str | Record | Person) -> str:
    return of if isinstance(of, str) else of.id


def _given(**args: Any) -> dict[str, Any]:
    return {name: value for name, value in args.items() if value is not None}


def _texts(one_or_many: str | Iterable[str] | None) -> list[str] | None:
    if one_or_many is None:
        return None
    return [one_or_many] if isinstance(one_or_many, str) else _some(one_or_many)


def _some(many: Iterable[str]) -> list[str]:
    """The list; one that came out empty is refused, because no list at all means everything."""
    found = list(many)
    if not found:
        raise Invalid("an empty list asks for nothing; leave it out to ask for everything", "invalid", [("", "required")])
    return found


class Session:
    """Somebody at work in a vault for a purpose, which stands in the audit log of everybody they look at.

    Source: the rules of access are those of the core (`phm-core/src/access`); nothing is allowed by default.
    """

    def __init__(self, way: Way, purpose: str) -> None:
        self._way = way
        self.purpose = purpose

    def __repr__(self) -> str:
        return f"<phm.Session for {self.purpose!r}>"

    def call(self, op: str, args: Mapping[str, Any] | None = None) -> Any:
        """Does one operation by its name, as the scenario vectors do.

        Raises:
            NotFound: there is no operation of this name.
            Invalid: an argument is missing, unknown or of another type.
        """
        return self._way.call(op, args or {})

    def profiles(self) -> list[Person]:
        """Every person the session may see, by name."""
        return [Person(card) for card in self.call("profiles")]

    def profile(self, id: str | Person | Record) -> Profile:
        """The records of one person, or of the person a record is about; whether there is one shows with the first use."""
        return Profile(self, id if isinstance(id, str) else id.profile)

    def add_profile(self, body: str | Mapping[str, Any], *, owner: str | None = None) -> Profile:
        """Makes a person: a name, or the body of a `profile`. With `owner`, that account keeps their records.

        Raises:
            Invalid: the body breaks a rule.
        """
        body = {"name": body} if isinstance(body, str) else body
        record = self.call("add_profile", _given(body=body, owner=owner))
        return Profile(self, record["profile"])

    def table(
        self,
        kind: str,
        *,
        profiles: Iterable[str | Person] | None = None,
        codes: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
    ) -> Table:
        """The records of one kind as a table, person by person, oldest first; `phm.columns(kind)` says with which columns.

        Args:
            kind: for example `lab-result`.
            profiles: whose; of everybody the session may see by default. An empty list is refused.
            codes: `system|code` or a bare code; any of them.
            since: nothing before this.
            until: nothing after this; a date means all of it.

        Raises:
            NotFound: there is no such kind or person.
            Denied: a person was named of whom the session may not see the kind.
        """
        return self._way.table(kind, self._query(profiles, codes, since, until))

    def series(
        self,
        code: str | Iterable[str] | None = None,
        *,
        profiles: Iterable[str | Person] | None = None,
        since: When | None = None,
        until: When | None = None,
    ) -> Table:
        """The samples of every series with this code as a table: `profile series at value unit`, shape (samples, 5).

        `at` is in UTC, to the millisecond; `value` is the nearest floating-point number, in the unit of its row, which is
        also the unit of the column where all rows share it.

        Raises:
            NotFound: there is no such person.
        """
        return self._way.samples(self._query(profiles, code, since, until))

    @staticmethod
    def _query(
        profiles: Iterable[str | Person] | None,
        codes: str | Iterable[str] | None,
        since: When | None,
        until: When | None,
    ) -> dict[str, Any]:
        whose = None if profiles is None else _some(_id(one) for one in profiles)
        return _given(profiles=whose, codes=_texts(codes), since=moment(since), until=moment(until))

    def import_file(
        self,
        path: StrPath | Sequence[StrPath],
        *,
        profile: str | Person | None = None,
        new_profile: bool = False,
        dry_run: bool = False,
        accept_other_patient: bool = False,
        owner: str | None = None,
    ) -> dict[str, Any]:
        """Imports FHIR R4 files or folders: all of it or nothing. With `dry_run` it only counts.

        Raises:
            Invalid: something in the input is broken (`invalid-input`; `data` names the entries) or it names another
                patient (`other-patient`).
        """
        paths = [os.fspath(path)] if isinstance(path, (str, os.PathLike)) else [os.fspath(one) for one in path]
        whose = None if profile is None else _id(profile)
        flags = {"new_profile": new_profile, "dry_run": dry_run, "accept_other_patient": accept_other_patient}
        report: dict[str, Any] = self.call("import_file", {**_given(path=paths, profile=whose, owner=owner), **flags})
        return report

    def imports(self) -> list[dict[str, Any]]:
        """The imports of the people the session may see, newest first."""
        units: list[dict[str, Any]] = self.call("imports")
        return units

    def undo_import(self, id: str) -> None:
        """Hides everything an import brought; what was amended by hand since stays."""
        self.call("undo_import", {"import": id})

    def export(self, profile: str | Person, format: str, path: StrPath) -> dict[str, Any]:
        """Writes everything of a person the session may export to the new file `path`.

        Args:
            profile: the person.
            format: `fhir-bundle`, `ndjson` or `csv`.
            path: where nothing may stand yet; the file is readable by its owner only.
        """
        report: dict[str, Any] = self.call(
            "export", {"profile": _id(profile), "format": format, "path": os.fspath(path)}
        )
        return report

    def export_deidentified(
        self,
        path: StrPath,
        *,
        profiles: Iterable[str | Person] | None = None,
        codes: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        secret: str | None = None,
    ) -> dict[str, Any]:
        """Writes records and samples without what names a person to the new file `path`, as JSON lines.

        Names, places, parties, free text, identifiers and codes of unknown systems go; choices, numbers, amounts and public
        codes stay. Dates move by the same span for one person; ids become others. Kinds of words (notes, messages,
        documents …) are left out. Ages and dates that say somebody is older than 89 go. Source: after 45 CFR 164.514(b)(2).
        Values, and the time between two of them, stay as they were: they may still be rare enough to know somebody by, or to
        find them again in another export.

        Args:
            path: where nothing may stand yet; the file is readable by its owner only.
            profiles: whose; of everybody the session may export by default.
            codes: only records with any of these codes.
            since: nothing before this.
            until: nothing after this.
            secret: at least 16 characters. Exports with the same secret fit together; without one a random one is used and
                forgotten, and no id, date or order is that of another export.

        Returns:
            What went: `{"people", "records", "samples", "removed", "moved", "left_out"}`.
        """
        args = {**self._query(profiles, codes, since, until), **_given(secret=secret), "path": os.fspath(path)}
        report: dict[str, Any] = self.call("export_deidentified", args)["report"]
        return report

    def deidentified_table(
        self,
        kind: str,
        *,
        profiles: Iterable[str | Person] | None = None,
        codes: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        secret: str | None = None,
    ) -> tuple[Table, dict[str, Any]]:
        """The records of one kind without what names a person, with the columns of `table`, and what went.

        What goes and stays is as in `export_deidentified`; `recorded_at` and `updated_at` are empty. With
        `Table.to_parquet` it is a file.

        Args:
            kind: for example `lab-result`.
            profiles: whose; of everybody the session may export by default.
            codes: only records with any of these codes.
            since: nothing before this.
            until: nothing after this.
            secret: at least 16 characters; tables and exports with the same secret fit together.

        Raises:
            Denied: a person was named whose records the session may not export.
            Invalid: the secret is too short.
        """
        table, report = self._way.deidentified(kind, self._query(profiles, codes, since, until), secret)
        return table, report

    def verify(self, checkpoint: StrPath | None = None) -> dict[str, Any]:
        """Proves that the vault is whole: `{"ok", "profiles", "entries", "audit", "damaged"}`."""
        given = None if checkpoint is None else os.fspath(checkpoint)
        report: dict[str, Any] = self.call("verify", _given(checkpoint=given))
        return report

    def stats(self) -> dict[str, Any]:
        """How much the vault holds."""
        report: dict[str, Any] = self.call("stats")
        return report

    def backup(self, path: StrPath) -> dict[str, Any]:
        """Writes a backup of the whole vault to `path`, sealed with the vault's keys."""
        report: dict[str, Any] = self.call("backup", {"path": os.fspath(path)})
        return report


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
        which = None if id is None else _id(id)
        if based_on is None and isinstance(id, Record):
            based_on = id.version
        return Record(self._call("put", _given(kind=kind, body=body, id=which, based_on=based_on, how=how)))

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
        args = {**_which(kind, id), **_based_on(based_on, kind, id), **_given(version=version)}
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
        args = _given(
            kind=kind, code=_texts(code), status=_texts(status), since=moment(since), until=moment(until)
        )
        return [Record(item) for item in self._pages("list", {**args, "removed": removed})]

    def search(
        self, text: str, *, kinds: str | Iterable[str] | None = None, since: When | None = None,
        until: When | None = None,
    ) -> list_of_dicts:
        """The records in which all words of `text` occur, as rows `id kind occurred title summary`, newest first."""
        args = _given(text=text, kinds=_texts(kinds), since=moment(since), until=moment(until))
        return list_(self._pages("search", args))

    def timeline(
        self, *, kinds: str | Iterable[str] | None = None, since: When | None = None, until: When | None = None
    ) -> list_of_dicts:
        """What happened to the person, over all kinds the session may read there: rows as in `search`, newest first."""
        return list_(self._pages("timeline", _given(kinds=_texts(kinds), since=moment(since), until=moment(until))))

    def who_looked(
        self, *, actor: str | None = None, kind: str | None = None, since: When | None = None,
        until: When | None = None,
    ) -> list_of_dicts:
        """Who looked at the person's records or changed them, newest first."""
        args = _given(actor=actor, kind=kind, since=moment(since), until=moment(until))
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
        body = _given(
            to=dict(to), kinds=_texts(kinds), actions=_texts(actions), purpose=purpose, to_date=moment(until),
            starts_at=moment(starts_at), ends_at=moment(ends_at), labels=_texts(labels), hosts=_texts(hosts),
            records=None if records is None else _some(_id(one) for one in records),
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
        done: dict[str, Any] = self._call("save_document", {"id": _id(id), "path": os.fspath(path)})
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
                done = self._call("add_samples", {"series": _id(series), "samples": rows})
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
        args = _given(series=_id(series), since=moment(since), until=moment(until))
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
        args = _given(series=_id(series), bucket=bucket, zone=zone, since=moment(since), until=moment(until))
        rows: list_of_dicts = self._call("buckets", args)["buckets"]
        return rows

    def trend(
        self, code: str, *, kind: str = "lab-result", unit: str | None = None, since: When | None = None,
        until: When | None = None,
    ) -> Trend:
        """How the values of one test change over time, all of them in one unit; see `Trend`."""
        return Trend.of(self.list(kind, code=code, since=since, until=until), code, unit)


list_ = list
list_of_dicts: TypeAlias = "list[dict[str, Any]]"
list_of_records: TypeAlias = "list[Record]"


def _which(kind: str | Record, id: str | Record | None) -> dict[str, Any]:
    """Kind and id, from `(kind, id)`, `(id)` or `(record)`."""
    if id is None:
        return {"kind": kind.kind, "id": kind.id} if isinstance(kind, Record) else {"id": kind}
    return {"kind": kind.kind if isinstance(kind, Record) else kind, "id": _id(id)}


def _based_on(based_on: int | None, *records: object) -> dict[str, Any]:
    if based_on is not None:
        return {"based_on": based_on}
    read = [record.version for record in records if isinstance(record, Record)]
    return {"based_on": read[0]} if read else {}
