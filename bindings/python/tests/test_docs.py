"""The examples in the documentation do as they say, and everything public is documented."""

from __future__ import annotations

import datetime
import doctest
import importlib
import inspect
import pkgutil
import re
import textwrap
from pathlib import Path

import phm
import pytest
from conftest import lab


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


def test_what_is_said_of_the_columns_of_tables_is_true(session: phm.Session) -> None:
    of_records = re.search(r"Every table has `([^`]+)`", inspect.getdoc(phm.Session.table) or "")
    of_samples = re.search(r"as a table: `([^`]+)`", inspect.getdoc(phm.Session.series) or "")
    assert of_records and of_samples
    first = of_records[1].split()
    for kind in session.call("kinds"):
        assert [column.name for column in phm.columns(kind["kind"])][: len(first)] == first, kind["kind"]
    assert [column.name for column in phm.columns("samples")] == of_samples[1].split()


def test_the_example_of_the_module_does_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("polars")
    monkeypatch.chdir(tmp_path)
    indented = [line for line in (phm.__doc__ or "").splitlines() if line.startswith("    ") or not line]
    exec(compile(textwrap.dedent("\n".join(indented)), "phm.__doc__", "exec"), {})
    assert (tmp_path / "vault").is_dir()


def test_the_readme_does_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("pyarrow", "polars", "pandas", "matplotlib"):
        pytest.importorskip(library)
    from test_tables import pulse

    monkeypatch.chdir(tmp_path)
    phm.make_key_file("vault.key")
    with phm.create("vault", key_file="vault.key") as vault:
        asha = vault.session("test").add_profile("Asha Example")
        asha.put("lab-result", lab())
        pulse(asha, 10)
    text = (Path(__file__).parents[1] / "README.md").read_text()
    first, second = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    # The second stands inside the block of the first; what is given there has to end on a day to come.
    block, alone = first.rsplit("\n\n", 1)
    ahead = str(datetime.date.today() + datetime.timedelta(days=30))
    exec(compile(f"{block}\n{second}\n{alone}".replace("2026-12-31", ahead), "README.md", "exec"), {})
    assert all(Path(name).stat().st_size > 0 for name in ("hba1c.png", "study.ndjson", "study.parquet"))
