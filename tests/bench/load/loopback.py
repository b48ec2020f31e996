"""l2tp-load --answer on the loopback interface, for what is run against it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

Report = dict[str, Any]


class Answer:
    """An LNS that takes everything, in a process of its own, until the `with` block ends."""

    def __init__(self, program: str, *options: str) -> None:
        self.report: Report = {}
        self._process = subprocess.Popen(
            [program, "--answer", "--listen", "127.0.0.1:0", "--json", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def __enter__(self) -> Answer:
        assert self._process.stderr
        line = self._process.stderr.readline()
        prefix = "listening on "
        if not line.startswith(prefix):
            self._process.kill()
            raise RuntimeError(f"no LNS: {line}{self._process.stderr.read()}")
        self.address = line.removeprefix(prefix).strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """Ends it, once; its report is there then. Gives its exit status."""
        if not self.report:
            self._process.terminate()
            try:
                output, _ = self._process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                raise
            self.report = json.loads(output)
        return self._process.returncode


def run_load(program: str, *options: str) -> tuple[int, Report]:
    """Exit status and report of a run."""
    done = subprocess.run(
        [program, "--json", *options], capture_output=True, text=True, timeout=300, check=False
    )
    if not done.stdout:
        raise RuntimeError(f"no report, status {done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def secret_file(folder: str, name: str, text: str) -> str:
    path = Path(folder, name)
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return str(path)
