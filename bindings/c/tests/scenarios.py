"""Feeds the scenario vectors to a C program and compares: `scenarios.py PROGRAM FOLDER`. Rules: phm-core/tests/scenarios.rs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
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


def filled(value: Any, answers: dict[str, Any]) -> Any:
    """A value with the parts of earlier answers that it names."""
    if isinstance(value, str) and value.startswith("$"):
        name, *path = value[1:].split("/")
        found = answers[name]
        for part in path:
            found = found[int(part) if isinstance(found, list) else part]
        return found
    if isinstance(value, list):
        return [filled(one, answers) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, answers) for name, one in value.items()}
    return value


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
            if outcome == "ok":
                found = json.loads(rest[0])
                if "as" in step:
                    answers[step["as"]] = found
                expected = filled(step.get("expect"), answers)
                why = differs(expected, found, step["op"]) if "expect" in step else f"{step['op']}: a refusal was expected"
            elif "error" in step:
                found = {**json.loads(rest[1]), "kind": KINDS[int(rest[0])]}
                why = differs(step["error"], found, step["op"])
            else:
                why = f"{step['op']}: {rest[1]}"
            wrong += [why] if why else []
        running.stdin.close()
        assert running.wait(timeout=60) == 0, "the program failed"
    return wrong


def main(program: str, folder: str) -> None:
    files = sorted(Path(folder).glob("*.json"))
    total, wrong = 0, []
    for path in files:
        steps = json.loads(path.read_text())["steps"]
        total += len(steps)
        wrong += [f"{path.name}: {why}" for why in run(program, steps)]
    # A name that does not exist has to fail, or nothing here means anything.
    assert run(program, [{"op": "guess", "args": {}, "expect": {}}]), "an unknown name was taken"
    assert total > 500 and not wrong, "\n".join(wrong)
    print(f"{total} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])
