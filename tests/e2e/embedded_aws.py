"""The embedded AWS in a process of its own, whose state can be copied.

`python embedded_aws.py BASELINE` builds the estate of a baseline. `python embedded_aws.py
BASELINE empty` starts an empty account instead, with all of AWS's own policies and images,
and the images that the baseline names: somebody else builds there.

It prints the address of the server, then obeys one word a line: `freeze` ends the server and
keeps the state, `copy` forks a process with a server for a copy of the state and prints its
address, `drop` ends that process. At the end of its input it ends itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mute_audit.intent.baseline import Baseline, load_baseline
from mute_audit.sources.demo.build import build, region_of
from mute_audit.sources.demo.build_workloads import public_images
from mute_audit.sources.demo.isolation import session
from mute_audit.sources.demo.server import ACCOUNT, empty_account, listening
from mute_audit.sources.demo.stock import stock

EVERYTHING = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}


def main(path: str, *flags: str) -> None:
    baseline = load_baseline(Path(path))
    empty = "empty" in flags
    with empty_account(EVERYTHING if empty else None):
        with listening() as server:
            if empty:
                images = public_images(baseline).values()
                stock(ACCOUNT, region_of(baseline), images, ())
            else:
                _build(baseline, server.url)
            _say(server.url)
            _until("freeze")
        _say("frozen")
        while _until("copy"):
            _copy()
        # At once: to empty an account that is full takes half a minute.
        os._exit(0)


def _build(baseline: Baseline, url: str) -> None:
    builder = session(region_of(baseline))
    build(
        baseline,
        ACCOUNT,
        lambda service, home: builder.client(service, region_name=home, endpoint_url=url),
        drift=False,
    )


def _copy() -> None:
    """A child with the state as it stands, until `drop` or our own end, whatever comes first."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        with listening() as server:
            _say(server.url)
            # Returns when nobody holds the other end any more, which only our parent does.
            os.read(reading, 1)
            os._exit(0)
    os.close(reading)
    _until("drop")
    os.close(writing)
    os.waitpid(child, 0)
    _say("dropped")


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def _until(word: str) -> bool:
    """Waits for a word; False at the end of the input."""
    line = sys.stdin.readline()
    if line and line.strip() != word:
        raise SystemExit(f"expected `{word}`, got `{line.strip()}`")
    return bool(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
