"""The rules of the scenario vectors (`phm-core/tests/vectors`) for Python, shared by the checks of C and of Python.

They are those of phm-core/tests/scenarios.rs: an object has at least what is expected, a list as many entries, a decimal the
digits that are written; `$name/path` is a part of an earlier answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parent.parent / "phm-core/tests/vectors"


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


def judged(step: dict[str, Any], answers: dict[str, Any], found: Any, refusal: dict[str, Any] | None) -> str | None:
    """What is wrong with how a step ended: with an answer, or with a refusal `{"kind","details"…}`. A step says which of the
    two it expects; one that says neither is itself wrong."""
    op = step["op"]
    if ("expect" in step) == ("error" in step):
        return f"{op}: a step says what is answered or what is refused"
    if refusal is not None:
        return differs(step["error"], refusal, op) if "error" in step else f"{op}: {refusal}"
    if "as" in step:
        answers[step["as"]] = found
    return differs(filled(step["expect"], answers), found, op) if "expect" in step else f"{op}: a refusal was expected"
