"""The independent verifier on the sample: what is sound passes, and every way to cheat is told by its name.

The sample's keys are known (32 times 6 and 7), so the tests can also do what only somebody with a vault's keys could.
"""

from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from verify_log import root, verify

SAMPLE = (Path(__file__).parent.parent / "samples" / "log-1.txt").read_text(encoding="utf-8")
OLD, NEW = "phm.local/log/46464646-4646-4646-4646-464646464646", "phm.local/log/47474747-4747-4747-4747-474747474747"
LINES = SAMPLE.splitlines(keepends=True)
ROWS = [line.split()[1] for line in LINES if line.startswith("row ")]
LEAVES = [sha256(b"\0" + b64decode(row)).digest() for row in ROWS]


def signature(name, seed, body):
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    identity = sha256(name.encode() + b"\n\1" + public).digest()[:4]
    return f"\u2014 {name} {b64encode(identity + key.sign(body.encode())).decode()}\n"


def note(name, seed, leaves):
    body = f"{name}\n{len(leaves)}\n{root(leaves)}\n"
    return body + "\n" + signature(name, seed, body)


def only_old(lines):
    """The first log alone, as it was exported before it ended."""
    return "".join(lines[: lines.index("end\n") + 1])


def refused(word, export, *kept):
    with pytest.raises(ValueError, match=f"^{word}"):
        verify(export, *kept)


def test_the_sample_and_every_earlier_checkpoint_of_it_pass():
    verify(SAMPLE, *(note(OLD, 6, LEAVES[:size]) for size in range(6)))


def test_after_an_honest_restore_a_checkpoint_of_rows_that_were_lost_is_no_fork():
    lost = LEAVES + [sha256(b"\0" + b"written after the backup").digest()]
    verify(SAMPLE, note(OLD, 6, lost))


def test_a_log_that_claims_to_continue_another_is_vouched_for_by_its_key():
    ours = next(line for line in LINES if line.startswith(f"\u2014 {OLD}") and LINES.index(line) > LINES.index("end\n"))
    refused("fork", SAMPLE.replace(ours, ""))
    refused("missing", LINES[0] + "".join(LINES[LINES.index("end\n") + 1 :]))


@pytest.mark.parametrize("at", range(5))
def test_an_edited_a_deleted_and_a_moved_row_are_noticed(at):
    row = 2 + at
    edited = LINES[:row] + [f"row {b64encode(b'other').decode()}\n"] + LINES[row + 1 :]
    refused("order", "".join(edited))
    refused("truncated", "".join(LINES[:row] + LINES[row + 1 :]))
    other = 2 + (at + 1) % 5
    moved = LINES.copy()
    moved[row], moved[other] = moved[other], moved[row]
    refused("order", "".join(moved))


def test_a_log_cut_short_or_rolled_back_and_signed_anew_is_noticed_by_a_kept_checkpoint():
    kept = note(OLD, 6, LEAVES)
    back = "".join(LINES[:5]) + "checkpoint\n" + note(OLD, 6, LEAVES[:3]) + "end\n"
    verify(back)
    refused("truncated", back, kept)
    refused("truncated", "".join(LINES[:5]) + "".join(LINES[7 : LINES.index("end\n") + 1]))


def test_a_log_written_anew_and_signed_by_the_same_key_is_a_fork():
    forged = LEAVES[:2] + [sha256(b"\0forged").digest()] + LEAVES[3:]
    rows = LINES[:4] + [f"row {b64encode(b'forged').decode()}\n"] + LINES[5:7]
    export = "".join(rows) + "checkpoint\n" + note(OLD, 6, forged) + "end\n"
    verify(export, note(OLD, 6, LEAVES[:2]))
    refused("fork", export, note(OLD, 6, LEAVES[:3]))
    refused("fork", export, note(OLD, 6, LEAVES))


def test_a_checkpoint_by_another_key_or_of_another_log_is_refused():
    refused("signature", only_old(LINES), note(OLD, 7, LEAVES))
    refused("signature", only_old(LINES).replace("\n5\n", "\n4\n"))
    refused("missing", only_old(LINES), note(NEW, 7, LEAVES))
    refused("form", "something else")
    refused("form", SAMPLE, "something else")
    refused("form", SAMPLE.replace("row ", "raw ", 1))
    refused("truncated", SAMPLE.removesuffix("end\n"))
