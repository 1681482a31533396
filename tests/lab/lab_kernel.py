"""The lab as the tests see it: lay a plan out in the kernel, send packets, take it down."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from lab_wiring import Plan

__all__ = ["Arrival", "Kernel", "LabError", "Sent", "Unavailable"]

WORKER = Path(__file__).with_name("lab_worker.py")

# How long after the last arrival a packet is still waited for, while the kernel has nothing
# queued. A packet goes through all namespaces in microseconds, mostly in the very call that sends
# it, and nothing but a rule loses one. What disagrees with an engine is sent again for the
# message, and waited for much longer.
WAIT = 0.15
LONG_WAIT = 1.5

# Sockets that are open at the same time.
_AT_ONCE = 600

# No request takes longer, or the worker is stuck and is ended.
_PATIENCE = 60.0


class LabError(Exception):
    """The lab itself failed; says nothing about any verdict."""


class Unavailable(LabError):
    """Why there can be no lab on this machine."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One packet to send: from which namespace, and its header.

    choice  carried in the packet's DSCP field: the stretch of ports, counted from 1, from
            which a NAT gateway on the way takes the port that it sends from
    """

    space: str
    protocol: str
    source: str
    source_port: int
    destination: str
    port: int
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a packet arrived, and the source address on it there; both empty for TCP."""

    space: str
    source: str


class Kernel:
    """A worker process that holds the namespaces of one estate at a time.

    Raises Unavailable where namespaces, or what is needed in them, cannot be made.
    """

    def __init__(self) -> None:
        # The tools are in /usr/sbin, which is not on everybody's PATH.
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
        if sys.platform != "linux":
            raise Unavailable(f"network namespaces are Linux's; this is {sys.platform}")
        for program in ("ip", "nft"):
            if shutil.which(program, path=path) is None:
                raise Unavailable(f"the program `{program}` is missing: run tests/setup-system")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PATH": path, "LC_ALL": "C"},
        )
        self._unread = b""
        try:
            self._ask("hello")
        except LabError as error:
            self.close()
            raise Unavailable(f"network namespaces cannot be made here: {error}") from error

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker; the kernel takes its namespaces down."""
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def lay_out(self, plan: Plan, ports: dict[str, Sequence[int]]) -> None:
        """Build a plan, with something that listens on `ports` at every host."""
        spaces = {name: space.to_json() for name, space in plan.spaces.items()}
        self._ask("build", spaces=spaces, links=plan.links, ports=ports)

    def send(self, packets: Sequence[Sent], wait: float = WAIT) -> list[Arrival | None]:
        """Send packets; for each where it arrived, or None. TCP: the handshake completed."""
        found: list[Arrival | None] = []
        for start in range(0, len(packets), _AT_ONCE):
            probes = [
                [p.space, p.protocol, p.source, p.source_port, p.destination, p.port, p.choice]
                for p in packets[start : start + _AT_ONCE]
            ]
            answer = self._ask("probe", probes=probes, wait=wait)
            found += [Arrival(*item) if item is not None else None for item in answer["arrived"]]
        return found

    def drops(self) -> dict[str, dict[str, int]]:
        """How many packets each filter has dropped: namespace → filter → packets."""
        found: dict[str, dict[str, int]] = self._ask("drops")["drops"]
        return found

    def where_dropped(self, packet: Sent) -> tuple[bool, list[str]]:
        """Send one packet again, with patience: whether it arrives, and which filters drop it."""
        before = self.drops()
        arrived = self.send([packet], LONG_WAIT)[0] is not None
        return arrived, [
            f"{space} {name}"
            for space, counters in self.drops().items()
            for name, packets in counters.items()
            if packets > before.get(space, {}).get(name, 0)
        ]

    def _ask(self, what: str, **request: Any) -> dict[str, Any]:
        line = json.dumps({"do": what, **request}).encode() + b"\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise LabError("the worker has ended") from error
        answer: dict[str, Any] = json.loads(self._line())
        if "failure" in answer:
            raise LabError(answer["failure"])
        return answer

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + _PATIENCE
        while b"\n" not in self._unread:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(descriptor, 1 << 16) if ready else b""
            if not data:
                self._process.kill()
                raise LabError("the worker has ended" if ready else "the worker is stuck")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line
