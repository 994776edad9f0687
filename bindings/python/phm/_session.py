"""Sessions: one way to use a vault, whether it is open here or served elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ._given import StrPath, When, id_of, some, texts, those_given
from ._json import moment
from ._profile import Profile
from ._records import Person, Record
from ._table import Table

__all__ = ["Session"]


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


class Session:
    """Somebody at work in a vault for a purpose, which stands in the audit log of everybody they look at.

    Source: the rules of access are those of the core (`phm-core/src/access`); nothing is allowed by default.
    """

    def __init__(self, way: Way, purpose: str) -> None:
        self._way = way
        self.purpose = purpose

    def __repr__(self) -> str:
        # Without the purpose, which may name somebody.
        return "<phm.Session>"

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
        record = self.call("add_profile", those_given(body=body, owner=owner))
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

        Every table has `id profile version occurred occurred_text recorded_at updated_at how`, then the fields of the kind.
        Moments are in UTC, to the millisecond; `occurred` is the first moment that its date may mean. An amount has three
        columns: `quantity` is the nearest floating-point number, `quantity_text` the digits as they were written,
        `quantity_unit` the unit in UCUM, row by row, which is also the unit of the column where all rows share it. Both ends of
        an expected range (`range_low`, `range_high`) are in `range_unit`; where a report gives them in two units, they are
        empty. Source: the descriptions of the kinds in `phm-core/src/model`.

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
        whose = None if profiles is None else some(id_of(one) for one in profiles)
        return those_given(profiles=whose, codes=texts(codes), since=moment(since), until=moment(until))

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
        whose = None if profile is None else id_of(profile)
        flags = {"new_profile": new_profile, "dry_run": dry_run, "accept_other_patient": accept_other_patient}
        report: dict[str, Any] = self.call("import_file", {**those_given(path=paths, profile=whose, owner=owner), **flags})
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
            "export", {"profile": id_of(profile), "format": format, "path": os.fspath(path)}
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
        args = {**self._query(profiles, codes, since, until), **those_given(secret=secret), "path": os.fspath(path)}
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
        report: dict[str, Any] = self.call("verify", those_given(checkpoint=given))
        return report

    def stats(self) -> dict[str, Any]:
        """How much the vault holds."""
        report: dict[str, Any] = self.call("stats")
        return report

    def backup(self, path: StrPath, *, since: StrPath | None = None) -> dict[str, Any]:
        """Writes a backup of the whole vault to the new file `path`, sealed with the vault's keys.

        Args:
            path: where nothing may stand yet.
            since: an earlier backup, to write only what came after it. Restoring needs both then: keep them in one folder.

        Raises:
            Conflict: there is something at `path`, or the vault does not go on from that earlier backup.
        """
        before = None if since is None else os.fspath(since)
        report: dict[str, Any] = self.call("backup", those_given(path=os.fspath(path), since=before))
        return report
