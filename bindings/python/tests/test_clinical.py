"""Calculators, doses, units, trends: the vectors that Rust runs too, from the same files."""

from __future__ import annotations

import datetime
import json
import math
import sys
from pathlib import Path
from typing import Any

import phm
import pytest
from conftest import lab
from phm import _phm

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from scenarios import VECTORS, differs, filled, judged  # noqa: E402

class Run:
    """What the steps of one file share: a vault where one is needed, and the answers that were given a name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session: phm.Session | None = None
        self.answers: dict[str, Any] = {}

    def call(self, op: str, args: Any) -> Any:
        if op not in _phm.vault_ops():
            return json.loads(_phm.call(op, json.dumps(args)))
        if self.session is None:
            phm.make_key_file(self.folder / "key")
            self.session = phm.create(self.folder / "vault", key_file=self.folder / "key").session("scenario")
        return self.session.call(op, args)

    def step(self, step: dict[str, Any]) -> str | None:
        """Runs one step; says what went wrong."""
        try:
            found = self.call(step["op"], filled(step["args"], self.answers))
        except phm.PhmError as error:
            details = [{"path": path, "code": code} for path, code in error.details]
            refusal = {"kind": type(error).__name__, "code": error.code, "details": details}
            return judged(step, self.answers, None, refusal)
        return judged(step, self.answers, found, None)


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.json")), ids=lambda path: path.stem)
def test_every_scenario_does_as_it_says(path: Path, tmp_path: Path) -> None:
    file = json.loads(path.read_text())
    run = Run(tmp_path)
    wrong = [why for step in file["steps"] if (why := run.step(step))]
    assert file["name"] and not wrong


def test_the_comparison_notices_a_wrong_answer() -> None:
    assert differs("68.633", "68.6334", "") is None and differs("68.633", "68.6336", "")
    assert differs({"a": None}, {}, "") is None and differs([1], [1, 2], "") and differs(True, 1, "")
    assert Run(Path()).step({"op": "guess", "args": {}, "expect": {}})
    assert Run(Path()).step({"op": "calculators", "args": {}}), "a step that expects nothing is wrong"
    assert len(list(VECTORS.glob("*.json"))) >= 7


def test_every_operation_that_needs_no_vault_is_reached_without_one() -> None:
    assert phm.call.__doc__
    functions = {"calculators", "calculate", "parse_dose", "convert", "normalise_unit", "statistics"}
    for op in _phm.ops():
        assert op in functions or f"`{op}`" in phm.call.__doc__, f"{op} is nowhere described"
    assert all(getattr(phm, name) for name in functions)
    assert phm.call("convert", quantity={"value": "1", "unit": "g"}, to="mg")["value"] == "1000"
    with pytest.raises(phm.NotFound):
        phm.call("guess")
    with pytest.raises(phm.Invalid):
        phm.call("is_loinc")


def test_every_calculator_is_listed_with_its_source() -> None:
    for one in phm.calculators():
        assert one["source"] and one["year"] > 1800 and one["inputs"]


def test_a_value_in_the_wrong_unit_is_asked_about() -> None:
    with pytest.raises(phm.Invalid) as refused:
        phm.calculate("ckd-epi-2021", creatinine=(88, "mg/dL"), age=(50, "a"), sex="female")
    assert refused.value.data["asks"][0]["plausible_in"] == ["umol/L"]
    with pytest.raises(phm.NotFound):
        phm.calculate("astrology")
    with pytest.raises(phm.Invalid):
        phm.calculate("ckd-epi-2021", creatinine=(True, "mg/dL"), age=(50, "a"), sex="female")


def test_columns_keep_good_rows_beside_bad_ones() -> None:
    answer = phm.calculate_columns(
        "ckd-epi-2021", creatinine=([1.0, None, 88.0, math.nan], "mg/dL"), age=(50, "a"), sex=["female"] * 4
    )
    assert [value is None for value in answer["value"]] == [False, True, True, True]
    assert answer["reason"][1:] == ["required", "implausible-value", "required"] and answer["applicable"][0]
    with pytest.raises(phm.Invalid):
        phm.calculate_columns("bmi", weight=([70], "kg"), height=([170, 180], "cm"))
    with pytest.raises(phm.Invalid):
        phm.calculate_columns("bmi", weight=(70, "kg"), height=(170, "cm"))


def test_columns_by_another_name_are_a_mistake_of_the_call() -> None:
    with pytest.raises(phm.Invalid) as refused:
        phm.calculate_columns("bmi", weight=([70], "kg"), high=(175, "cm"))
    assert set(refused.value.details) == {("/inputs/high", "unknown-field"), ("/inputs/height", "required")}
    with pytest.raises(phm.NotFound):
        phm.calculate_columns("astrology", weight=([], "kg"))


def test_numbers_of_numpy_pandas_and_pyarrow_are_taken_as_those_of_python() -> None:
    numpy, pandas, pyarrow = (pytest.importorskip(name) for name in ("numpy", "pandas", "pyarrow"))
    expected = phm.calculate("ckd-epi-2021", creatinine=(1.0, "mg/dL"), age=(50, "a"), sex="female")
    for one in (numpy.float64, numpy.float32, pyarrow.scalar):
        found = phm.calculate("ckd-epi-2021", creatinine=(one(1.0), "mg/dL"), age=(numpy.int64(50), "a"), sex="female")
        assert found["value"] == expected["value"]
    assert phm.convert(numpy.float64(5.5), "mmol/L", "mg/dL", test="glucose")["value"] == "99.09"
    for none in (None, math.nan, pandas.NA, pandas.NaT, True, [1.0], numpy.array([1.0, 2.0])):
        with pytest.raises(phm.Invalid):
            phm.convert(none, "mmol/L", "mg/dL", test="glucose")
    for column in (
        pandas.Series([70.0, None]), pandas.array([70, None], dtype="Int64"), numpy.array([70.0, math.nan]),
        pyarrow.array([70.0, None]), pyarrow.chunked_array([[70.0], [None]]), (70, None),
    ):
        answer = phm.calculate_columns("bmi", weight=(column, "kg"), height=(numpy.int32(175), "cm"))
        assert round(answer["value"][0], 1) == 22.9 and answer["value"][1] is None and answer["reason"] == [None, "required"]
    # What is no number at all is refused where it stands.
    for none in (numpy.array([1, 2]), [70], {"value": "70"}, numpy.datetime64("2020", "ns")):
        answer = phm.calculate_columns("bmi", weight=([70, none], "kg"), height=(175, "cm"))
        assert answer["value"][0] is not None and answer["reason"] == [None, "wrong-type"]


def test_a_trend_brings_units_together_and_says_its_direction(asha: phm.Profile) -> None:
    for year in range(2017, 2026):
        asha.put("lab-result", lab(f"{6 + (year - 2017) * 0.2:.1f}", f"{year}-06-01"))
    asha.put("lab-result", {**lab(at="2026-06-01"), "quantity": {"value": "64", "unit": "mmol/mol"}})
    trend = asha.trend("4548-4", unit="%")
    assert len(trend) == 10 and trend.unit == "%" and trend.statistics
    assert trend.statistics["direction"] == "rising" and 0.15 < trend.statistics["per_year"] < 0.25
    assert round(trend.points[-1]["value"], 1) == 8.0
    empty = asha.trend("0000-0")
    assert len(empty) == 0 and empty.statistics is None and empty.unit is None


def test_a_result_that_was_withdrawn_is_in_no_trend(asha: phm.Profile) -> None:
    for status, value in (("final", "6.0"), ("entered-in-error", "19.0"), ("cancelled", "18.0"), ("corrected", "6.2")):
        asha.put("lab-result", lab(value, status=status))
    assert sorted(point["value"] for point in asha.trend("4548-4").points) == [6.0, 6.2]


def test_the_two_numbers_of_blood_pressure_have_a_trend_each(asha: phm.Profile) -> None:
    def of(code: str) -> dict[str, object]:
        return {"text": code, "codes": [{"system": "http://loinc.org", "code": code}]}

    def amount(value: object) -> dict[str, str]:
        return {"value": str(value), "unit": "mm[Hg]"}

    for year in range(2015, 2025):
        parts = [{"concept": of("8462-4"), "quantity": amount(80)}, {"concept": of("8480-6"), "quantity": amount(year - 1890)}]
        asha.put("vital-sign", {"concept": of("85354-9"), "components": parts, "measured_at": f"{year}-05-01"})
    # Some give the upper number alone; a weight is another thing.
    asha.put("vital-sign", {"concept": of("8480-6"), "quantity": amount(135), "measured_at": "2025-05-01"})
    asha.put("vital-sign", {"concept": of("29463-7"), "quantity": {"value": "70", "unit": "kg"}, "measured_at": "2025-05-01"})
    systolic = asha.trend("8480-6", kind="vital-sign")
    assert [point["value"] for point in systolic.points] == [float(value) for value in range(125, 136)]
    assert systolic.unit == "mm[Hg]" and systolic.statistics and systolic.statistics["direction"] == "rising"
    assert len(asha.trend("http://loinc.org|8462-4", kind="vital-sign")) == 10
    assert len(asha.trend("http://snomed.info/sct|8462-4", kind="vital-sign")) == 0
    assert len(asha.trend("8480-6", kind="vital-sign", since="2020")) == 6
    assert len(asha.trend("29463-7", kind="vital-sign")) == 1


def test_a_trend_is_drawn_with_its_reference_band(asha: phm.Profile, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    bounds = {end: {"value": value, "unit": "%"} for end, value in (("low", "4.0"), ("high", "5.6"))}
    for year in range(2017, 2026):
        asha.put("lab-result", lab("6.1", f"{year}-06-01", range=bounds))
    trend = asha.trend("4548-4")
    assert trend.range == (4.0, 5.6)
    import matplotlib.pyplot as plt

    trend.save_plot(tmp_path / "t.png", title="HbA1c")
    assert plt.get_fignums() == [], "what a notebook shows stays as it is"
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_statistics_of_columns_leave_out_what_is_no_number() -> None:
    utc = datetime.timezone.utc
    times = [datetime.datetime(2020 + turn, 1, 1, tzinfo=utc) for turn in range(5)]
    found = phm.statistics(times, [1.0, 2.0, math.nan, 4.0, math.inf])
    assert found and found["count"] == 3 and found["most"] == 4.0
    assert phm.statistics([], []) is None
    with pytest.raises(phm.Invalid):
        phm.statistics([1], [])


def test_a_moment_without_a_time_zone_is_never_guessed() -> None:
    numpy, pandas, pyarrow = (pytest.importorskip(name) for name in ("numpy", "pandas", "pyarrow"))
    days = pandas.date_range("2020-01-01", periods=5, freq="365D", tz="UTC")
    values = pandas.array([1, 2, None, 4, 5], dtype="Int64")
    expected = phm.statistics([int(day.timestamp() * 1000) for day in days], ["1", "2.0", None, 4, 5.0])
    assert expected and round(expected["per_year"], 2) == 1.0
    assert phm.statistics(days, values) == phm.statistics(pyarrow.array(days), values) == expected
    # Those of numpy count nanoseconds, or days, and say so to nobody.
    without = days.tz_convert(None)
    for times in (
        without, without.to_numpy().astype("datetime64[ns]"), without.to_numpy().astype("datetime64[D]"),
        [str(day) for day in days], ["2020"] * 5, [None] * 5, [pandas.NaT] * 5, [day.date() for day in days], [math.inf] * 5,
    ):
        with pytest.raises(phm.Invalid):
            phm.statistics(times, [1, 2, 3, 4, 5])
    for value in ("many", [5], days[0], numpy.datetime64("2020", "ns"), 10**400):
        with pytest.raises(phm.Invalid):
            phm.statistics(days, [1, 2, 3, 4, value])
