"""Making, opening and closing vaults, and what is refused."""

from __future__ import annotations

import datetime
import faulthandler
import gc
import importlib.metadata
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import phm
import pytest
from conftest import CHEAP, lab


def test_a_vault_opens_with_each_of_its_secrets_and_no_other(tmp_path: Path, key: Path) -> None:
    with phm.create(tmp_path / "v", passphrase="correct horse", key_file=key, cost=CHEAP) as vault:
        code, id = vault.recovery_code, vault.id
    assert code is not None
    for secret in ({"passphrase": "correct horse"}, {"key_file": key}, {"recovery_code": code}):
        with phm.open(tmp_path / "v", **secret) as vault:
            assert vault.id == id and vault.recovery_code is None
    with pytest.raises(phm.WrongSecret) as refused:
        phm.open(tmp_path / "v", passphrase="wrong")
    assert isinstance(refused.value, PermissionError) and refused.value.code == "wrong-secret"


def test_secrets_are_given_one_at_a_time(tmp_path: Path, key: Path) -> None:
    with pytest.raises(phm.Invalid):
        phm.create(tmp_path / "v")
    with pytest.raises(phm.Invalid):
        phm.open(tmp_path / "v")
    with pytest.raises(phm.Invalid):
        phm.open(tmp_path / "v", passphrase="x", key_file=key)
    with pytest.raises(phm.NotFound) as refused:
        phm.open(tmp_path / "v", key_file=key)
    assert isinstance(refused.value, KeyError)


def test_an_existing_key_file_or_vault_is_never_replaced(vault: phm.Vault, tmp_path: Path, key: Path) -> None:
    with pytest.raises(phm.Io):
        phm.make_key_file(key)
    with pytest.raises(phm.PhmError):
        phm.create(tmp_path / "vault", key_file=key)


def test_a_closed_vault_refuses_everything(vault: phm.Vault, session: phm.Session) -> None:
    vault.close()
    vault.close()
    assert vault.closed
    for use in (session.profiles, vault.verify, lambda: vault.table("note"), lambda: vault.id):
        with pytest.raises(phm.Locked):
            use()


def test_a_vault_that_another_process_has_is_in_use(vault: phm.Vault, tmp_path: Path, key: Path) -> None:
    script = (
        "import phm, sys\n"
        "try:\n    phm.open(sys.argv[1], key_file=sys.argv[2])\n"
        "except phm.InUse as error:\n    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "vault"), str(key)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "in-use"


def test_a_new_vault_stands_on_redb_unless_another_engine_is_named(tmp_path: Path, key: Path) -> None:
    with phm.create(tmp_path / "usual", key_file=key) as vault:
        assert vault.stats()["engine"] == "redb"
    phm.create(tmp_path / "chosen", key_file=key, engine="sled").close()
    with phm.open(tmp_path / "chosen", key_file=key) as vault:
        assert vault.stats()["engine"] == "sled"
    for unknown in ("memory", "leveldb"):
        with pytest.raises(phm.Invalid):
            phm.create(tmp_path / "none", key_file=key, engine=unknown)
    assert not (tmp_path / "none").exists()


def test_a_session_left_behind_does_not_keep_the_vault_locked(tmp_path: Path, key: Path) -> None:
    with phm.create(tmp_path / "v", key_file=key) as vault:
        session = vault.session("left behind")
        session.profiles()
    with phm.open(tmp_path / "v", key_file=key):
        pass
    assert session.purpose == "left behind"


def _in_the_child(vault: phm.Vault, session: phm.Session, found: object) -> None:
    uses: list[Callable[[], object]] = [
        vault.stats, vault.verify, session.profiles, vault.close, lambda: vault.id, lambda: vault.table("note"),
        lambda: vault.series(), lambda: session.deidentified_table("visit"),
    ]
    codes = []
    for use in uses:
        try:
            codes.append(repr(use()))
        except phm.ForkedError as error:
            codes.append(error.code)
        except BaseException as error:
            codes.append(repr(error))
    found.put(codes)  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_is_refused_and_the_parent_goes_on(vault: phm.Vault, session: phm.Session) -> None:
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    child = context.Process(target=_in_the_child, args=(vault, session, found))
    child.start()
    assert found.get(timeout=20) == ["forked"] * 8
    child.join(timeout=20)
    assert child.exitcode == 0
    session.add_profile("Still here")
    assert vault.verify()["ok"]


def test_a_child_that_drops_the_vault_leaves_it_whole(tmp_path: Path, key: Path) -> None:
    vault = phm.create(tmp_path / "v", key_file=key)
    child = os.fork()
    if child == 0:
        del vault
        gc.collect()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert vault.verify()["ok"]
    vault.close()


def test_a_vault_is_not_pickled(vault: phm.Vault) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(vault)


def test_errors_survive_pickling_and_carry_no_value(asha: phm.Profile) -> None:
    with pytest.raises(phm.Invalid) as refused:
        asha.put("lab-result", lab(quantity={"value": "Zebediah", "unit": "Zebediah"}))
    again = pickle.loads(pickle.dumps(refused.value))
    assert again.details == refused.value.details and again.details
    assert "Zebediah" not in str(refused.value) + repr(refused.value)


def test_calls_let_other_threads_run(tmp_path: Path) -> None:
    # Argon2 works for a while inside one call; meanwhile this thread counts.
    def create() -> None:
        phm.create(tmp_path / "v", passphrase="words", cost=(64 * 1024, 6)).close()

    worker = threading.Thread(target=create)
    turns = 0
    worker.start()
    while worker.is_alive():
        turns += 1
        time.sleep(0.001)
    assert turns > 20


def test_two_calls_of_one_vault_overlap(asha: phm.Profile, tmp_path: Path) -> None:
    # A document out of a pipe: the core waits inside the call until somebody writes, and nobody would if it kept the others.
    os.mkfifo(tmp_path / "pipe")
    done: list[phm.Record] = []

    def add() -> None:
        done.append(asha.add_document(tmp_path / "pipe", {"title": "Report", "category": "other"}))

    faulthandler.dump_traceback_later(120, exit=True, file=sys.__stderr__)
    try:
        worker = threading.Thread(target=add, daemon=True)
        worker.start()
        time.sleep(0.2)
        assert asha.list("note") == [] and worker.is_alive() and not done
        (tmp_path / "pipe").write_bytes(b"as it was")
        worker.join(timeout=60)
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert done[0].body["bytes"] == len(b"as it was")


def test_many_threads_use_one_vault(session: phm.Session, asha: phm.Profile) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                record = asha.put("note", {"text": f"{number} {turn}"})
                assert asha.get("note", record.id) == record
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(session.table("note")) == 80


def test_the_version_is_that_of_the_workspace() -> None:
    workspace = tomllib.loads((Path(__file__).resolve().parents[3] / "Cargo.toml").read_text())
    assert phm.__version__ == importlib.metadata.version("phm") == workspace["workspace"]["package"]["version"]


def test_importing_needs_no_dataframe_library_and_takes_little_time() -> None:
    script = (
        # Time of the processor: what other programs take meanwhile is not ours.
        "import sys, time\nbegan = time.process_time()\nimport phm\n"
        "took = time.process_time() - began\n"
        "assert not {'polars', 'pandas', 'pyarrow', 'matplotlib', 'numpy'} & set(sys.modules)\nprint(took)\n"
    )
    took = min(
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    )
    assert took < 0.15


def test_a_backup_is_opened_for_reading_only(
    vault: phm.Vault, session: phm.Session, asha: phm.Profile, tmp_path: Path, key: Path
) -> None:
    record = asha.put("lab-result", lab())
    report = vault.backup(tmp_path / "backup.phmb")
    assert report["entries"] >= 2 and phm.drill(tmp_path / "backup.phmb", key_file=key)["ok"]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with phm.open_backup(tmp_path / "backup.phmb", key_file=key, scratch=scratch) as backup:
        there = backup.session("looking back").profile(asha.id)
        assert there.get("lab-result", record.id) == record
        assert len(backup.table("lab-result")) == 1
        for change in (
            lambda: there.put("note", {"text": "x"}),
            lambda: there.remove(record),
            lambda: there.amend(record, body=lab("7.0")),
            lambda: backup.session("x").add_profile("Ravi"),
            lambda: backup.import_file(tmp_path, new_profile=True),
        ):
            with pytest.raises(phm.Unsupported) as refused:
                change()
            assert refused.value.code == "read-only"
    assert list(scratch.iterdir()) == []
    with pytest.raises(phm.WrongSecret):
        phm.open_backup(tmp_path / "backup.phmb", passphrase="wrong", scratch=scratch)
    assert list(scratch.iterdir()) == []


def test_a_backup_goes_on_from_another(vault: phm.Vault, asha: phm.Profile, tmp_path: Path, key: Path) -> None:
    nights = tmp_path / "nights"
    nights.mkdir()
    assert vault.backup(nights / "1")["number"] == 0
    note = asha.put("note", {"text": "a day later"})
    later = vault.backup(nights / "2", since=nights / "1")
    assert later["number"] == 1 and later["copied"] < later["entries"]
    for file in (nights / "2", nights):
        with phm.open_backup(file, key_file=key) as backup:
            assert backup.session("looking back").profile(asha.id).get(note) == note
        assert phm.drill(file, key_file=key)["ok"]
    (nights / "1").unlink()
    with pytest.raises(phm.NotFound):
        phm.restore(nights / "2", tmp_path / "again", key_file=key)
    with pytest.raises(phm.PhmError):
        vault.backup(nights / "3", since=nights / "1")
    assert not (nights / "3").exists()


def test_a_session_keeps_the_backup_it_works_in(vault: phm.Vault, asha: phm.Profile, tmp_path: Path, key: Path) -> None:
    (tmp_path / "in.txt").write_text("as it was")
    document = asha.add_document(tmp_path / "in.txt", {"title": "Report", "category": "other"})
    vault.backup(tmp_path / "b")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    session = phm.open_backup(tmp_path / "b", key_file=key, scratch=scratch).session("looking back")
    gc.collect()
    session.profile(asha.id).save_document(document, tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == "as it was" and list(scratch.iterdir())
    del session
    gc.collect()
    assert list(scratch.iterdir()) == []


def test_ctrl_c_leaves_no_vault_whose_recovery_code_nobody_saw(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            phm.create(tmp_path / "v", passphrase="words", cost=(64 * 1024, 6))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not (tmp_path / "v").exists()
    with phm.create(tmp_path / "v", passphrase="words", cost=CHEAP) as vault:
        assert vault.recovery_code


def test_ctrl_c_ends_a_long_call_and_nothing_of_it_stays(vault: phm.Vault, session: phm.Session, tmp_path: Path) -> None:
    people = (
        {"resourceType": "Patient", "id": f"p{number}", "name": [{"text": "Asha Example"}]} for number in range(5000)
    )
    (tmp_path / "people.ndjson").write_text("\n".join(json.dumps(person) for person in people))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            vault.import_file(tmp_path / "people.ndjson", new_profile=True)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert session.profiles() == [] and vault.verify()["ok"]


def test_ctrl_c_ends_verifying_and_trying_out_a_backup(
    vault: phm.Vault, session: phm.Session, asha: phm.Profile, tmp_path: Path, key: Path
) -> None:
    series = asha.put("series", {"concept": "x", "unit": "1"})
    started = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    # Work enough that a question is asked in between: one every 50 milliseconds.
    for part in range(8):
        moments = ((started + datetime.timedelta(seconds=part * 5000 + turn), str(turn)) for turn in range(5000))
        asha.add_samples(series, moments)
    vault.backup(tmp_path / "b")
    names = sorted(path.name for path in tmp_path.iterdir())

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def seconds(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    before = signal.signal(signal.SIGALRM, stop)
    try:
        for work in (vault.verify, lambda: phm.drill(tmp_path / "b", key_file=key)):
            whole, began = seconds(work), time.perf_counter()
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.02)
                while True:
                    work()
            # A machine that does it at once has nothing to end.
            assert time.perf_counter() - began < max(0.7 * whole, 0.3)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert sorted(path.name for path in tmp_path.iterdir()) == names and vault.verify()["ok"]


def test_a_backup_is_restored_into_a_new_folder_and_a_cut_one_is_refused(
    vault: phm.Vault, asha: phm.Profile, tmp_path: Path, key: Path
) -> None:
    vault.backup(tmp_path / "b")
    phm.restore(tmp_path / "b", tmp_path / "again", key_file=key)
    with phm.open(tmp_path / "again", key_file=key) as again:
        assert [one.profile for one in again.session("look").profiles()] == [asha.id]
    with pytest.raises(phm.Conflict):
        phm.restore(tmp_path / "b", tmp_path / "again", key_file=key)
    (tmp_path / "cut").write_bytes((tmp_path / "b").read_bytes()[:-40])
    with pytest.raises(phm.Corrupt):
        phm.restore(tmp_path / "cut", tmp_path / "other", key_file=key)
    assert not (tmp_path / "other").exists()
