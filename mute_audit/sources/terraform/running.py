"""Plan a folder of `.tf` files with the terraform that is installed.

Planning runs the providers and data sources of the folder: that is somebody's code, so it is
asked for. Nothing is written into the folder, no lock is taken, nothing is refreshed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from mute_audit.errors import InputError, MissingToolError, UsageError

__all__ = ["plan_folder"]

_BY_HAND = (
    "make a plan yourself: `terraform plan -out=plan.bin`, then "
    "`terraform show -json plan.bin > plan.json`, and scan plan.json"
)


def plan_folder(
    folder: Path, var_files: Sequence[Path], *, allowed: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The plan as JSON, and the commands that were run.

    Raises UsageError where running is not allowed, MissingToolError without terraform, and
    InputError with terraform's own words where it fails.
    """
    terraform = shutil.which("terraform")
    if terraform is None:
        raise MissingToolError(
            "terraform is not installed, so a folder cannot be planned", hint=_BY_HAND
        )
    if not allowed:
        raise UsageError(
            f"`{folder}` is a folder of Terraform files: planning it runs its providers and "
            "data sources",
            hint=f"allow it with `--allow-run`, or {_BY_HAND}",
        )
    with tempfile.TemporaryDirectory(prefix="mute-audit-plan-") as temporary:
        return _Run(terraform, folder, Path(temporary)).plan(var_files)


class _Run:
    def __init__(self, terraform: str, folder: Path, temporary: Path) -> None:
        self.terraform = terraform
        self.folder = folder
        self.temporary = temporary
        self.commands: list[str] = []
        self.environment = {**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        # Whatever the surroundings add to the command line would be added to ours.
        for name in [name for name in self.environment if name.startswith("TF_CLI_ARGS")]:
            del self.environment[name]

    def plan(self, var_files: Sequence[Path]) -> tuple[dict[str, Any], tuple[str, ...]]:
        if not (self.folder / ".terraform").is_dir() and "TF_DATA_DIR" not in os.environ:
            self._init()
        plan = self.temporary / "plan.bin"
        files = [f"-var-file={file.resolve()}" for file in var_files]
        self._run("plan", "-refresh=false", "-lock=false", "-input=false", *files, f"-out={plan}")
        shown = self._run("show", "-json", str(plan))
        try:
            document: dict[str, Any] = msgspec.json.decode(shown, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise InputError(f"`terraform show` printed no JSON: {error}") from error
        return document, tuple(self.commands)

    def _init(self) -> None:
        """Providers and modules go to a temporary place, and the lock file stays as it was."""
        self.environment["TF_DATA_DIR"] = str(self.temporary / "data")
        lock = self.folder / ".terraform.lock.hcl"
        had = lock.exists()
        try:
            readonly = ["-lockfile=readonly"] if had else []
            self._run("init", "-input=false", "-backend=false", *readonly)
        finally:
            if not had:
                lock.unlink(missing_ok=True)

    def _run(self, *arguments: str) -> bytes:
        # Colours in an error message would be noise.
        colour = ["-no-color"] if arguments[0] != "show" else []
        command = [self.terraform, f"-chdir={self.folder}", *arguments, *colour]
        self.commands.append("terraform " + " ".join(command[1:]))
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=self.environment,
                check=False,
            )
        except OSError as error:
            raise InputError(f"cannot run terraform: {error.strerror or error}") from error
        if done.returncode != 0:
            raise InputError(
                f"`terraform {arguments[0]}` failed: {_words(done.stderr)}",
                where=str(self.folder),
                hint="run it in that folder, mend what it says, and scan again",
            )
        return done.stdout


def _words(text: bytes) -> str:
    """The first thing that terraform complains about, without its frame."""
    lines = [line.strip(" │╷╵\t") for line in text.decode("utf-8", "replace").splitlines()]
    told = [line for line in lines if line]
    first = next((line for line in told if line.startswith("Error")), told[0] if told else "")
    return first.removeprefix("Error: ")[:300] or "it said nothing"
