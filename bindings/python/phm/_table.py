"""Tables: rows of a vault as columns, for every dataframe library."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from . import _phm
from ._errors import Unsupported

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Column", "Table"]


class Column(NamedTuple):
    """What a column of a table is."""

    name: str
    type: str
    """`text`, `word` (few different texts), `integer`, `number`, `boolean`, or `moment` (UTC, milliseconds)."""
    unit: str | None
    """The unit of all values in UCUM, where they share one."""
    doc: str
    """What it means."""


class Table:
    """Rows of a vault, column by column, that other libraries take without copying.

    It speaks the Arrow PyCapsule interface, so `polars.DataFrame(table)`, `pyarrow.table(table)`,
    `pandas.DataFrame.from_arrow(table)` and duckdb take it as it is, as often as they like. Moments are in UTC. The memory
    is given back when the last of them is gone.

    >>> phm.columns("samples")[3].name
    'value'
    """

    __slots__ = ("_native",)

    def __init__(self, native: _phm.Table) -> None:
        self._native = native

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as an Arrow C stream."""
        return self._native.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """The schema as an Arrow C schema."""
        return self._native.__arrow_c_schema__()

    @property
    def name(self) -> str:
        """What it is a table of: a kind, or `samples`."""
        return self._native.name

    @property
    def columns(self) -> list[Column]:
        """What its columns are: name, type, unit, meaning."""
        return [Column(*about) for about in self._native.columns]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self._native), len(self._native.columns)

    def __len__(self) -> int:
        return len(self._native)

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<phm.Table {self.name}: {rows:,} rows, {columns} columns>"

    def _repr_html_(self) -> str:
        """Names and types of the columns; a notebook that is passed on shows nobody's data."""
        import html

        rows, columns = self.shape
        lines = "".join(
            f"<tr><td>{html.escape(one.name)}</td><td>{one.type}</td><td>{html.escape(one.unit or '')}</td>"
            f"<td>{html.escape(one.doc)}</td></tr>"
            for one in self.columns
        )
        return (
            f"<p>phm.Table <b>{html.escape(self.name)}</b>: {rows:,} rows, {columns} columns</p>"
            f"<table><tr><th>column</th><th>type</th><th>unit</th><th>meaning</th></tr>{lines}</table>"
        )

    def to_arrow(self) -> pyarrow.Table:
        """As a `pyarrow.Table`; needs pyarrow."""
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self) -> polars.DataFrame:
        """As a `polars.DataFrame`; needs polars. Columns of words become categories."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """As a `pandas.DataFrame`; needs pandas and pyarrow. Columns of words become categories."""
        # Columns stand by themselves, as they do here: to put them together would copy each once more.
        return self.to_arrow().to_pandas(split_blocks=True)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Writes the table to the new file `path` as Parquet, with units and meanings; needs pyarrow, or polars.

        Raises:
            FileExistsError: there is a file of this name already.
            Unsupported: neither library is installed.
        """
        path = os.fspath(path)
        # Made first, for its owner alone: what follows is no longer sealed.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            try:
                import pyarrow.parquet
            except ImportError:
                try:
                    self.to_polars().write_parquet(path)
                except ImportError:
                    raise Unsupported(
                        "writing Parquet needs pyarrow or polars; install one of them", "unsupported"
                    ) from None
            else:
                pyarrow.parquet.write_table(self.to_arrow(), path, compression="zstd")
        except BaseException:
            os.unlink(path)
            raise
