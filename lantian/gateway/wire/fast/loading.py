"""The kernel comes late: numba takes most of a second to import, and some seconds to compile where it never ran.

Compiled code is kept beside the source (or in numba's own cache folder, if that cannot be written). Where there is none
yet, another process compiles, so that the threads of this one are not held up; meanwhile the reference works.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

_lock = threading.Lock()
_kernel: ModuleType | None = None
_failure: BaseException | None = None
_thread: threading.Thread | None = None
_ROOT = Path(__file__).resolve().parents[4]
_WARM = "from lantian.gateway.wire.fast import decoder; decoder.warm()"


def wanted() -> bool:
    return os.environ.get("LANTIAN_FAST", "1") != "0"


def ready() -> bool:
    """Tell whether the kernel is loaded and compiled."""
    return _kernel is not None


def kernel() -> ModuleType | None:
    """Return the kernel's module if it is ready; None as long as the reference has to do."""
    return _kernel


def failure() -> BaseException | None:
    """Return why the kernel could not be loaded, if it could not (the reference goes on working)."""
    return _failure


def prepare(*, wait: bool = False) -> bool:
    """Load the kernel in a thread, once. `wait`: until it is there. Return whether it is ready now."""
    global _thread
    with _lock:
        if _thread is None and wanted():
            _thread = threading.Thread(target=_load, name="hj212-kernel", daemon=True)
            _thread.start()
    if wait and _thread is not None:
        _thread.join()
    return ready()


def _load() -> None:
    global _kernel, _failure
    try:
        if not _compiled_before():
            _compile_elsewhere()
        module = importlib.import_module("lantian.gateway.wire.fast.kernel")
        from lantian.gateway.wire.fast import decoder

        decoder.warm(module)
        _kernel = module
    except Exception as error:  # a machine without numba still has to work: `failure` says why it is slow
        _failure = error


def _compile_elsewhere() -> None:
    """Compile in a process of its own, which leaves the code in numba's cache. Raises CalledProcessError."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", _WARM], check=True, capture_output=True, timeout=300, env=environment)  # noqa: S603


def _compiled_before() -> bool:
    source = Path(__file__).with_name("kernel.py")
    newest = max((path.stat().st_mtime for path in source.parent.glob("__pycache__/kernel.parse-*.nbi")), default=0.0)
    return newest >= source.stat().st_mtime
