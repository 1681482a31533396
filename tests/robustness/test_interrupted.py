"""Ctrl-C: at once, one line, exit code 130, and everything as it was."""

from __future__ import annotations

import http.server
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from robust_command import called_outside, contents, plain_environment

# Only so that a tool that hangs fails the test; an interrupted one is gone in no time, and a
# call that nobody answers would take minutes.
PATIENCE = 30

CALLER = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult>"
    b"<Arn>arn:aws:iam::123456789012:user/somebody</Arn><UserId>AIDA</UserId>"
    b"<Account>123456789012</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class Silence:
    """An endpoint that says who calls, and then nothing for as long as it runs."""

    def __init__(self) -> None:
        self.asked: queue.Queue[bytes] = queue.Queue()
        self._over = threading.Event()
        asked, over = self.asked, self._over

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if b"GetCallerIdentity" not in body:
                    asked.put(body)
                    over.wait()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(CALLER)))
                self.end_headers()
                self.wfile.write(CALLER)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def silence() -> Iterator[Silence]:
    made = Silence()
    yield made
    made.close()


def started(folder: Path, *arguments: object, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mute_audit", *map(str, arguments)],
        cwd=folder,
        env=plain_environment(folder, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what it runs in the background with Ctrl-C ignored, and that is passed on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def interrupted(process: subprocess.Popen[str]) -> None:
    """Interrupt, and expect one line and nothing else."""
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (
        130,
        "",
        "mute-audit: interrupted; nothing was written\n",
    )


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"}


def test_a_live_scan_stops_while_aws_is_silent(
    silence: Silence, small: Path, tmp_path: Path
) -> None:
    """Calls in the middle of which nobody answers hold nobody up."""
    called_outside(tmp_path, "scan", small)
    before = contents(tmp_path / "reports")
    assert before
    process = started(
        tmp_path, "scan", "aws", "--region", "eu-west-1", "--endpoint-url", silence.url, **KEYS
    )
    silence.asked.get(timeout=PATIENCE)
    interrupted(process)
    assert contents(tmp_path / "reports") == before


def test_a_collection_leaves_no_half_snapshot(silence: Silence, tmp_path: Path) -> None:
    process = started(
        tmp_path,
        *("collect", "aws", "--region", "eu-west-1", "--endpoint-url", silence.url),
        *("--out", tmp_path / "saved"),
        **KEYS,
    )
    silence.asked.get(timeout=PATIENCE)
    interrupted(process)
    assert contents(tmp_path) == {}


def test_checkov_does_not_go_on_alone(silence: Silence, tmp_path: Path) -> None:
    """The process that was started beside the collection ends with it."""
    program, pid = tmp_path / "slow-checkov", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}.new && mv {pid}.new {pid}\nexec sleep 600\n")
    program.chmod(0o700)
    (tmp_path / "tf").mkdir()
    process = started(
        tmp_path,
        *("scan", "aws", "--region", "eu-west-1", "--endpoint-url", silence.url),
        *("--terraform", tmp_path / "tf"),
        MUTE_AUDIT_CHECKOV=str(program),
        **KEYS,
    )
    silence.asked.get(timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while not pid.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    number = int(pid.read_text())
    os.kill(number, 0)
    interrupted(process)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
