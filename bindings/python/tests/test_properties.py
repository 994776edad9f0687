"""Arbitrary valid records come back as they were written, from the record and from the table."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import phm
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Long enough to find what breaks, short enough to be run every time.
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(lambda text: text == text.strip() != "")
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-10**6, max_value=10**6, places=3)
moments = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1), timezones=st.just(datetime.timezone.utc))
units = st.sampled_from(["mg/dL", "mmol/L", "%", "10*9/L", "/min", "kg"])


@few
@given(text=texts)
def test_words_in_any_alphabet_come_back(asha: phm.Profile, text: str) -> None:
    record = asha.put("note", {"text": text})
    assert asha.get("note", record.id).body == {"text": text}


@few
@given(value=decimals, unit=units, at=moments, title=texts)
def test_results_come_back_and_stand_in_the_table(
    session: phm.Session, asha: phm.Profile, value: decimal.Decimal, unit: str, at: datetime.datetime, title: str
) -> None:
    body = {"concept": title, "quantity": {"value": value, "unit": unit}, "collected_at": at}
    record = asha.put("lab-result", body)
    assert record.body["quantity"] == {"value": str(value), "unit": unit} and record.body["concept"]["text"] == title
    pyarrow = pytest.importorskip("pyarrow")
    rows = pyarrow.table(session.table("lab-result")).to_pylist()
    row = next(row for row in rows if row["id"] == record.id)
    assert row["quantity"] == float(value) and row["quantity_text"] == str(value) and row["quantity_unit"] == unit
    assert row["occurred"] == at.replace(microsecond=at.microsecond // 1000 * 1000)
    asha.remove(record)


@few
@given(samples=st.lists(st.tuples(moments, decimals), max_size=50))
def test_samples_come_back_in_order_and_once(
    asha: phm.Profile, samples: list[tuple[datetime.datetime, decimal.Decimal]]
) -> None:
    series = asha.put("series", {"concept": "x", "unit": "1"})
    once = {(at.replace(microsecond=at.microsecond // 1000 * 1000), str(value)) for at, value in samples}
    done = asha.add_samples(series, samples)
    assert done["added"] == len(once) and done["added"] + done["duplicates"] == len(samples)
    back = [(datetime.datetime.fromisoformat(one["at"].replace("Z", "+00:00")), one["value"]) for one in asha.samples(series)]
    assert set(back) == once and [at for at, _ in back] == sorted(at for at, _ in back)


def test_nothing_of_a_path_is_taken_for_another(tmp_path: Path) -> None:
    with pytest.raises(phm.NotFound):
        phm.open(tmp_path / "a folder with spaces and ਪੰਜਾਬੀ", passphrase="x")
