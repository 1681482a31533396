"""The part of the lab that is privileged: it makes network namespaces and sends packets in them.

A program of its own, with the standard library alone: it reads one JSON request a line from
standard input and writes one JSON answer a line. `lab_kernel` starts it and talks to it.

No namespace has a name. Each is kept by a file descriptor of this process, with everything in
it: interfaces, routes, packet filter, sockets. When the process ends, however it ends, the
kernel takes them all down, so that nothing can be left behind. The process itself moves into a
namespace of its own first, so that no mistake here can touch the machine's network.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import resource
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000

SIOCGIFFLAGS, IFF_RUNNING = 0x8913, 0x40

# One address for both ends of every link, and no ARP: a link is a wire between two ends, and
# whatever is put in at one of them comes out at the other.
MAC = "02:00:00:00:00:01"

# For `ip` and `nft`: they take milliseconds; a hang is a fault.
PATIENCE = 20

SYSCTLS = {
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv4/conf/all/send_redirects": "0",
    "net/ipv4/conf/default/send_redirects": "0",
    "net/ipv6/conf/all/disable_ipv6": "1",
    "net/ipv6/conf/default/disable_ipv6": "1",
}

# Everything that an estate may need, tried once at the start.
TRIAL_RULES = """
table ip trial {
  map other { type ipv4_addr : ipv4_addr; elements = { 10.0.0.1 : 10.0.0.2 }; }
  chain before {
    type filter hook prerouting priority raw
    notrack
    ip saddr set ip saddr map @other
  }
  chain after {
    type nat hook postrouting priority srcnat
    meta l4proto tcp ip dscp 1 masquerade to :1024-65535
  }
  chain pass {
    type filter hook forward priority filter
    ct state established accept
  }
}
"""

_libc = ctypes.CDLL(None, use_errno=True)
_PAYLOAD = struct.Struct("!QI")


class Failure(Exception):
    """What cannot be done here, in words."""


def _call(name: str, *arguments: int) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _run(program: str, *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        [program, *arguments], input=text, capture_output=True, text=True, timeout=PATIENCE
    )
    if done.returncode != 0:
        raise Failure(f"{program} {' '.join(arguments)}: {done.stderr.strip()}\n{text}")
    return done.stdout


def _become_root_of_a_namespace() -> None:
    """As root a new network namespace, else a new user namespace with one in it."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        _call("unshare", CLONE_NEWNET)
        return
    _call("unshare", CLONE_NEWUSER | CLONE_NEWNET)
    me = Path("/proc/self")
    (me / "setgroups").write_text("deny")
    (me / "uid_map").write_text(f"0 {user} 1")
    (me / "gid_map").write_text(f"0 {group} 1")


def _set_kernel(forwards: bool) -> None:
    """Settings of the namespace that the process is in."""
    for key, value in {**SYSCTLS, "net/ipv4/ip_forward": str(int(forwards))}.items():
        file = Path("/proc/sys") / key
        # A kernel without IPv6 has no switch for it.
        if "ipv6" not in key or file.exists():
            file.write_text(value)


def _wait_for(devices: list[str]) -> None:
    """Until all wires of this namespace carry packets.

    The kernel learns in the background that the other end is up; a wire swallows whatever is
    put into it before. Raises Failure.
    """
    deadline = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for device in devices:
            request = struct.pack("16s24x", device.encode())
            while True:
                answer = fcntl.ioctl(asking, SIOCGIFFLAGS, request)
                if struct.unpack_from("H", answer, 16)[0] & IFF_RUNNING:
                    break
                if time.monotonic() > deadline:
                    raise Failure(f"the wire {device} does not come up")
                time.sleep(0.002)


def _queued() -> int:
    """Packets that the kernel has put off: on a busy machine they wait for their turn."""
    text = Path("/proc/net/softnet_stat").read_text()
    columns = [line.split() for line in text.splitlines()]
    # The twelfth column came with Linux 5.10.
    return sum(int(row[11], 16) for row in columns if len(row) > 11)


class Lab:
    """The namespaces of one estate."""

    def __init__(self) -> None:
        _become_root_of_a_namespace()
        self._home = self._here()
        self._spaces: dict[str, int] = {}
        self._listeners: list[socket.socket] = []
        self._receivers: dict[socket.socket, str] = {}
        self._nonce = 0

    @staticmethod
    def _here() -> int:
        return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @contextlib.contextmanager
    def _inside(self, space: str) -> Iterator[None]:
        _call("setns", self._spaces[space], CLONE_NEWNET)
        try:
            yield
        finally:
            _call("setns", self._home, CLONE_NEWNET)

    # -- building -------------------------------------------------------------------------

    def hello(self, request: dict[str, Any]) -> dict[str, Any]:
        """Try once what every estate needs; raises for what does not work here."""
        spaces = {
            name: {"forwards": True, "setup": [], "rules": TRIAL_RULES} for name in ("a", "b")
        }
        self.build({"spaces": spaces, "links": [["a", "wire", "b", "wire"]], "ports": {}})
        self.clear({})
        return {}

    def build(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make the namespaces of a plan (see `lab_wiring.Plan`)."""
        self.clear({})
        try:
            self._build(request["spaces"], request["links"], request["ports"])
        except BaseException:
            self.clear({})
            raise
        return {}

    def _build(
        self, spaces: dict[str, Any], links: list[list[str]], ports: dict[str, list[int]]
    ) -> None:
        for name, space in spaces.items():
            _call("unshare", CLONE_NEWNET)
            self._spaces[name] = self._here()
            _set_kernel(space["forwards"])
        _call("setns", self._home, CLONE_NEWNET)
        ends: dict[str, list[str]] = defaultdict(list)
        lines = []
        for one, device, other, peer in links:
            ends[one].append(device)
            ends[other].append(peer)
            lines.append(
                f"link add name {device} address {MAC} netns {self._path(one)} "
                f"type veth peer name {peer} address {MAC} netns {self._path(other)}"
            )
        _run("ip", "-batch", "-", text="\n".join(lines))
        for name, space in spaces.items():
            with self._inside(name):
                up = [f"link set dev {device} arp off up" for device in ends[name]]
                _run("ip", "-batch", "-", text="\n".join(["link set lo up", *up, *space["setup"]]))
                if space["rules"]:
                    _run("nft", "-f", "-", text=space["rules"])
                if space.get("answers"):
                    self._listen(name, ports)
        for name, devices in ends.items():
            with self._inside(name):
                _wait_for(devices)
        # The kernel says that a wire is running shortly before it lets packets in, but holds
        # the lock of its configuration until then: this waits for the last of them.
        _run("ip", "link", "set", "lo", "up")

    def _path(self, space: str) -> str:
        return f"/proc/{os.getpid()}/fd/{self._spaces[space]}"

    def _listen(self, name: str, ports: dict[str, list[int]]) -> None:
        for port in ports.get("tcp", ()):
            listener = socket.create_server(("0.0.0.0", port), backlog=2048)
            listener.setblocking(False)
            self._listeners.append(listener)
        for port in ports.get("udp", ()):
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.setblocking(False)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            receiver.bind(("0.0.0.0", port))
            self._receivers[receiver] = name

    def clear(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take everything down."""
        for item in (*self._listeners, *self._receivers):
            item.close()
        self._listeners, self._receivers = [], {}
        for descriptor in self._spaces.values():
            os.close(descriptor)
        self._spaces = {}
        return {}

    # -- sending --------------------------------------------------------------------------

    def probe(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send packets, all at once, and say which came through.

        `probes` are [space, protocol, source, source port, destination, destination port,
        dscp]; the answer has for each of them null, or [space, source address] of the
        receiver as it saw the packet (for TCP, whose handshake is completed by the kernels of
        both ends, two empty texts).
        """
        self._nonce += 1
        arrived: list[list[str] | None] = [None] * len(request["probes"])
        waiting: dict[socket.socket, int] = {}
        senders: dict[tuple[str, str, int], socket.socket] = {}
        selector = selectors.EpollSelector()
        try:
            for receiver in self._receivers:
                selector.register(receiver, selectors.EVENT_READ)
            by_space: dict[str, list[int]] = defaultdict(list)
            for index, probe in enumerate(request["probes"]):
                by_space[probe[0]].append(index)
            for space, indexes in by_space.items():
                with self._inside(space):
                    for index in indexes:
                        self._send(request["probes"][index], index, waiting, senders)
            for sock in waiting:
                selector.register(sock, selectors.EVENT_WRITE)
            self._gather(selector, waiting, arrived, request["wait"])
        finally:
            selector.close()
            for sock in (*waiting, *senders.values()):
                sock.close()
            for listener in self._listeners:
                with contextlib.suppress(BlockingIOError):
                    while True:
                        listener.accept()[0].close()
        return {"arrived": arrived}

    def _send(
        self,
        probe: list[Any],
        index: int,
        waiting: dict[socket.socket, int],
        senders: dict[tuple[str, str, int], socket.socket],
    ) -> None:
        space, protocol, source, source_port, destination, port, dscp = probe
        if protocol == "udp":
            sender = senders.get((space, source, source_port))
            if sender is None:
                sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                senders[(space, source, source_port)] = sender
                sender.bind((source, source_port))
            # A filter that drops on the way out is reported as EPERM, a missing route as
            # unreachable: the packet was tried and did not leave.
            with _refusals():
                sender.sendto(_PAYLOAD.pack(self._nonce, index), (destination, port))
            return
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Closing resets the connection, so that no port stays taken.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)
        client.bind((source, source_port))
        try:
            with _refusals():
                client.connect((destination, port))
        except BlockingIOError:
            waiting[client] = index
        else:
            # Refused at once: there is no way out of the sender's own namespace.
            client.close()

    def _gather(
        self,
        selector: selectors.EpollSelector,
        waiting: dict[socket.socket, int],
        arrived: list[list[str] | None],
        wait: float,
    ) -> None:
        """Until nothing has arrived for `wait` seconds, and nothing is on its way."""
        deadline = time.monotonic() + wait
        latest = deadline + PATIENCE
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                if not _queued() or time.monotonic() > latest:
                    return
                deadline, left = time.monotonic() + wait, wait
            for key, _ in selector.select(left):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                if sock in self._receivers:
                    for seen, nonce, index in _read(sock):
                        if nonce == self._nonce:
                            arrived[index] = [self._receivers[sock], seen]
                            deadline = time.monotonic() + wait
                    continue
                selector.unregister(sock)
                failed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failed == 0:
                    sock.getpeername()  # raises where there is no connection after all
                    arrived[waiting[sock]] = ["", ""]
                    deadline = time.monotonic() + wait
                elif failed in (errno.ECONNREFUSED, errno.ECONNRESET):
                    raise Failure(f"probe {waiting[sock]} came to where nobody listens")

    # -- explaining -----------------------------------------------------------------------

    def drops(self, request: dict[str, Any]) -> dict[str, Any]:
        """The named counters of every namespace that are not zero."""
        found: dict[str, dict[str, int]] = {}
        for name in self._spaces:
            with self._inside(name):
                listed = json.loads(_run("nft", "-j", "list", "counters"))["nftables"]
            counters = (item["counter"] for item in listed if "counter" in item)
            packets = {item["name"]: item["packets"] for item in counters if item["packets"]}
            if packets:
                found[name] = packets
        return {"drops": found}


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # EINVAL is a blackhole route's word for it.
        expected = (errno.EPERM, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL)
        if error.errno not in expected:
            raise


def _read(receiver: socket.socket) -> Iterator[tuple[str, int, int]]:
    with contextlib.suppress(BlockingIOError):
        while True:
            data, (address, _) = receiver.recvfrom(64)
            if len(data) == _PAYLOAD.size:
                nonce, index = _PAYLOAD.unpack(data)
                yield address, nonce, index


def main() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    lab: Lab | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            lab = lab or Lab()
            answer = getattr(lab, request["do"])(request)
        except (Failure, OSError, subprocess.TimeoutExpired) as error:
            answer = {"failure": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
