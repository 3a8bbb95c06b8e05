"""Write the lock files from pyproject.toml: every package with its hashes, for every platform, without addresses.

Needs `uv` in the environment (`pip install uv`).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
          "--no-emit-index-url", "--no-header", "--no-annotate"]  # fmt: skip


def main() -> None:
    locks = ROOT / "requirements"
    base = locks / "base.txt"
    subprocess.run([*COMMON, "pyproject.toml", "-o", str(base)], cwd=ROOT, check=True)
    dev = [*COMMON, "--group", "dev", "-c", str(base), "-o", str(locks / "dev.txt")]
    subprocess.run(dev, cwd=ROOT, check=True)
    # Only what Spark adds to the base: CI installs it beside, to compare both engines.
    spark = [*COMMON, "pyproject.toml", "--extra", "spark", "-c", str(base), "-o", str(locks / "spark.txt")]
    subprocess.run(spark, cwd=ROOT, check=True)
    node = locks / "node.in"
    subprocess.run([*COMMON, str(node), "-o", str(locks / "node.txt")], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
