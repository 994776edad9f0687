"""People, records, versions, series, imports: what goes in comes out, and what breaks a rule is refused."""

from __future__ import annotations

import copy
import datetime
import decimal
import json
import pickle
from pathlib import Path

import phm
import pytest
from conftest import lab


def test_a_record_comes_back_as_it_was_written(session: phm.Session, asha: phm.Profile) -> None:
    record = asha.put("lab-result", lab("6.40"))
    again = asha.get("lab-result", record.id)
    assert again == record and again["body"]["quantity"] == {"value": "6.40", "unit": "%"}
    assert (again.kind, again.version, again.occurred, again.removed) == ("lab-result", 1, "2026-04-03", False)
    assert asha.get(record.id) == record == asha.get(record)
    # From a record to the person it is about.
    assert session.profile(record).id == asha.id == session.profile(session.profiles()[0]).id


def test_decimals_and_moments_of_python_are_taken_exactly(asha: phm.Profile) -> None:
    utc = datetime.timezone.utc
    body = {**lab(), "quantity": {"value": decimal.Decimal("6.40"), "unit": "%"}}
    body["collected_at"] = datetime.datetime(2026, 4, 3, 10, 30, 0, 250_000, tzinfo=utc)
    record = asha.put("lab-result", body)
    assert record.body["quantity"]["value"] == "6.40"
    assert record.occurred == "2026-04-03T10:30:00.250Z"
    with pytest.raises(phm.Invalid):
        asha.put("lab-result", lab(at=datetime.datetime(2026, 4, 3)))  # type: ignore[arg-type]
    with pytest.raises(phm.Invalid):
        asha.put("lab-result", {**lab(), "quantity": {"value": 6.4, "unit": "%"}})


def test_every_change_is_a_version_and_a_stale_one_a_conflict(asha: phm.Profile) -> None:
    first = asha.put("lab-result", lab("6.40"))
    second = asha.amend(first, body=lab("6.50"))
    assert second.version == 2
    for stale in (
        lambda: asha.amend("lab-result", first.id, lab("9"), based_on=1),
        lambda: asha.put("lab-result", lab("9"), id=first.id, based_on=1),
        lambda: asha.remove(first),
    ):
        with pytest.raises(phm.Conflict) as refused:
            stale()
        assert refused.value.current_version == 2
    removed = asha.remove(second)
    assert removed.removed and removed.version == 3
    with pytest.raises(phm.NotFound):
        asha.get("lab-result", first.id)
    assert asha.get("lab-result", first.id, removed=True).removed
    assert asha.restore("lab-result", first.id, 3, version=1).body["quantity"]["value"] == "6.40"
    actions = [version["action"] for version in asha.history(first.id)]
    assert actions == ["create", "amend", "remove", "restore"]


def test_a_record_cannot_be_changed_in_memory(asha: phm.Profile) -> None:
    record = asha.put("lab-result", lab())
    with pytest.raises(AttributeError):
        record.version = 7  # type: ignore[misc]
    with pytest.raises(TypeError):
        record["version"] = 7  # type: ignore[index]
    record.body["quantity"]["value"] = "9"
    record["body"]["quantity"]["value"] = "9"
    assert record.body["quantity"]["value"] == "6.40"


def test_records_and_people_are_copied_and_pickled_as_they_are(session: phm.Session, asha: phm.Profile) -> None:
    record, card = asha.put("note", {"text": "x"}), session.profiles()[0]
    for one in (record, card):
        assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one) == copy.copy(one)
        with pytest.raises(AttributeError):
            del one._fields


def test_nothing_that_is_printed_names_a_person(vault: phm.Vault) -> None:
    session = vault.session("looking after Zebediah")
    person = session.add_profile("Zebediah Quince")
    record = person.put("note", {"text": "Zebediah saw a heron"})
    person.put("lab-result", {**lab(), "concept": {"text": "heron", "codes": lab()["concept"]["codes"]}})  # type: ignore[index]
    table, trend = session.table("note"), person.trend("4548-4")
    assert len(trend) == 1 and session.purpose == "looking after Zebediah"
    shown = [repr(one) for one in (vault, session, person, record, person.card(), session.profiles(), table, trend)]
    shown += [record._repr_html_(), table._repr_html_(), str(record), str(table)]
    assert not any(word in text for text in shown for word in ("Zebediah", "heron"))


def test_what_breaks_a_rule_is_named_by_its_place(asha: phm.Profile) -> None:
    with pytest.raises(phm.Invalid) as refused:
        asha.put("lab-result", lab(quantity={"value": "1", "unit": "bananas"}, colour="red"))
    assert set(refused.value.details) == {("/quantity/unit", "unknown-unit"), ("/colour", "unknown-field")}
    assert isinstance(refused.value, ValueError)
    with pytest.raises(phm.NotFound):
        asha.put("horoscope", {})
    with pytest.raises(phm.NotFound):
        asha.get("lab-result", "00000000-0000-4000-8000-000000000000")
    with pytest.raises(phm.Invalid):
        asha.get("lab-result", "no id")


def test_lists_are_filtered_by_code_and_time(asha: phm.Profile) -> None:
    for year in range(2010, 2020):
        asha.put("lab-result", lab(f"{year - 2004}.0", f"{year}-05-01"))
    asha.put("lab-result", {"concept": "Something else", "text_value": "yes", "collected_at": "2015"})
    assert len(asha.list("lab-result")) == 11
    found = asha.list("lab-result", code="4548-4", since=datetime.date(2015, 1, 1), until="2017")
    assert [record.occurred for record in found] == ["2017-05-01", "2016-05-01", "2015-05-01"]


def test_an_empty_list_is_refused_and_never_stands_for_everything(session: phm.Session, asha: phm.Profile, tmp_path: Path) -> None:
    asha.put("lab-result", lab())
    for asked in (
        lambda: session.table("lab-result", profiles=[]),
        lambda: session.table("lab-result", codes=[]),
        lambda: session.series([]),
        lambda: session.export_deidentified(tmp_path / "out", profiles=[]),
        lambda: session.deidentified_table("lab-result", profiles=[]),
        lambda: asha.list("lab-result", code=[]),
        lambda: asha.timeline(kinds=[]),
        lambda: session.call("timeline", {"profile": asha.id, "kinds": []}),
    ):
        with pytest.raises(phm.Invalid):
            asked()
    assert not (tmp_path / "out").exists()
    assert len(session.table("lab-result", profiles=[asha.id, asha.id])) == 1


def test_what_is_given_is_listed_and_taken_back(asha: phm.Profile) -> None:
    record = asha.put("lab-result", lab())
    grant = asha.give({"role": "provider"}, kinds="lab-result", actions=["read"], purpose="a visit", until="2026", records=[record])
    assert grant["state"] == "live" and grant["records"] == [record.id] and grant["to_date"] == "2026"
    assert [one["id"] for one in asha.grants()] == [grant["id"]]
    assert asha.revoke(grant["id"])["state"] == "revoked" == asha.revoke(grant["id"])["state"]
    with pytest.raises(phm.Invalid) as refused:
        asha.give({"role": "stranger"}, kinds="lab-result", actions="read")
    assert refused.value.details
    with pytest.raises(phm.NotFound):
        asha.revoke("00000000-0000-4000-8000-000000000000")


def test_what_json_has_no_form_for_is_refused_by_name(asha: phm.Profile) -> None:
    for text in ("\ud800", object(), float("nan")):
        with pytest.raises(phm.Invalid):
            asha.put("note", {"text": text})
    early = datetime.datetime(90, 2, 3, 4, 5, 6, 789_999, tzinfo=datetime.timezone.utc)
    record = asha.put("note", {"text": "x"})
    assert asha.list("note", since=early) == [] or record in asha.list("note", since=early)
    with pytest.raises(phm.Invalid):
        asha.list("note", since=datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5))))


def test_scalars_of_numpy_and_pyarrow_stand_for_those_of_python(asha: phm.Profile) -> None:
    numpy, pyarrow = pytest.importorskip("numpy"), pytest.importorskip("pyarrow")
    for true in (numpy.bool_(True), pyarrow.scalar(True)):
        assert asha.put("note", {"text": "x", "private": true}).body["private"] is True
    vaccine = {"vaccine": numpy.str_("Tetanus"), "given_on": "2020-01-01", "dose_number": numpy.int64(2)}
    assert asha.put("immunization", vaccine).body["dose_number"] == 2
    moments = numpy.datetime64("2020-01-01T00:00:00.000"), numpy.datetime64("2020", "ns")
    for text in (numpy.array([1, 2]), numpy.array(["x"]), *moments):
        with pytest.raises(phm.Invalid):
            asha.put("note", {"text": text})


def test_search_timeline_and_who_looked(session: phm.Session, asha: phm.Profile) -> None:
    note = asha.put("note", {"text": "A heron at the lake"})
    asha.put("condition", {"concept": "Asthma", "onset": "2001"})
    assert [row["id"] for row in asha.search("heron")] == [note.id]
    assert {row["kind"] for row in asha.timeline()} == {"note", "condition"}
    assert {row["kind"] for row in asha.timeline(kinds="note")} == {"note"}
    looked = asha.who_looked()
    assert {row["actor"]["type"] for row in looked} == {"operator"}
    assert {row["purpose"] for row in looked} == {"test"} and any(row["action"] == "add" for row in looked)


def test_samples_are_added_once_and_taken_back_whole(session: phm.Session, asha: phm.Profile) -> None:
    body = {"concept": {"text": "Heart rate", "codes": [{"system": "http://loinc.org", "code": "8867-4"}]}, "unit": "/min"}
    series = asha.put("series", body)
    rows = [(f"2026-04-03T08:{minute:02}:00Z", 60 + minute) for minute in range(60)]
    assert asha.add_samples(series, rows) == {"added": 60, "duplicates": 0}
    assert asha.add_samples(series, rows[:3]) == {"added": 0, "duplicates": 3}
    assert len(asha.samples(series)) == 60 and asha.samples(series)[0]["value"] == "60"
    assert asha.buckets(series, "1h")[0]["count"] == 60
    entry = session.call("appends", {"profile": asha.id, "series": series.id})[0]["entry"]
    assert session.call("undo_samples", {"profile": asha.id, "series": series.id, "entry": entry}) == {"hidden": 60}
    assert asha.samples(series) == []


def test_a_document_comes_back_byte_for_byte(asha: phm.Profile, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "in.pdf").write_bytes(content)
    document = asha.add_document(tmp_path / "in.pdf", {"title": "Report", "category": "lab-report"})
    asha.save_document(document, tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes() == content
    assert (tmp_path / "out.pdf").stat().st_mode & 0o077 == 0
    with pytest.raises(phm.Conflict):
        asha.save_document(document, tmp_path / "out.pdf")


def patient(name: str) -> dict[str, object]:
    return {"resourceType": "Patient", "id": "p1", "name": [{"text": name}], "gender": "female"}


def test_fhir_is_imported_once_exported_and_undone(vault: phm.Vault, session: phm.Session, tmp_path: Path) -> None:
    observation = {
        "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/p1"},
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
        "effectiveDateTime": "2026-04-03", "valueQuantity": {"value": 6.4, "unit": "%", "code": "%",
        "system": "http://unitsofmeasure.org"},
    }
    entries = [{"resource": patient("Mira Example")}, {"resource": observation}]
    source = tmp_path / "bundle.json"
    source.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    assert vault.import_file(source, new_profile=True, dry_run=True)["totals"]["added"] == 2
    assert session.profiles() == []
    report = vault.import_file(source, new_profile=True)
    assert report["totals"]["added"] == 2
    assert vault.import_file(source, new_profile=True)["totals"] ["added"] == 0
    (mira,) = session.profiles()
    assert len(session.table("lab-result", profiles=[mira])) == 1
    vault.export(mira, "ndjson", tmp_path / "out.ndjson")
    assert json.loads((tmp_path / "out.ndjson").read_text().splitlines()[1])["id"] == "o1"
    session.undo_import(report["imports"][0]["import"])
    assert session.profiles() == []
    source.write_text("{broken")
    with pytest.raises(phm.Invalid):
        vault.import_file(source, new_profile=True)


def test_sessions_of_an_unknown_account_are_refused(vault: phm.Vault) -> None:
    with pytest.raises(phm.NotFound):
        vault.session("x", account="nobody@example.org").profiles()


def test_an_operation_that_does_not_exist_fails(session: phm.Session) -> None:
    with pytest.raises(phm.NotFound):
        session.call("guess")
    with pytest.raises(phm.Invalid):
        session.call("profiles", {"strange": 1})
