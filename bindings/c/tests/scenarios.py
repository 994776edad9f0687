"""Feeds the scenario vectors to a C program and compares: `scenarios.py PROGRAM FOLDER`. Rules: phm-core/tests/scenarios.rs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

KINDS = [
    "", "Invalid", "NotFound", "Conflict", "Denied", "Locked", "WrongSecret", "Corrupt", "Unsupported", "TooLarge", "Busy",
    "Io", "Internal",
]


def differs(expected: Any, found: Any, at: str) -> str | None:
    """Why an answer is not what is expected, with the place."""
    if isinstance(expected, dict) and isinstance(found, dict):
        each = (differs(value, found.get(name), f"{at}/{name}") for name, value in expected.items())
        return next((why for why in each if why), None)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        each = (differs(a, b, f"{at}/{row}") for row, (a, b) in enumerate(zip(expected, found)))
        return next((why for why in each if why), None)
    if isinstance(expected, str) and isinstance(found, str) and expected != found:
        try:
            half = 0.5 * 10 ** -len(expected.partition(".")[2])
            if abs(float(expected) - float(found)) <= half + 1e-9:
                return None
        except ValueError:
            pass
    elif type(expected) is type(found) and expected == found:
        return None
    return f"{at}: expected {expected}, found {found}"


def main(program: str, folder: str) -> None:
    steps = [
        (path.name, step) for path in sorted(Path(folder).glob("*.json")) for step in json.loads(path.read_text())["steps"]
    ]
    assert len(steps) > 500, len(steps)
    # A name that does not exist has to fail, or nothing here means anything.
    steps.append(("unknown", {"op": "guess", "args": {}, "error": {"kind": "NotFound"}}))
    lines = "".join(f"{step['op']}\t{json.dumps(step['args'])}\n" for _, step in steps)
    done = subprocess.run([program], input=lines.encode(), capture_output=True, check=True)
    answers = done.stdout.decode().splitlines()
    assert len(answers) == len(steps), f"{len(answers)} answers to {len(steps)} steps"
    wrong = []
    for (file, step), answer in zip(steps, answers):
        outcome, *rest = answer.split("\t")
        if outcome == "ok":
            why = differs(step["expect"], json.loads(rest[0]), step["op"]) if "expect" in step else "a refusal was expected"
        elif "error" in step:
            found = {**json.loads(rest[1]), "kind": KINDS[int(rest[0])]}
            why = differs(step["error"], found, step["op"])
        else:
            why = rest[1]
        if why:
            wrong.append(f"{file}: {why}")
    assert not wrong, "\n".join(wrong)
    print(f"{len(steps)} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])
