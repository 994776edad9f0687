"""Runs the notebook without a browser, in an environment where phm is installed: `run.py VAULT KEY_FILE PLOTS`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main(vault: str, key_file: str, plots: str) -> None:
    os.environ.update(PHM_DATA_DIR=vault, PHM_KEY_FILE=key_file, PHM_PLOTS=plots)
    notebook = nbformat.read(Path(__file__).with_name("ten_years.ipynb"), as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    for name in ("hba1c.png", "blood-pressure.png", "cohort.png"):
        assert (Path(plots) / name).read_bytes().startswith(b"\x89PNG"), name
    print("the notebook ran; its plots are in", plots)


if __name__ == "__main__":
    main(*sys.argv[1:])
