"""Feeds the scenario vectors to a C program and compares: `scenarios.py PROGRAM FOLDER`. Rules: bindings/scenarios.py."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from scenarios import filled, judged  # noqa: E402

KINDS = [
    "", "Invalid", "NotFound", "Conflict", "Denied", "Locked", "WrongSecret", "Corrupt", "Unsupported", "TooLarge", "Busy",
    "Io", "Internal",
]


def run(program: str, steps: list[dict[str, Any]]) -> list[str]:
    """Runs the steps of one file on one vault; says what went wrong."""
    wrong: list[str] = []
    answers: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home:
        running = subprocess.Popen([program, f"{home}/vault"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert running.stdin and running.stdout
        for step in steps:
            running.stdin.write(f"{step['op']}\t{json.dumps(filled(step['args'], answers))}\n")
            running.stdin.flush()
            outcome, *rest = running.stdout.readline().rstrip("\n").split("\t")
            assert outcome in ("ok", "error"), f"{step['op']}: the program ended"
            refusal = None if outcome == "ok" else {**json.loads(rest[1]), "kind": KINDS[int(rest[0])]}
            why = judged(step, answers, json.loads(rest[0]) if refusal is None else None, refusal)
            wrong += [why] if why else []
        running.stdin.close()
        assert running.wait(timeout=60) == 0, "the program failed"
    return wrong


def main(program: str, folder: str) -> None:
    files = sorted(Path(folder).glob("*.json"))
    total, wrong = 0, []
    for path in files:
        file = json.loads(path.read_text())
        assert file["name"], f"{path.name} has a name"
        steps = file["steps"]
        total += len(steps)
        wrong += [f"{path.name}: {why}" for why in run(program, steps)]
    # A name that does not exist has to fail, or nothing here means anything.
    assert run(program, [{"op": "guess", "args": {}, "expect": {}}]), "an unknown name was taken"
    assert total > 500 and not wrong, "\n".join(wrong)
    print(f"{total} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])
