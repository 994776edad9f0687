"""The examples in the documentation do as they say, and everything public is documented."""

from __future__ import annotations

import datetime
import doctest
import importlib
import inspect
import pkgutil

import phm


def test_the_examples_in_the_documentation_do_as_they_say() -> None:
    attempted = 0
    for module in pkgutil.iter_modules(phm.__path__):
        if module.name == "_phm":
            continue
        found = importlib.import_module(f"phm.{module.name}")
        done = doctest.testmod(found, extraglobs={"phm": phm, "datetime": datetime})
        assert done.failed == 0, module.name
        attempted += done.attempted
    assert attempted >= 7


def test_everything_public_is_documented() -> None:
    for name in phm.__all__:
        one = getattr(phm, name)
        assert name == "__version__" or one.__doc__, name
        if inspect.isclass(one) and one.__module__.startswith("phm"):
            for part, value in vars(one).items():
                if not part.startswith("_") and (callable(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{name}.{part}"
