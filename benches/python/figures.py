"""The figures of the Python module beside what people use today:
`figures.py FOLDER [--people N] [--samples N] [--results N] [--wheel FILE]`.

One vault of invented people, filled once: a series with samples and laboratory results for each. Both become dataframes of
polars, pandas and pyarrow; beside them the same rows by `pandas.read_sql` out of an encrypted SQLite (SQLCipher, with a raw
key, so that it derives none), and the same results as FHIR resources parsed by `fhir.resources`. Every figure is taken in a
process of its own, which says the time of its first round, in which the vault opens every person's index, the median of some
rounds, and how far its memory rose. Before them, what it takes to have the module at all: the weight of the wheel, and
importing it.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import phm

KEY = "00" * 32
START = datetime.datetime(2016, 1, 1, tzinfo=datetime.timezone.utc)
PULSE = {"text": "Heart rate", "codes": [{"system": "http://loinc.org", "code": "8867-4"}]}
# In bytes: what a wheel may weigh.
HEAVIEST = 10_000_000


def observations(people: int, results: int) -> Iterator[dict[str, Any]]:
    """Invented people and their results, as FHIR."""
    dice = random.Random(1)
    laboratory = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}
    for person in range(people):
        yield {"resourceType": "Patient", "id": f"p{person}", "gender": "female", "name": [{"text": f"Synthetic {person}"}]}
        for number in range(results):
            value = {"value": round(dice.uniform(4.0, 9.0), 1), "unit": "%", "code": "%", "system": "http://unitsofmeasure.org"}
            yield {
                "resourceType": "Observation", "id": f"o{person}-{number}", "status": "final",
                "category": [{"coding": [laboratory]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "HbA1c"},
                "subject": {"reference": f"Patient/p{person}"},
                "effectiveDateTime": (START + datetime.timedelta(days=number)).date().isoformat(), "valueQuantity": value,
            }


def fill(home: Path, people: int, samples: int, results: int) -> None:
    """The vault, and the encrypted database with the rows of its tables."""
    import sqlcipher3

    with (home / "people.ndjson").open("w") as out:
        for one in observations(people, results):
            out.write(json.dumps(one) + "\n")
    phm.make_key_file(home / "key")
    with phm.create(home / "vault", key_file=home / "key") as vault:
        vault.import_file(home / "people.ndjson", new_profile=True)
        session = vault.session("bench")
        for card in session.profiles():
            person = session.profile(card)
            series = person.put("series", {"concept": PULSE, "unit": "/min"})
            minutes = ((START + datetime.timedelta(minutes=turn), str(60 + turn % 40)) for turn in range(samples))
            person.add_samples(series, minutes)
        frames = {"sample": session.series("8867-4").to_pandas(), "result": session.table("lab-result").to_pandas()}
    database = sqlcipher3.connect(str(home / "peer.db"))
    database.execute(f"PRAGMA key = \"x'{KEY}'\"")
    for name, frame in frames.items():
        # What is empty in every row would only make the peer slower.
        frame = frame.dropna(axis="columns", how="all")
        columns = ", ".join(f'"{column}"' for column in frame.columns)
        database.execute(f"CREATE TABLE {name} ({columns})")
        places = ", ".join("?" for _ in frame.columns)
        plain = frame.astype({column: str for column in frame.columns if str(frame[column].dtype) in ("category", "object")})
        for column in plain.columns:
            if "datetime" in str(plain[column].dtype):
                plain[column] = plain[column].astype("int64")
        rows = plain.itertuples(index=False, name=None)
        database.executemany(f"INSERT INTO {name} VALUES ({places})", (tuple(_plain(cell) for cell in row) for row in rows))
    database.commit()
    database.close()


def _plain(cell: Any) -> Any:
    return cell.item() if hasattr(cell, "item") else cell


def subjects(home: Path) -> dict[str, Callable[[], Any]]:
    """What is measured, by its name. Opening is not: a data scientist opens once and reads often."""

    def of_vault(read: Callable[[phm.Vault], phm.Table], into: str) -> Callable[[], Any]:
        vault = phm.open(home / "vault", key_file=home / "key", read_only=True)
        # Loaded before, so that neither their time nor their memory counts.
        # pyarrow looks for pandas with its first table.
        for library in ("pyarrow", "pandas", "polars"):
            importlib.import_module(library)
        return lambda: getattr(read(vault), into)()

    def of_peer(table: str) -> Callable[[], Any]:
        import pandas
        import sqlcipher3

        database = sqlcipher3.connect(str(home / "peer.db"))
        database.execute(f"PRAGMA key = \"x'{KEY}'\"")
        return lambda: pandas.read_sql(f"SELECT * FROM {table}", database)

    def of_fhir() -> Callable[[], Any]:
        from fhir.resources.observation import Observation

        def row(line: str) -> tuple[Any, ...]:
            one = Observation.model_validate_json(line)
            amount = one.valueQuantity
            return one.id, one.subject.reference, one.effectiveDateTime, amount.value, amount.unit

        def rows() -> list[tuple[Any, ...]]:
            # Only what a table would have of each is kept: all the objects would take gigabytes.
            with (home / "people.ndjson").open() as source:
                return [row(line) for line in source if '"Observation"' in line]

        return rows

    reads: dict[str, Callable[[phm.Vault], phm.Table]] = {
        "samples": lambda vault: vault.series("8867-4"),
        "results": lambda vault: vault.table("lab-result"),
    }
    made: dict[str, Callable[[], Callable[[], Any]]] = {"results fhir.resources": of_fhir}
    for what, read in reads.items():
        for into in ("polars", "pandas", "arrow"):
            made[f"{what} {into}"] = lambda read=read, into=into: of_vault(read, f"to_{into}")  # type: ignore[misc]
        made[f"{what} SQLCipher"] = lambda what=what: of_peer(what[:-1])  # type: ignore[misc]
    return {name: (lambda make=make: make()) for name, make in made.items()}  # type: ignore[misc]


def measure(home: Path, name: str, rounds: int) -> dict[str, Any]:
    """Time, memory and rows of one subject, in this process."""
    work = subjects(home)[name]()
    times, made, risen = [], None, 0
    # The peak from here on; that of `getrusage` is handed down from the process that started this one.
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    for turn in range(rounds):
        made = None
        began = time.perf_counter()
        made = work()
        times.append(time.perf_counter() - began)
        if turn == 0:
            risen = _memory("VmHWM") - before
    assert made is not None
    return {"seconds": statistics.median(times), "first": times[0], "peak": risen, "rows": len(made)}


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def copies(home: Path, read: Callable[[phm.Vault], phm.Table], column: str) -> str:
    """How often the numbers of a column are copied on the way out, by where they stand in memory."""
    import numpy

    with phm.open(home / "vault", key_file=home / "key", read_only=True) as vault:
        table = read(vault)
        places = [one.column(column).chunk(0).buffers()[1].address for one in (table.to_arrow(), table.to_arrow())]
        polars = table.to_polars()[column].get_chunks()[0].to_numpy(allow_copy=False)
        pandas = table.to_pandas()[column].to_numpy()
        where = {"pyarrow": places[1], "polars": _address(polars), "pandas": _address(numpy.asarray(pandas))}
    return ", ".join(f"{name} {0 if place == places[0] else 1}" for name, place in where.items())


def _address(array: Any) -> int:
    place: int = array.__array_interface__["data"][0]
    return place


def verdict(wanted: list[tuple[str, bool]]) -> str:
    """Targets, and which of them were reached."""
    return "; ".join(f"{text} {'reached' if reached else 'MISSED'}" for text, reached in wanted)


def show(what: str, found: dict[str, Any], peer: float | None = None, *, most: float | None = None) -> None:
    """One line of the table: what, times, memory, and beside the peer; `most` is the time it may take."""
    times = 0.0 if peer is None else peer / found["seconds"]
    ratio = "" if peer is None else f"{times:.1f} × faster"
    wanted = [] if peer is None else [("≥ 10 ×", times >= 10)]
    wanted += [] if most is None else [(f"≤ {most} s", found["seconds"] <= most)]
    memory = f"{found['peak'] / 2**20:,.0f} MiB"
    rows, seconds, first = f"{found['rows']:,} rows", f"{found['seconds']:.3f} s", f"first {found['first']:.2f} s"
    print(f"{what:<44} {rows:>15} {seconds:>11} {first:>14} {memory:>10} {ratio:>16}  {verdict(wanted)}", flush=True)


def show_beginning(wheel: Path | None, rounds: int) -> None:
    """What it takes before the first row is read: the weight of the wheel, and the time of `import phm` in a new process."""
    if wheel is not None:
        weight = wheel.stat().st_size
        print(f"{'the wheel':<44} {weight / 1e6:>12.2f} MB {'':>39}  {verdict([('< 10 MB', weight < HEAVIEST)])}")
    script = "import time\nbegan = time.perf_counter()\nimport phm\nprint(time.perf_counter() - began)"
    took = [
        float(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    shown = f"{statistics.median(took) * 1000:.0f} ms"
    print(f"{'import phm':<44} {'':>15} {shown:>11} {'':>27}  {verdict([('< 150 ms', statistics.median(took) < 0.15)])}")


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("folder", type=Path)
    ask.add_argument("--people", type=int, default=1000)
    ask.add_argument("--samples", type=int, default=1000)
    ask.add_argument("--results", type=int, default=200)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--wheel", type=Path)
    ask.add_argument("--measure")
    given = ask.parse_args()
    if given.measure:
        print(json.dumps(measure(given.folder, given.measure, given.rounds)))
        return
    if not (given.folder / "peer.db").exists():
        fill(given.folder, given.people, given.samples, given.results)

    def apart(name: str, rounds: int = given.rounds) -> dict[str, Any]:
        command = [sys.executable, __file__, str(given.folder), "--measure", name, "--rounds", str(rounds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    print(f"\nPython, medians of {given.rounds} rounds; memory is how far it rises\n")
    show_beginning(given.wheel, max(given.rounds, 5))
    for what in ("samples", "results"):
        peer = apart(f"{what} SQLCipher")
        # The target is that of a million samples; fewer have to be as quick by their number.
        longest = 0.5 * min(1.0, peer["rows"] / 1e6) if what == "samples" else None
        show(f"{what}, pandas.read_sql on SQLCipher", peer)
        for into in ("polars", "pandas", "arrow"):
            show(f"{what}, phm into {into}", apart(f"{what} {into}"), peer["seconds"], most=longest)
        if what == "results":
            # Once: it takes a minute or two.
            show("results, fhir.resources parsing NDJSON", apart("results fhir.resources", 1))
    values = copies(given.folder, lambda vault: vault.series("8867-4"), "value")
    amounts = copies(given.folder, lambda vault: vault.table("lab-result"), "quantity")
    print(f"copies of the numbers, samples: {values}; results: {amounts}")


if __name__ == "__main__":
    main()
