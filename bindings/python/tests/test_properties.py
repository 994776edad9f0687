"""Arbitrary valid records come back as they were written, from the record and from the table."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path
from typing import Any

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


days = st.dates(datetime.date(1950, 1, 1), datetime.date(2020, 1, 1)).map(datetime.date.isoformat)
# A value of a field, by its type; what names other records or has fields of its own is left to tests of its kind.
values: dict[str, st.SearchStrategy[Any]] = {
    "text": texts,
    "concept": texts.map(lambda text: {"text": text}),
    "party": texts.map(lambda text: {"name": text}),
    "date": days,
    "when": days | st.integers(1950, 2020).map(str),
    "instant": days.map(lambda day: f"{day}T08:30:00.000Z"),
    "boolean": st.booleans(),
    "quantity": st.tuples(decimals, units).map(lambda pair: {"value": str(pair[0]), "unit": pair[1]}),
}
# An end is bound by its beginning, a part of a value by the others.
BOUND = {
    "end", "ended", "performed_end", "expires_on", "language", "relation", "status", "started", "verification", "severity",
    "dose", "duration",
}
KINDS = [
    "visit", "condition", "allergy", "medication", "immunization", "procedure", "family-history", "appointment",
    "symptom-report", "message", "care-plan", "insurance", "device", "note",
]


@few
@given(data=st.data())
def test_records_of_many_kinds_come_back_field_by_field(session: phm.Session, asha: phm.Profile, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([one for one in session.call("kinds") if one["kind"] in KINDS]), "kind")
    body: dict[str, Any] = {}
    for field in kind["fields"]:
        of, name = field["type"], field["name"]
        known = of in values or of == "choice"
        assert known or not field["required"], f"{kind['kind']}/{name} needs a strategy"
        if not known or (name in BOUND and not field["required"]) or not (field["required"] or data.draw(st.booleans())):
            continue
        one = st.sampled_from(field["choices"]) if field.get("choices") else values[of]
        body[name] = data.draw(st.lists(one, min_size=1, max_size=3, unique_by=str) if field["many"] else one, name)
    record = asha.put(kind["kind"], body)
    assert {name: asha.get(record).body.get(name) for name in body} == body
    asha.remove(record)


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
