"""Checks an audit log that `phm audit export` wrote: python verify_log.py EXPORT [CHECKPOINT...]

Written from the documents alone (RFC 6962, C2SP signed-note and tlog-checkpoint, phm_core::audit::plain), apart from the
Rust one. `verify` raises ValueError, whose first word is form, signature, order, truncated, fork or missing.
"""

import sys
from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def root(leaves):
    """MTH of RFC 6962, level by level: a node without a right neighbour moves up as it is."""
    while len(leaves) > 1:
        pairs = [sha256(b"\1" + a + b).digest() for a, b in zip(leaves[::2], leaves[1::2])]
        leaves = pairs + leaves[2 * len(pairs) :]
    return leaves[0] if leaves else sha256(b"").digest()


class Note:
    def __init__(self, text):
        body, signatures = text.rsplit("\n\n", 1)
        self.signed = (body + "\n").encode()
        self.origin, size, self.root, *more = body.split("\n")
        self.size = int(size)
        self.continues = [line.split()[1:] for line in more if line.startswith("continues ")]
        self.signatures = [line.removeprefix("\u2014 ").split(" ") for line in signatures.splitlines()]

    def check(self, key):
        name, _, encoded = key.split("+", 2)
        public = b64decode(encoded)
        identity = sha256(name.encode() + b"\n" + public).digest()[:4]
        ours = [b64decode(s) for n, s in self.signatures if n == name and b64decode(s)[:4] == identity]
        try:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(ours[0][4:], self.signed)
        except (IndexError, InvalidSignature):
            raise ValueError(f"signature: {self.origin} at {self.size} is not signed by {name}") from None


def logs(export):
    """Every log of the export: its key, the hashes of its leaves and its checkpoint."""
    heading, *parts = ("\n" + export).split("\nlog ")
    if heading != "\nphm audit log 1" or not parts:
        raise ValueError("form: this is no exported audit log")
    for part in parts:
        head, _, tail = part.partition("\ncheckpoint\n")
        note, end, _ = tail.partition("\nend")
        if not end:
            raise ValueError("truncated: the export ends amid a log")
        key, *rows = head.split("\n")
        try:
            words = [(word, b64decode(data, validate=True)) for word, data in (row.split(" ") for row in rows)]
            note = Note(note)
        except (ValueError, IndexError):
            raise ValueError("form: a row or the checkpoint of a log is none") from None
        yield key, [sha256(b"\0" + data).digest() if word == "row" else data for word, data in words], note


def verify(export, *kept):
    earlier, known = None, {}
    for key, leaves, note in logs(export):
        note.check(key)
        if len(leaves) < note.size:
            raise ValueError(f"truncated: {note.origin} has {len(leaves)} rows of {note.size}")
        if note.origin != key.split("+")[0] or len(leaves) > note.size or b64encode(root(leaves)).decode() != note.root:
            raise ValueError(f"order: the rows of {note.origin} are not those its checkpoint was signed over")
        if note.continues != ([[earlier[1].origin, str(earlier[1].size), earlier[1].root]] if earlier else []):
            raise ValueError(f"{'fork' if earlier else 'missing'}: {note.origin} does not begin where the one before it ended")
        if earlier:
            note.check(earlier[0])
        earlier = known[note.origin] = (key, note, leaves)
    for note in map(Note, kept):
        if note.origin not in known:
            raise ValueError(f"missing: {note.origin}, of which a checkpoint was kept")
        key, newest, leaves = known[note.origin]
        note.check(key)
        if note.size > len(leaves) and newest is earlier[1]:
            raise ValueError(f"truncated: {note.origin} has {len(leaves)} rows of {note.size}")
        if note.size <= len(leaves) and b64encode(root(leaves[: note.size])).decode() != note.root:
            raise ValueError(f"fork: {note.origin} did not have these first {note.size} rows")


if __name__ == "__main__":
    try:
        verify(*(open(name, encoding="utf-8").read() for name in sys.argv[1:]))
    except ValueError as why:
        sys.exit(str(why))
    print("ok")
