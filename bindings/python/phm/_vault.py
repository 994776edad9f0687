"""Vaults that are open in this process."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from . import _phm
from ._errors import PhmError
from ._given import StrPath, When
from ._json import dumps, loads
from ._records import Person
from ._session import Session
from ._table import Table

__all__ = ["Vault", "create", "drill", "make_key_file", "open", "open_backup", "restore"]


class _Here:
    """The way to a vault that is open in this process."""

    def __init__(self, vault: Vault, purpose: str, account: str | None) -> None:
        # The vault itself: while somebody works in it, the folder of a backup is not cleaned away.
        self._vault = vault
        self._purpose = purpose
        self._account = account

    def call(self, op: str, args: Mapping[str, Any]) -> Any:
        return loads(self._vault._native.call(op, dumps(args), self._purpose, self._account))

    def table(self, kind: str, query: Mapping[str, Any]) -> Table:
        return Table(self._vault._native.table(kind, dumps(query), self._purpose, self._account))

    def samples(self, query: Mapping[str, Any]) -> Table:
        return Table(self._vault._native.samples(dumps(query), self._purpose, self._account))

    def deidentified(self, kind: str, query: Mapping[str, Any], secret: str | None) -> tuple[Table, Any]:
        native = self._vault._native
        table, report = native.deidentified(kind, dumps(query), self._purpose, self._account, secret)
        return Table(table), loads(report)


class Vault:
    """An open vault: a folder with people's records, sealed, versioned, audited, and shared only by consent.

    Use it as a context manager, so that it is closed where the block ends. All methods may be called from any thread, and
    every one that works lets other threads run. A vault belongs to the process that opened it; in a forked child every
    method raises `ForkedError`.

    Attributes:
        recovery_code: after `create`, the code that opens the vault when the other secrets are lost. It is shown here and
            nowhere else: have it written down. `None` for a vault that was opened.
    """

    def __init__(self, native: _phm.Vault, recovery_code: str | None = None, scratch: str | None = None) -> None:
        self._native = native
        self.recovery_code = recovery_code
        # Sealed like the backup it came from; nobody needs it any more when the vault is gone.
        self._cleanup = None if scratch is None else weakref.finalize(self, _remove, native, scratch, os.getpid())

    def __repr__(self) -> str:
        return "<phm.Vault closed>" if self._native.closed else "<phm.Vault open>"

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a vault belongs to the process that opened it; open it again in the other one")

    @property
    def id(self) -> str:
        """The vault's id."""
        return self._native.id

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._native.closed

    def close(self) -> None:
        """Makes what waits durable and closes the vault; closing it again does nothing."""
        try:
            self._native.close()
        finally:
            if self._cleanup is not None:
                self._cleanup()

    def session(self, purpose: str, account: str | None = None) -> Session:
        """Lets somebody work in the vault for a purpose, which stands in the audit log.

        Args:
            purpose: why, in a few words; the people concerned read it.
            account: the e-mail address of an account, to see and do no more than it may. Without it the session acts as
                the operator, who holds the vault's secret and may do all.
        """
        return Session(_Here(self, purpose, account), purpose)

    def table(
        self,
        kind: str,
        *,
        profiles: Iterable[str | Person] | None = None,
        codes: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        purpose: str = "analysis",
    ) -> Table:
        """The records of one kind as a table; see `Session.table`."""
        return self.session(purpose).table(kind, profiles=profiles, codes=codes, since=since, until=until)

    def series(
        self,
        code: str | Iterable[str] | None = None,
        *,
        profiles: Iterable[str | Person] | None = None,
        since: When | None = None,
        until: When | None = None,
        purpose: str = "analysis",
    ) -> Table:
        """The samples of every series with this code as a table; see `Session.series`."""
        return self.session(purpose).series(code, profiles=profiles, since=since, until=until)

    def import_file(
        self,
        path: StrPath | Sequence[StrPath],
        *,
        profile: str | Person | None = None,
        new_profile: bool = False,
        dry_run: bool = False,
        accept_other_patient: bool = False,
        owner: str | None = None,
        purpose: str = "import",
    ) -> dict[str, Any]:
        """Imports FHIR R4 files or folders; see `Session.import_file`."""
        return self.session(purpose).import_file(
            path,
            profile=profile,
            new_profile=new_profile,
            dry_run=dry_run,
            accept_other_patient=accept_other_patient,
            owner=owner,
        )

    def export(self, profile: str | Person, format: str, path: StrPath, *, purpose: str = "export") -> dict[str, Any]:
        """Writes everything of a person to a file; see `Session.export`."""
        return self.session(purpose).export(profile, format, path)

    def verify(self, checkpoint: StrPath | None = None) -> dict[str, Any]:
        """Proves that the vault is whole; see `Session.verify`."""
        return self.session("verify").verify(checkpoint)

    def backup(self, path: StrPath, *, since: StrPath | None = None) -> dict[str, Any]:
        """Writes a backup of the whole vault; see `Session.backup`."""
        return self.session("backup").backup(path, since=since)

    def stats(self) -> dict[str, Any]:
        """How much the vault holds."""
        return self.session("stats").stats()


def _remove(native: _phm.Vault, scratch: str, process: int) -> None:
    if os.getpid() == process:
        import shutil

        # Nobody is left to be told why a copy that goes now could not be closed; its files go after its threads.
        with contextlib.suppress(PhmError):
            native.close()
        shutil.rmtree(scratch, ignore_errors=True)


def create(
    path: StrPath,
    passphrase: str | None = None,
    key_file: StrPath | None = None,
    *,
    engine: str = "redb",
    cost: tuple[int, int] | None = None,
) -> Vault:
    """Makes a vault in an empty or new folder, unlocked by any of the secrets, or by `Vault.recovery_code`.

    Ctrl-C meanwhile leaves no vault in a new folder, because nobody has seen its recovery code.

    Args:
        path: the folder.
        passphrase: words a person remembers.
        key_file: a file with 32 random bytes as 64 hexadecimal digits; `make_key_file` makes one.
        engine: `redb` or `sled`.
        cost: memory in KiB and passes of Argon2id; tuned to about half a second where it is left out.

    Raises:
        Invalid: there is no secret, or the key file has another form.
        Conflict: there is a vault in the folder already.
    """
    native, code = _phm.create(os.fspath(path), passphrase, _path(key_file), engine, cost)
    return Vault(native, code)


def open(
    path: StrPath,
    passphrase: str | None = None,
    key_file: StrPath | None = None,
    *,
    recovery_code: str | None = None,
    read_only: bool = False,
) -> Vault:
    """Opens a vault with one of its secrets.

    Args:
        path: the vault's folder.
        passphrase: words a person remembers.
        key_file: the path of a key file.
        recovery_code: the code on paper.
        read_only: refuse every change; who looked is noted all the same.

    Raises:
        NotFound: there is no vault.
        WrongSecret: the secret opens none of its slots.
        InUse: another process has it.
        Corrupt: it is damaged.
    """
    return Vault(_phm.open(os.fspath(path), passphrase, _path(key_file), recovery_code, read_only))


def open_backup(
    file: StrPath,
    passphrase: str | None = None,
    key_file: StrPath | None = None,
    *,
    recovery_code: str | None = None,
    scratch: StrPath | None = None,
) -> Vault:
    """Opens a backup for reading, with one of the secrets the vault had when it was made.

    It is verified and unpacked, sealed as it is, into a folder of its own in `scratch` (the system's folder for temporary
    files by default), which is removed when the vault is closed. What is looked at there stands in the log of that copy
    only.

    Raises:
        WrongSecret: the secret opens it not.
        Corrupt: the backup was cut or changed.
        Unsupported: from the methods that change something.
    """
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="phm-backup-", dir=_path(scratch))
    try:
        vault = os.path.join(folder, "vault")
        _phm.restore(os.fspath(file), vault, passphrase, _path(key_file), recovery_code)
        native = _phm.open(vault, passphrase, _path(key_file), recovery_code, True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Vault(native, scratch=folder)


def restore(
    file: StrPath,
    path: StrPath,
    passphrase: str | None = None,
    key_file: StrPath | None = None,
    *,
    recovery_code: str | None = None,
) -> dict[str, Any]:
    """Restores a backup into an empty or new folder and verifies it: `{"profiles", "entries", "audit_root"}`.

    One that goes on from another is restored with those before it, which lie in the same folder; a folder stands for the
    newest backup in it. So it is with `open_backup` and `drill`.

    Raises:
        Conflict: there is something in the folder.
        Corrupt: the backup was cut or changed; everything is as it was before.
    """
    report: dict[str, Any] = loads(
        _phm.restore(os.fspath(file), os.fspath(path), passphrase, _path(key_file), recovery_code)
    )
    return report


def drill(
    file: StrPath,
    passphrase: str | None = None,
    key_file: StrPath | None = None,
    *,
    recovery_code: str | None = None,
) -> dict[str, Any]:
    """Tries a backup out: restores it beside itself, verifies everything, removes it again."""
    report: dict[str, Any] = loads(_phm.drill(os.fspath(file), passphrase, _path(key_file), recovery_code))
    return report


def make_key_file(path: StrPath) -> None:
    """Makes a file with a new random key, readable by its owner only; an existing file is never replaced."""
    _phm.make_key_file(os.fspath(path))


def _path(path: StrPath | None) -> str | None:
    return None if path is None else os.fspath(path)
