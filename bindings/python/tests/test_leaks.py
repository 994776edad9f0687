"""What was used and given back is gone, by the memory of the process and by what Python has allocated.

With `PHM_LONG` a vault is opened 10,000 times and called a million times.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import phm
import pytest
from test_tables import rss

LONG = bool(os.environ.get("PHM_LONG"))


@pytest.fixture
def quick() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of vaults are opened, and none has to survive a power cut."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None)
    yield Path(folder)
    shutil.rmtree(folder)


def risen(turn: Callable[[int], object], turns: int) -> tuple[int, int]:
    """By how much memory and Python's own share of it rose, after a tenth of the turns in which caches fill."""
    for number in range(turns // 10):
        turn(number)
    gc.collect()
    before = rss()
    for number in range(turns):
        turn(number)
    gc.collect()
    resident = rss() - before
    # Apart, because tracing takes time and memory of its own; a thousand turns show what every turn leaves behind.
    tracemalloc.start()
    try:
        for number in range(100):
            turn(number)
        gc.collect()
        traced = tracemalloc.get_traced_memory()[0]
        for number in range(min(turns, 1000)):
            turn(number)
        gc.collect()
        return resident, tracemalloc.get_traced_memory()[0] - traced
    finally:
        tracemalloc.stop()


def test_opening_and_closing_leaks_nothing(quick: Path) -> None:
    phm.make_key_file(quick / "key")
    phm.create(quick / "v", key_file=quick / "key").close()

    def turn(_: int) -> None:
        with phm.open(quick / "v", key_file=quick / "key", read_only=True) as vault:
            vault.session("leaks")

    resident, traced = risen(turn, 10_000 if LONG else 50)
    # A vault that stays open is some megabytes; a handle that does is some hundred bytes.
    assert resident < 16 << 20 and traced < 64 << 10


def test_a_million_calls_leak_nothing(quick: Path) -> None:
    phm.make_key_file(quick / "key")
    with phm.create(quick / "v", key_file=quick / "key") as vault:
        session = vault.session("leaks")
        asha = session.add_profile("Asha Example")
        note = asha.put("note", {"text": "as it was"})

        def turn(number: int) -> None:
            # Mostly answers without a vault and refusals: who read stands in the audit log, which grows, and with it what
            # the storage engine keeps in memory.
            if number % 32 == 0:
                assert asha.get("note", note.id) == note
            elif number % 32 == 16:
                assert len(session.table("note")) == 1
            elif number % 2:
                phm.parse_dose("1-0-1")
            else:
                with pytest.raises(phm.NotFound):
                    session.call("guess")

        resident, traced = risen(turn, 1_000_000 if LONG else 10_000)
    assert resident < (64 << 20 if LONG else 16 << 20) and traced < 64 << 10
