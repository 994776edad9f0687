"""Checks an audit log that `phm audit export` wrote: python verify_log.py EXPORT [CHECKPOINT...]

Written from the documents alone (RFC 6962, C2SP signed-note and tlog-checkpoint, phm_core::audit::plain), apart from the
Rust one. `verify` raises ValueError, whose first word is form, signature, order, truncated, fork or missing.
"""

import sys
from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def require(holds, why):
    if not holds:
        raise ValueError(why)


def root(leaves):
    """MTH of RFC 6962, level by level: a node without a right neighbour moves up as it is."""
    while len(leaves) > 1:
        pairs = [sha256(b"\1" + a + b).digest() for a, b in zip(leaves[::2], leaves[1::2])]
        leaves = pairs + leaves[2 * len(pairs) :]
    return b64encode(leaves[0] if leaves else sha256(b"").digest()).decode()


class Note:
    def __init__(self, text):
        body, signatures = text.rsplit("\n\n", 1)
        self.signed = (body + "\n").encode()
        self.origin, size, self.root, *more = body.split("\n")
        self.size, self.end = int(size), f"{self.origin} {size} {self.root}"
        self.continues = [line for line in more if line.startswith("continues ")]
        self.signatures = [line.removeprefix("\u2014 ").split(" ") for line in signatures.splitlines()]

    def check(self, key, why):
        try:
            name, _, encoded = key.split("+", 2)
            public = b64decode(encoded)
            identity = sha256(name.encode() + b"\n" + public).digest()[:4]
            ours = [b64decode(s) for n, s in self.signatures if n == name and b64decode(s)[:4] == identity]
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(ours[0][4:], self.signed)
        except (ValueError, IndexError, InvalidSignature):
            raise ValueError(why) from None


def read(text):
    """A log of the export: its key, the hashes of its leaves and its checkpoint."""
    head, note = text.split("\ncheckpoint\n")
    key, *rows = head.removeprefix("log ").split("\n")
    leaf = {"row": lambda row: sha256(b"\0" + row).digest(), "leaf": bytes}
    return key, [leaf[word](b64decode(data, validate=True)) for word, data in map(str.split, rows)], Note(note)


def verify(export, *kept):
    require(export.startswith("phm audit log 1\nlog "), "form: this is no exported audit log")
    *texts, rest = export.removeprefix("phm audit log 1\n").split("\nend\n")
    require(not rest, "truncated: the export ends amid a log")
    try:
        logs, kept = [read(text) for text in texts], [Note(text) for text in kept]
    except (ValueError, KeyError):
        raise ValueError("form: a row or a checkpoint is none") from None
    for key, leaves, note in logs:
        note.check(key, f"signature: {note.origin} is not signed by its key")
        require(len(leaves) >= note.size, f"truncated: {note.origin} has {len(leaves)} of {note.size} rows")
        is_whole = key.startswith(note.origin + "+") and len(leaves) == note.size and root(leaves) == note.root
        require(is_whole, f"order: the rows of {note.origin} are not those its checkpoint was signed over")
    require(not logs[0][2].continues, f"missing: the log before {logs[0][2].origin}")
    for (key, _, before), (_, _, note) in zip(logs, logs[1:]):
        fork = f"fork: {note.origin} does not go on where {before.origin} ended"
        require(note.continues == [f"continues {before.end}"], fork)
        note.check(key, fork)
    known = {log[2].origin: log for log in logs}
    for note in kept:
        require(note.origin in known, f"missing: {note.origin}, of which a checkpoint was kept")
        key, leaves, newest = known[note.origin]
        note.check(key, f"signature: the kept checkpoint of {note.origin} is not signed by its key")
        # What is gone of a log that another continues was lost with an honest restore.
        lost = note.size > len(leaves) and newest is not logs[-1][2]
        require(lost or note.size <= len(leaves), f"truncated: {note.origin} has {len(leaves)} of {note.size} rows")
        require(lost or root(leaves[: note.size]) == note.root, f"fork: {note.origin} began with other rows")


if __name__ == "__main__":
    try:
        verify(*(open(name, encoding="utf-8").read() for name in sys.argv[1:]))
    except ValueError as why:
        sys.exit(str(why))
    print("ok")
