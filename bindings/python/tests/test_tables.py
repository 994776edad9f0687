"""Tables: columns, units, time zones, and nothing copied or lost on the way."""

from __future__ import annotations

import ctypes
import datetime
import gc
import sys
import tracemalloc
from pathlib import Path

import phm
import pytest
from conftest import lab

pyarrow = pytest.importorskip("pyarrow")


def pulse(asha: phm.Profile, many: int = 100) -> phm.Record:
    concept = {"text": "Heart rate", "codes": [{"system": "http://loinc.org", "code": "8867-4"}]}
    series = asha.put("series", {"concept": concept, "unit": "/min"})
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    asha.add_samples(series, ((start + datetime.timedelta(minutes=turn), 60 + turn % 30) for turn in range(many)))
    return series


def test_a_table_of_results_has_values_units_and_moments(session: phm.Session, asha: phm.Profile) -> None:
    low = asha.put("lab-result", lab("6.40", "2026-04", range={"low": {"value": "4", "unit": "%"}}))
    asha.put("lab-result", {"concept": "Culture", "text_value": "no growth"})
    table = session.table("lab-result").to_arrow()
    rows = {row["id"]: row for row in table.to_pylist()}
    row = rows[low.id]
    assert (row["quantity"], row["quantity_text"], row["quantity_unit"]) == (6.4, "6.40", "%")
    assert (row["concept"], row["concept_code"]) == ("HbA1c", "4548-4")
    assert (row["range_low"], row["range_high"], row["range_unit"]) == (4.0, None, "%")
    assert row["occurred"] == datetime.datetime(2026, 4, 1, tzinfo=datetime.timezone.utc)
    assert row["occurred_text"] == "2026-04" and row["profile"] == asha.id
    other = next(row for row in rows.values() if row["id"] != low.id)
    assert other["quantity"] is None and other["text_value"] == "no growth" and other["occurred"] is None
    assert table.schema.field("occurred").type == pyarrow.timestamp("ms", tz="UTC")
    assert table.schema.field("quantity").metadata[b"description"]
    # Of numbers that share a unit the column says it, too.
    assert [table.schema.field(name).metadata[b"unit"] for name in ("quantity", "range_low")] == [b"%", b"%"]
    asha.put("lab-result", {"concept": "Sodium", "quantity": {"value": "140", "unit": "mmol/L"}})
    assert b"unit" not in session.table("lab-result").to_arrow().schema.field("quantity").metadata
    table.validate(full=True)


def test_every_kind_has_a_table_and_its_columns_are_described(session: phm.Session, asha: phm.Profile) -> None:
    for kind in session.call("kinds"):
        table = session.table(kind["kind"])
        assert [column.name for column in table.columns] == [column.name for column in phm.columns(kind["kind"])]
        assert all(column.doc for column in table.columns)
        assert table.to_arrow().num_rows == (1 if kind["kind"] == "profile" else 0)
    with pytest.raises(phm.NotFound):
        session.table("account")


def test_samples_come_as_a_table_with_their_unit(session: phm.Session, vault: phm.Vault, asha: phm.Profile) -> None:
    series = pulse(asha, 5000)
    table = vault.series("8867-4")
    assert table.shape == (5000, 5) and {column.name: column.unit for column in table.columns}["value"] == "/min"
    arrow = table.to_arrow()
    arrow.validate(full=True)
    assert arrow.column("value").to_pylist()[:3] == [60.0, 61.0, 62.0]
    assert set(arrow.column("series").to_pylist()) == {series.id}
    part = vault.series("8867-4", since="2026-01-01T01:00:00Z", until="2026-01-01T01:09:00Z")
    assert len(part) == 10
    assert len(vault.series("0000-0")) == 0 and vault.series("0000-0").to_arrow().num_columns == 5


def test_a_table_is_handed_out_again_and_again(session: phm.Session, asha: phm.Profile) -> None:
    asha.put("lab-result", lab())
    table = session.table("lab-result")
    assert pyarrow.table(table) == pyarrow.table(table) == table.to_arrow()
    arrow = table.to_arrow()
    del table
    gc.collect()
    assert arrow.column("quantity").to_pylist() == [6.4]


def test_polars_pandas_and_parquet_take_it(session: phm.Session, asha: phm.Profile, tmp_path: Path) -> None:
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    pulse(asha, 500)
    table = session.series("8867-4")
    frame = table.to_polars()
    assert frame.shape == (500, 5) and frame.schema["at"] == polars.Datetime("ms", "UTC")
    panda = table.to_pandas()
    assert panda["value"].mean() == frame["value"].mean() and isinstance(panda["at"].dtype, pandas.DatetimeTZDtype)
    table.to_parquet(tmp_path / "t.parquet")
    back = polars.read_parquet(tmp_path / "t.parquet")
    assert back["value"].to_list() == frame["value"].to_list()
    assert (tmp_path / "t.parquet").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        table.to_parquet(tmp_path / "t.parquet")


def test_an_unused_capsule_gives_everything_back(session: phm.Session, asha: phm.Profile) -> None:
    pulse(asha, 200)
    table = session.series("8867-4")
    for _ in range(2000):
        table.__arrow_c_stream__()
        table.__arrow_c_schema__()
    capsule = table.__arrow_c_stream__()
    name = ctypes.pythonapi.PyCapsule_GetName
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    assert name(capsule) == b"arrow_array_stream"


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_nothing_leaks_from_calls_or_tables(session: phm.Session, asha: phm.Profile) -> None:
    pulse(asha, 20_000)
    record = asha.put("lab-result", lab())

    def turn() -> None:
        asha.get("lab-result", record.id)
        session.series("8867-4").to_arrow()
        with pytest.raises(phm.NotFound):
            asha.get("note", record.id)

    for _ in range(100):
        turn()
    gc.collect()
    tracemalloc.start()
    objects, before, memory = len(gc.get_objects()), tracemalloc.get_traced_memory()[0], rss()
    for _ in range(300):
        turn()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(gc.get_objects()) - objects < 100 and after - before < 200_000
    # 300 tables of 20,000 samples are some 100 MB.
    assert rss() - memory < 30 << 20


def test_refcounts_of_what_is_passed_in_stay(asha: phm.Profile) -> None:
    body, kind = lab(), "".join(["lab-", "result"])
    before = sys.getrefcount(body), sys.getrefcount(kind)
    for _ in range(20):
        asha.put(kind, body)
    assert (sys.getrefcount(body), sys.getrefcount(kind)) == before
