"""Arbitrary valid bodies with everything that stands inside them come back as they were written, kind by kind.

`test_properties.py` takes any kind and its plain fields; here are those of which one part depends on another, or has parts of
its own: reactions, components, frequencies, ranges, ratios, contacts.
"""

from __future__ import annotations

from typing import Any

import phm
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_properties import days, decimals, texts, units

Body = dict[str, Any]

some = settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def all_of(*parts: st.SearchStrategy[Body]) -> st.SearchStrategy[Body]:
    """One object with the fields of all parts."""
    return st.tuples(*parts).map(lambda drawn: {name: value for part in drawn for name, value in part.items()})


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Body]:
    """An object with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def just(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Body]:
    """An object with all of the fields."""
    return st.fixed_dictionaries(fields)


def few(one: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    # An empty list is stored as no list at all.
    return st.lists(one, min_size=1, max_size=3)


counts = st.integers(1, 2**53 - 1)
numbers = st.sampled_from([0.5, 1, 1.25, 2, 1000])
values = decimals.map(str)
amounts = all_of(just(value=values, unit=units), maybe(comparator=st.sampled_from(["<", "<=", ">=", ">"])))
spans = st.integers(1, 400).map(lambda many: {"value": str(many), "unit": "d"})
whens = days | st.integers(1950, 2020).map(str) | days.map(lambda day: day[:7])
instants = days.map(lambda day: f"{day}T08:30:00.250Z")
parties = all_of(just(name=texts), maybe(id=texts, speciality=texts, organization=texts))
systems = st.sampled_from(["http://loinc.org", "http://snomed.info/sct", "urn:x"])
codes = all_of(just(code=texts), maybe(system=systems, display=texts))
concepts = all_of(just(text=texts), maybe(codes=few(codes))) | just(codes=few(codes))


def course(first: str, last: str) -> st.SearchStrategy[Body]:
    """A beginning, and perhaps an end that is not before it."""
    ordered = st.lists(days, min_size=1, max_size=2).map(sorted)
    return st.just({}) | ordered.map(lambda both: dict(zip((first, last), both)))


ranges = st.tuples(st.tuples(decimals, decimals).map(sorted), units).map(
    lambda drawn: {end: {"value": str(value), "unit": drawn[1]} for end, value in zip(("low", "high"), drawn[0])}
)
steps = all_of(just(days=st.integers(1, 30), dose=amounts), maybe(times=st.integers(1, 6)))
frequencies = all_of(
    just(text=texts),
    maybe(
        times=st.integers(1, 24), as_needed=st.booleans(), max_per_day=numbers, steps=few(steps),
        meal=st.sampled_from(["before", "with", "after", "empty-stomach"]), weekdays=few(st.sampled_from(["mon", "wed", "sun"])),
    ),
    st.sampled_from([{}, {"unit": "d"}, {"per": 2, "unit": "wk"}]),
    st.sampled_from([{}, {"on_days": 21, "off_days": 7}]),
    st.just({})
    | just(at=few(st.sampled_from(["08:00", "14:30", "23:59"])))
    | just(slots=few(all_of(just(part=st.sampled_from(["morning", "noon", "night"])), maybe(amount=numbers)))),
)
medications = all_of(
    just(drug=concepts),
    maybe(
        strength=texts, form=texts, dose=amounts, frequency=frequencies, route=concepts, duration=spans, prescriber=parties,
        prescribed_on=whens, status=st.sampled_from(["active", "completed", "stopped", "on-hold", "unknown"]), reason=texts,
        instructions=texts, packs=few(just(got_on=days, amount=amounts)), refill_days=counts,
    ),
    course("start", "end"),
)

BODIES: dict[str, st.SearchStrategy[Body]] = {
    "medication": medications,
    "prescription": all_of(
        just(items=few(medications)), maybe(refills=counts, prescriber=parties, status=texts),
        st.lists(days, min_size=1, max_size=2).map(lambda both: dict(zip(("prescribed_on", "valid_until"), sorted(both)))),
    ),
    "dose": all_of(
        just(medication=texts, at=instants),
        maybe(amount=amounts, status=st.sampled_from(["taken", "skipped", "missed"]), reason=texts),
    ),
    "lab-result": all_of(
        just(concept=concepts),
        # None of them for a panel.
        st.just({})
        | just(quantity=amounts)
        | just(text_value=texts)
        | just(coded_value=concepts)
        | just(ratio=texts | just(numerator=amounts, denominator=amounts)),
        maybe(
            range=all_of(ranges, maybe(text=texts)) | just(text=texts), status=texts, specimen=concepts, laboratory=parties,
            remarks=texts, interpretation=st.sampled_from(["L", "H", "N", "POS"]) | texts,
        ),
        course("collected_at", "resulted_at"),
    ),
    "vital-sign": all_of(
        just(concept=concepts, measured_at=whens | instants), maybe(device=texts, notes=texts),
        just(quantity=amounts) | just(components=few(just(concept=concepts, quantity=amounts))),
    ),
    "visit": all_of(
        just(start=instants),
        maybe(type=texts, status=texts, provider=parties, chief_complaint=texts, tests=few(texts), diagnoses=few(concepts)),
    ),
    "allergy": all_of(
        just(substance=concepts),
        maybe(
            category=st.sampled_from(["food", "medication", "environment", "biologic"]), onset=whens, status=texts, notes=texts,
            criticality=st.sampled_from(["low", "high", "unable-to-assess"]),
            reactions=few(all_of(just(manifestation=concepts), maybe(severity=texts))),
        ),
    ),
    "family-history": all_of(
        just(relation=texts),
        maybe(
            deceased=st.booleans(), notes=texts,
            conditions=few(
                all_of(just(concept=concepts), maybe(onset_age=st.integers(0, 89).map(lambda age: {"value": str(age), "unit": "a"})))
            ),
        ),
    ),
    "symptom-report": all_of(
        just(text=texts), maybe(language=texts, started=whens, items=few(all_of(just(concept=concepts), maybe(severity=texts)))),
    ),
    "care-plan": all_of(
        just(title=texts),
        maybe(
            status=texts, activities=few(texts),
            goals=few(all_of(just(text=texts), maybe(target=texts, due=whens, status=texts))),
        ),
        course("start", "end"),
    ),
    "message": all_of(just(text=texts), maybe(thread=texts, to=few(parties), sent_at=instants, **{"from": parties})),
    "fhir-resource": all_of(
        just(resource_type=st.from_regex(r"[A-Z][A-Za-z0-9]{0,62}", fullmatch=True)), maybe(resource_id=texts, subject=texts)
    ),
}


@pytest.mark.parametrize("kind", BODIES)
@some
@given(data=st.data())
def test_a_whole_body_comes_back_as_it_was_written(asha: phm.Profile, kind: str, data: st.DataObject) -> None:
    body = data.draw(BODIES[kind], kind)
    record = asha.put(kind, body)
    assert record.body == body
    assert asha.get(record).body == body
    # And again from a version before.
    asha.remove(record)
    assert asha.restore(kind, record.id, 2, version=1).body == body
    asha.remove(kind, record.id, 3)


people = all_of(
    just(
        name=just(text=texts)
        | all_of(just(given=few(texts)), maybe(family=texts))
        | just(family=texts)
    ),
    maybe(
        birth_date=whens, sex=st.sampled_from(["female", "male", "other", "unknown"]), languages=few(texts), address=texts,
        blood_group=st.sampled_from(["A+", "O-"]) | texts, deceased=st.booleans(),
        contacts=few(all_of(just(value=texts), maybe(type=texts, use=texts))),
        emergency_contacts=few(all_of(just(name=texts), maybe(relation=texts, phone=texts))),
        # A number that nobody is named for is a bare text.
        identifiers=few(texts | all_of(just(value=texts, system=systems), maybe(type=texts))),
    ),
)


@some
@given(body=people)
def test_a_person_comes_back_as_they_were_written(session: phm.Session, body: Body) -> None:
    record = session.call("add_profile", {"body": body})
    assert record["body"] == body
    assert session.profile(record["profile"]).get("profile", record["id"]).body == body
