"""The de-identified export: no canary in it, dates that cannot be joined, a report of what went."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import phm
import pytest
from conftest import lab

CANARIES = ["Zebediah", "Quince", "heron", "lakeside", "9876543210", "zebediah@example.org"]


@pytest.fixture
def seeded(session: phm.Session) -> phm.Profile:
    person = session.add_profile(
        {
            "name": {"given": ["Zebediah"], "family": "Quince"}, "birth_date": "1961-04-03", "sex": "male",
            "address": "7 lakeside", "contacts": [{"type": "phone", "value": "9876543210"}],
            "identifiers": [{"system": "urn:heron", "value": "9876543210"}], "languages": ["heron"],
        }
    )
    person.put("lab-result", lab(remarks="Zebediah saw a heron", laboratory={"name": "lakeside"}, status="heron"))
    person.put("condition", {"concept": {"text": "heron", "codes": [{"system": "urn:x", "code": "heron"}]}, "notes": "Quince"})
    person.put("note", {"text": "zebediah@example.org"})
    series = person.put("series", {"concept": "heron", "unit": "{heron}/min", "source": "lakeside"})
    person.add_samples(series, [("2026-04-03T08:00:00Z", "60"), ("2026-04-03T08:01:00Z", "9876543210")])
    return person


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_no_canary_leaves(session: phm.Session, seeded: phm.Profile, tmp_path: Path) -> None:
    report = session.export_deidentified(tmp_path / "out")
    text = (tmp_path / "out").read_text()
    assert not [word for word in [*CANARIES, seeded.id, "1961-04-03", "2026-04-03"] if word in text]
    assert report["people"] == 1 and report["samples"] == 1 and report["left_out"] == {"note": 1}
    assert report["removed"]["lab-result/remarks"] == 1 and report["removed"]["sample/value"] == 1
    (result,) = [line for line in lines(tmp_path / "out") if line["kind"] == "lab-result"]
    assert result["body"]["quantity"] == {"value": "6.40", "unit": "%"}  # type: ignore[index]
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_exports_fit_together_by_their_secret_only(session: phm.Session, seeded: phm.Profile, tmp_path: Path) -> None:
    names = ["one", "same", "other", "random"]
    secrets = ["0123456789abcdef", "0123456789abcdef", "fedcba9876543210", None]
    for name, secret in zip(names, secrets):
        session.export_deidentified(tmp_path / name, secret=secret)
    one, same, other, random = (lines(tmp_path / name) for name in names)
    assert one == same

    def joined(a: list[dict[str, object]], b: list[dict[str, object]]) -> set[object]:
        # Days may be the same by chance; those of many people are looked at below.
        values = [{value for line in lines for name in ("id", "profile", "at") if (value := line.get(name))}
                  for lines in (a, b)]
        return values[0] & values[1]

    assert not joined(one, other) and not joined(one, random)
    with pytest.raises(phm.Invalid):
        session.export_deidentified(tmp_path / "short", secret="short")
    assert not (tmp_path / "short").exists()
    with pytest.raises(phm.Conflict):
        session.export_deidentified(tmp_path / "one")


def test_dates_join_nobody_of_two_exports_with_different_secrets(session: phm.Session, tmp_path: Path) -> None:
    first = datetime.date(2020, 1, 1)
    real = {str(number): first + datetime.timedelta(days=number) for number in range(40)}
    for value, day in real.items():
        session.add_profile("Asha Example").put("lab-result", lab(value, str(day)))

    def days(secret: str) -> dict[str, datetime.date]:
        session.export_deidentified(tmp_path / secret, secret=secret)
        found = [line for line in lines(tmp_path / secret) if line["kind"] == "lab-result"]
        assert all(line["body"]["collected_at"] == line["occurred"] for line in found)  # type: ignore[index]
        return {line["body"]["quantity"]["value"]: datetime.date.fromisoformat(str(line["occurred"])) for line in found}  # type: ignore[index]

    one, other = days("0123456789abcdef"), days("fedcba9876543210")
    assert one.keys() == other.keys() == real.keys() and not any(one[who] == real[who] for who in real)
    # A day may be the same by chance, one in some thousand.
    assert sum(one[who] == other[who] for who in real) <= 1
    # One span between the two exports would join everybody, and so would the order of the days.
    assert len({other[who] - one[who] for who in real}) > 20
    assert sorted(real, key=lambda who: one[who]) != sorted(real, key=lambda who: other[who])


def test_a_table_without_names_is_written_as_parquet(session: phm.Session, seeded: phm.Profile, tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    table, report = session.deidentified_table("lab-result", secret="0123456789abcdef")
    table.to_parquet(tmp_path / "t.parquet")
    frame = polars.read_parquet(tmp_path / "t.parquet")
    assert frame["quantity_text"].to_list() == ["6.40"] and frame["remarks"].null_count() == 1
    assert frame["concept_code"].to_list() == ["4548-4"] and frame["recorded_at"].null_count() == 1
    assert report["removed"]["lab-result/remarks"] == 1 and report["people"] == 1
    assert not [word for word in [*CANARIES, seeded.id, "2026-04-03"] if word in str(frame.to_dicts())]
    # It fits the export with the same secret.
    session.export_deidentified(tmp_path / "out", secret="0123456789abcdef")
    (result,) = [line for line in lines(tmp_path / "out") if line["kind"] == "lab-result"]
    assert frame["id"].to_list() == [result["id"]] and frame["profile"].to_list() == [result["profile"]]
    with pytest.raises(phm.Invalid):
        session.deidentified_table("lab-result", secret="short")


def test_nothing_says_that_somebody_is_older_than_89(session: phm.Session, tmp_path: Path) -> None:
    person = session.add_profile({"name": "Old Example", "birth_date": "1930-04-03", "sex": "female"})
    vaccine = {"text": "smallpox", "codes": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "75"}]}
    person.put("immunization", {"vaccine": vaccine, "given_on": "1931-05-06"})
    age = {"text": "Age", "codes": [{"system": "http://loinc.org", "code": "30525-0"}]}
    person.put("lab-result", {"concept": age, "quantity": {"value": "1150", "unit": "mo"}, "collected_at": "2026-04-03"})
    session.export_deidentified(tmp_path / "out")
    found = {line["kind"]: line for line in lines(tmp_path / "out")}
    assert found["profile"]["body"] == {"sex": "female"}
    assert found["immunization"]["occurred"] is None and "given_on" not in found["immunization"]["body"]  # type: ignore[operator]
    assert "quantity" not in found["lab-result"]["body"] and found["lab-result"]["occurred"]  # type: ignore[operator]


def test_what_lies_between_the_dates_of_one_person_stays(session: phm.Session, asha: phm.Profile, tmp_path: Path) -> None:
    for day in ("2020-01-01", "2020-01-31", "2021-01-31"):
        asha.put("lab-result", lab(at=day))
    session.export_deidentified(tmp_path / "out")
    found = [line["occurred"] for line in lines(tmp_path / "out") if line["kind"] == "lab-result"]
    days = [datetime.date.fromisoformat(str(day)) for day in found]
    assert [(after - days[0]).days for after in days] == [0, 30, 396]
