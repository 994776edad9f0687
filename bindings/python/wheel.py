"""Packs the library that cargo has built into a wheel, as maturin would: for the checks, which build it with all the rest.

    python wheel.py LIBRARY FOLDER [LEVEL]

LEVEL is how well it is packed, from 1 (fast, the default) to 9.

Who releases uses `maturin build --release`, which compiles by itself.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def version() -> str:
    """The version of the workspace, which stands in one place."""
    text = (HERE.parent.parent / "Cargo.toml").read_text()
    found = re.search(r'\[workspace\.package\]\s+version = "([^"]+)"', text)
    assert found, "the workspace has a version"
    return found[1]


def files(library: Path, info: str) -> dict[str, bytes]:
    """Everything in the wheel, RECORD aside."""
    licences = sorted(HERE.glob("LICENSE-*"))
    tag = f"cp311-abi3-linux_{platform.machine()}"
    metadata = (
        f"Metadata-Version: 2.1\nName: phm\nVersion: {version()}\n"
        "Summary: Encrypted, versioned, consented health records: the core of PHM in Python.\n"
        "Requires-Python: >=3.11\nLicense: MIT OR Apache-2.0\n"
        + "".join(f"License-File: {path.name}\n" for path in licences)
    )
    content = {f"phm/{path.name}": path.read_bytes() for path in sorted((HERE / "phm").iterdir()) if path.is_file()}
    return {
        **content,
        **{f"{info}/licenses/{path.name}": path.read_bytes() for path in licences},
        "phm/_phm.abi3.so": library.read_bytes(),
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: phm\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }


def main(library: str, folder: str, level: str = "1") -> None:
    info = f"phm-{version()}.dist-info"
    content = files(Path(library), info)
    rows = []
    for name, data in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(data)}")
    content[f"{info}/RECORD"] = ("\n".join([*rows, f"{info}/RECORD,,"]) + "\n").encode()
    out = Path(folder) / f"phm-{version()}-cp311-abi3-linux_{platform.machine()}.whl"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=int(level)) as wheel:
        for name, data in content.items():
            wheel.writestr(name, data)
    print(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
