from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import phm
import pytest

CHEAP = (19 * 1024, 2)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    phm.make_key_file(path)
    return path


@pytest.fixture
def vault(tmp_path: Path, key: Path) -> Iterator[phm.Vault]:
    with phm.create(tmp_path / "vault", key_file=key) as vault:
        yield vault


@pytest.fixture
def session(vault: phm.Vault) -> phm.Session:
    return vault.session("test")


@pytest.fixture
def asha(session: phm.Session) -> phm.Profile:
    return session.add_profile("Asha Example")


def lab(value: str = "6.40", at: str = "2026-04-03", **more: object) -> dict[str, object]:
    concept = {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]}
    return {"concept": concept, "quantity": {"value": value, "unit": "%"}, "collected_at": at, **more}
