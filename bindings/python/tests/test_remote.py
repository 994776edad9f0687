"""A served vault over the API: the same records and tables, and no more than the account may see."""

from __future__ import annotations

import http.client
import json
import os
import pickle
import socket
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import phm
import pytest
from conftest import lab
from test_tables import pulse

PROGRAM = os.environ.get("PHM_BIN", "")


def sign_in(url: str, email: str, password: str) -> str:
    at = urllib.parse.urlsplit(url)
    assert at.hostname
    connection = http.client.HTTPConnection(at.hostname, at.port)
    body = json.dumps({"email": email, "password": password})
    connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return str(answer["data"]["access_token"])


def at_home(folder: Path) -> dict[str, str]:
    """The environment in which the program serves the vault of a test."""
    return {**os.environ, "PHM_DATA_DIR": str(folder / "served"), "PHM_KEY_FILE": str(folder / "key"),
            "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    assert PROGRAM, "PHM_BIN names no program: build `phm` and say where it is"
    home = at_home(tmp_path)
    phm.make_key_file(tmp_path / "key")
    (tmp_path / "password").write_text("a long password of the test\n")
    subprocess.run([PROGRAM, "init", "--json"], env=home, check=True, capture_output=True)
    for email in ("asha@example.org", "ravi@example.org"):
        subprocess.run(
            [PROGRAM, "user", "add", email, "--name", email, "--role", "patient", "--password-file",
             str(tmp_path / "password"), "--json"], env=home, check=True, capture_output=True)
    server = subprocess.Popen(
        [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--json"], env=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True)
    try:
        assert server.stdout
        url = json.loads(server.stdout.readline())["url"]
        yield url, sign_in(url, "asha@example.org", "a long password of the test")
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_a_served_vault_is_read_and_written_as_one_that_is_open(served: tuple[str, str], tmp_path: Path) -> None:
    url, token = served
    with phm.connect(url, token) as remote:
        session = remote.session()
        (own,) = session.profiles()
        asha = session.profile(own)
        first = asha.put("lab-result", lab("6.40"))
        second = asha.amend(first, body=lab("6.50"))
        assert asha.get("lab-result", first.id) == second and second.version == 2
        with pytest.raises(phm.Conflict) as stale:
            asha.amend(first, body=lab("9"))
        assert stale.value.current_version == 2
        with pytest.raises(phm.Invalid) as refused:
            asha.put("lab-result", lab(quantity={"value": "1", "unit": "bananas"}))
        assert refused.value.details == [("/quantity/unit", "unknown-unit")]
        assert asha.remove(second).removed
        with pytest.raises(phm.NotFound):
            asha.get("lab-result", first.id)
        assert asha.restore("lab-result", first.id, 3).version == 4
        assert [one["action"] for one in asha.history("lab-result", first.id)] == ["create", "amend", "remove", "restore"]
        for year in range(2000, 2020):
            asha.put("lab-result", lab("5.0", str(year)))
        table = remote.table("lab-result")
        assert len(table) == 21 and [one.name for one in table.columns] == [one.name for one in phm.columns("lab-result")]
        assert len(remote.table("lab-result", since="2010", until="2012")) == 3
        assert len(asha.list("lab-result", code="4548-4")) == 21
        pulse(asha, 300)
        samples = remote.series("8867-4")
        assert {column.name: column.unit for column in samples.columns}["value"] == "/min"
        assert len(samples) == 300 and len(asha.samples(asha.list("series")[0])) == 300
        assert {row["kind"] for row in asha.timeline(kinds=["lab-result"])} == {"lab-result"}
        assert asha.who_looked()
        assert session.call("calculators")
        with pytest.raises(phm.Unsupported):
            session.verify()
        with pytest.raises(phm.NotFound):
            session.call("guess")


def test_why_somebody_looked_stands_in_the_audit_log(served: tuple[str, str]) -> None:
    remote = phm.connect(*served)
    session = remote.session("a study\r\nX-Other:\x00\x7f1 ਪੜ੍ਹਾਈ")
    asha = session.profile(session.profiles()[0])
    asha.put("note", {"text": "x"})
    remote.table("note", purpose="a table")
    remote.table("note")
    purposes = {row["purpose"] for row in asha.who_looked(kind="note")}
    assert purposes == {"a study X-Other: 1 ਪੜ੍ਹਾਈ", "a table", "analysis"}


def test_a_document_travels_both_ways_byte_for_byte(served: tuple[str, str], tmp_path: Path) -> None:
    session = phm.connect(*served).session()
    asha = session.profile(session.profiles()[0])
    content = bytes(range(256)) * 1000
    (tmp_path / 'in "quoted".pdf').write_bytes(content)
    document = asha.add_document(tmp_path / 'in "quoted".pdf', {"title": "ਰਿਪੋਰਟ", "category": "lab-report"})
    assert document.body["title"] == "ਰਿਪੋਰਟ" and document.body["bytes"] == len(content)
    assert asha.save_document(document, tmp_path / "out.pdf")["bytes"] == len(content)
    assert (tmp_path / "out.pdf").read_bytes() == content
    assert (tmp_path / "out.pdf").stat().st_mode & 0o077 == 0
    with pytest.raises(phm.Conflict):
        asha.save_document(document, tmp_path / "out.pdf")
    with pytest.raises(phm.NotFound):
        asha.save_document("00000000-0000-4000-8000-000000000000", tmp_path / "none.pdf")
    with pytest.raises(phm.Io):
        asha.add_document(tmp_path / "nowhere.pdf", {"title": "x", "category": "other"})
    assert not (tmp_path / "none.pdf").exists()


def test_fhir_is_imported_exported_and_taken_back_over_the_api(served: tuple[str, str], tmp_path: Path) -> None:
    session = phm.connect(*served).session()
    own = session.profiles()[0]
    entries = [
        {"resource": {"resourceType": "Patient", "id": "p1", "name": [{"text": "Mira Example"}]}},
        {"resource": {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
                      "code": {"text": "Asthma"}}},
    ]
    source = tmp_path / "bundle.json"
    source.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    assert session.import_file(source, new_profile=True, dry_run=True)["totals"]["added"] == 2
    assert len(session.profiles()) == 1
    report = session.import_file(source, new_profile=True)
    assert report["totals"]["added"] == 2 and report["imports"][0]["state"] == "done"
    (mira,) = [one for one in session.profiles() if one.id != own.id]
    assert [record.kind for record in session.profile(mira).list("condition")] == ["condition"]
    session.export(mira, "ndjson", tmp_path / "out.ndjson")
    assert {json.loads(line)["id"] for line in (tmp_path / "out.ndjson").read_text().splitlines()} >= {"c1"}
    assert session.imports()
    session.undo_import(report["imports"][0]["import"])
    assert [one.id for one in session.profiles()] == [own.id]
    source.write_text("{broken")
    with pytest.raises(phm.Invalid):
        session.import_file(source, new_profile=True)
    with pytest.raises(phm.Unsupported):
        session.import_file([source, source], new_profile=True)


def test_no_name_leaves_in_a_deidentified_export_over_the_api(served: tuple[str, str], tmp_path: Path) -> None:
    session = phm.connect(*served).session("a study")
    asha = session.profile(session.profiles()[0])
    asha.put("lab-result", lab(remarks="Zebediah saw a heron"))
    asha.put("note", {"text": "heron"})
    pulse(asha, 10)
    report = session.export_deidentified(tmp_path / "out", secret="0123456789abcdef")
    text = (tmp_path / "out").read_text()
    assert not [word for word in ("Zebediah", "heron", asha.id, "2026-04-03", "report") if word in text]
    assert report["people"] == 1 and report["samples"] == 10 and report["left_out"] == {"note": 1}
    assert report["removed"]["lab-result/remarks"] == 1 and (tmp_path / "out").stat().st_mode & 0o077 == 0
    found = [json.loads(line) for line in text.splitlines()]
    (result,) = [line for line in found if line["kind"] == "lab-result"]
    assert result["body"]["quantity"] == {"value": "6.40", "unit": "%"}
    assert len([line for line in found if line["kind"] == "sample"]) == 10
    # Without a secret nothing fits another export.
    session.export_deidentified(tmp_path / "other")
    assert not {line["profile"] for line in found} & {
        json.loads(line)["profile"] for line in (tmp_path / "other").read_text().splitlines()
    }
    with pytest.raises(phm.Conflict):
        session.export_deidentified(tmp_path / "out")
    for short in ("short", ""):
        with pytest.raises(phm.Invalid):
            session.export_deidentified(tmp_path / "short", secret=short)
        assert not (tmp_path / "short").exists()


def test_what_is_given_over_the_api_is_listed_and_taken_back(served: tuple[str, str]) -> None:
    session = phm.connect(*served).session()
    asha = session.profile(session.profiles()[0])
    grant = asha.give({"role": "provider"}, kinds="lab-result", actions=["read"], purpose="a visit", since="2020")
    assert grant["state"] == "live" and grant["from"] == "2020" and [one["id"] for one in asha.grants()] == [grant["id"]]
    assert asha.revoke(grant["id"])["state"] == "revoked"
    with pytest.raises(phm.Invalid) as refused:
        asha.give({"role": "provider"}, kinds="horoscope", actions="read")
    assert refused.value.details == [("/kinds/0", "unknown-kind")]


def test_a_table_of_everybody_leaves_out_whose_kind_may_not_be_seen(served: tuple[str, str]) -> None:
    url, token = served
    session = phm.connect(url, token).session()
    asha = session.profile(session.profiles()[0])
    asha.put("note", {"text": "x"})
    asha.put("lab-result", lab())
    ravi = phm.connect(url, sign_in(url, "ravi@example.org", "a long password of the test"))
    (own,) = ravi.session().profiles()
    ravi.session().profile(own).put("condition", {"concept": "Asthma"})
    account = ravi.session().profile(own).who_looked(kind="condition")[0]["actor"]["id"]
    asha.give({"account": account}, kinds="note", actions="read", purpose="a second look")
    assert {card.id for card in ravi.session().profiles()} == {own.id, asha.id}
    assert len(ravi.table("note")) == 1 and len(ravi.table("note", profiles=[asha.id])) == 1
    for table in (ravi.table, lambda kind, **whose: ravi.series(**whose)):
        assert len(table("lab-result")) == 0
        with pytest.raises(phm.Denied):
            table("lab-result", profiles=[asha.id])


def test_a_served_table_is_that_of_the_vault_row_by_row(served: tuple[str, str], tmp_path: Path) -> None:
    remote = phm.connect(*served)
    session = remote.session()
    asha = session.profile(session.profiles()[0])
    bounds = {end: {"value": value, "unit": "%"} for end, value in (("low", "4.0"), ("high", "5.6"))}
    asha.put("lab-result", lab("6.40", "2026-04", range=bounds, remarks="ਪੰਜਾਬੀ", laboratory={"name": "Lakeside"}))
    asha.put("lab-result", {"concept": "Culture", "text_value": "no growth"})
    parts = [
        {"concept": name, "quantity": {"value": value, "unit": "mm[Hg]"}}
        for name, value in (("systolic", "120"), ("diastolic", "80"))
    ]
    asha.put("vital-sign", {"concept": "Blood pressure", "components": parts, "measured_at": "2026-04-03T08:00:00Z"})
    pulse(asha, 300)
    # What is served now, as somebody opens it who has the vault itself.
    command = [PROGRAM, "backup", str(tmp_path / "b.phmb"), "--json"]
    subprocess.run(command, env=at_home(tmp_path), check=True, capture_output=True)
    with phm.open_backup(tmp_path / "b.phmb", key_file=tmp_path / "key") as here:
        for kind, rows in (("lab-result", 2), ("vital-sign", 1)):
            there, own = remote.table(kind).to_arrow(), here.table(kind, profiles=[asha.id]).to_arrow()
            assert there.num_rows == rows and there.schema.equals(own.schema, check_metadata=True), kind
            each = [{row["id"]: row for row in table.to_pylist()} for table in (there, own)]
            assert each[0] == each[1], kind
        there, own = remote.series("8867-4").to_arrow(), here.series("8867-4", profiles=[asha.id]).to_arrow()
        assert there.schema.equals(own.schema, check_metadata=True) and there.to_pylist() == own.to_pylist()


def test_people_are_a_table_over_the_api_too(served: tuple[str, str]) -> None:
    remote = phm.connect(*served)
    session = remote.session()
    asha = session.profile(session.profiles()[0])
    table = remote.table("profile")
    assert len(table) == 1 and [one.name for one in table.columns] == [one.name for one in phm.columns("profile")]
    assert [record.kind for record in asha.list("profile")] == ["profile"]
    # As in a vault that is open: a person has no code, and did not occur.
    assert len(remote.table("profile", codes="x")) == len(remote.table("profile", since="2000")) == 0
    assert asha.list("profile", until="2100") == [] == asha.list("profile", status="x")


def test_a_token_is_in_no_pickle(served: tuple[str, str]) -> None:
    remote = phm.connect(*served)
    session = remote.session()
    for one in (remote, session, session.profile(session.profiles()[0])):
        with pytest.raises(TypeError):
            pickle.dumps(one)
        assert served[1] not in repr(one)


def test_a_token_from_a_file_is_taken_and_what_is_none_is_not_shown(served: tuple[str, str]) -> None:
    url, token = served
    assert phm.connect(url, token + "\n").session().profiles()
    for none in ("", "secret\r\nX-Other: 1", "secret word", "sécret"):
        with pytest.raises(phm.Invalid) as refused:
            phm.connect(url, none)
        assert "secret" not in str(refused.value) and refused.value.code == "invalid-token"
    with pytest.raises(phm.Invalid):
        phm.connect("http://localhost:99999999", token)


def test_an_answer_that_comes_before_all_was_sent_is_heard(tmp_path: Path) -> None:
    refusal = json.dumps({"success": False, "error": {"code": "too-large", "message": "too large", "details": []}}).encode()
    head = f"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nContent-Length: {len(refusal)}\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server, (tmp_path / "large").open("wb") as large:
        large.truncate(64 << 20)

        def answer() -> None:
            for _ in range(2):
                connection, _peer = server.accept()
                with connection:
                    if connection.recv(1 << 16) and answers:
                        connection.sendall(head.encode() + refusal)

        for answers, expected in ((True, phm.TooLarge), (False, phm.Io)):
            asked = threading.Thread(target=answer, daemon=True)
            asked.start()
            asha = phm.connect(f"http://127.0.0.1:{server.getsockname()[1]}", "token").session().profile("x")
            for _ in range(2):
                with pytest.raises(expected) as refused:
                    asha.add_document(tmp_path / "large", {"title": "x", "category": "other"})
                assert refused.value.code == ("too-large" if answers else "io")
            asked.join(timeout=20)


def test_whom_the_system_trusts_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: made.append(original()) or made[-1])
    remote = phm.connect("https://127.0.0.1:9", "token")
    for purpose in ("one", "another"):
        with pytest.raises(phm.Io):
            remote.session(purpose).profiles()
    assert len(made) == 1


def test_another_account_and_a_wrong_token_see_nothing(served: tuple[str, str]) -> None:
    url, token = served
    (own,) = phm.connect(url, token).session().profiles()
    ravi = phm.connect(url, sign_in(url, "ravi@example.org", "a long password of the test"))
    with pytest.raises(phm.NotFound):
        ravi.session().profile(own).list("lab-result")
    with pytest.raises(phm.WrongSecret):
        phm.connect(url, "wrong").session().profiles()
    with pytest.raises(phm.Io):
        phm.connect("http://127.0.0.1:9", token).session().profiles()
    for address in ("localhost", "ftp://localhost", ""):
        with pytest.raises(phm.Invalid):
            phm.connect(address, token)


def test_the_vault_of_a_server_is_in_use(served: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(phm.InUse):
        phm.open(tmp_path / "served", key_file=tmp_path / "key")
