"""The native part of `phm`."""

from typing import final

__version__: str

__all__ = [
    "Table",
    "Vault",
    "__version__",
    "call",
    "columns_of",
    "create",
    "drill",
    "make_key_file",
    "open",
    "ops",
    "restore",
    "samples_of",
    "table_of",
    "vault_ops",
]

def call(op: str, args: str) -> str: ...
def ops() -> list[str]: ...
def vault_ops() -> list[str]: ...
def make_key_file(path: str) -> None: ...
def create(
    path: str,
    passphrase: str | None = None,
    key_file: str | None = None,
    engine: str = "redb",
    cost: tuple[int, int] | None = None,
) -> tuple[Vault, str]: ...
def open(
    path: str,
    passphrase: str | None = None,
    key_file: str | None = None,
    recovery_code: str | None = None,
    read_only: bool = False,
) -> Vault: ...
def restore(
    file: str,
    path: str,
    passphrase: str | None = None,
    key_file: str | None = None,
    recovery_code: str | None = None,
) -> str: ...
def drill(
    file: str, passphrase: str | None = None, key_file: str | None = None, recovery_code: str | None = None
) -> str: ...
def table_of(kind: str, records: str) -> Table: ...
def samples_of(series: str) -> Table: ...
def columns_of(kind: str) -> list[tuple[str, str, str | None, str]]: ...
@final
class Vault:
    @property
    def id(self) -> str: ...
    @property
    def closed(self) -> bool: ...
    def call(self, op: str, args: str, purpose: str, account: str | None = None) -> str: ...
    def table(self, kind: str, query: str, purpose: str, account: str | None = None) -> Table: ...
    def samples(self, query: str, purpose: str, account: str | None = None) -> Table: ...
    def deidentified(
        self, kind: str, query: str, purpose: str, account: str | None = None, secret: str | None = None
    ) -> tuple[Table, str]: ...
    def close(self) -> None: ...

@final
class Table:
    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> list[tuple[str, str, str | None, str]]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def __len__(self) -> int: ...
