"""checkov over Terraform text, as a process of its own.

checkov's pins of boto3 and networkx must not meet ours, so that it is a program that is
started and never a module that is imported. It answers 0 for text that it cannot parse, for
folders without a resource, for checks that it does not know and for checks that break: its
exit code alone says nothing, and all of these are errors here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from mute_audit.finding import Location, StaticFinding, StaticResult, StaticStatus

__all__ = ["Running", "start"]

# A large root module takes half a minute; this is for one that never ends.
TIMEOUT_SECONDS = 600.0

# All that checkov is told of our environment: no credentials, no AWS profile, no switches of
# its own (CKV_…, BC_…) that would leave checks out or upload results.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
_SET = {
    "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
    "CHECKOV_CREATE_MARKDOWN_HYPERLINKS": "false",
    "LOG_LEVEL": "WARNING",
    "PYTHONUTF8": "1",
}

# checkov only logs that a check broke; its resources are missing from the result.
_BROKEN_CHECK = re.compile(r"Failed to run check (\S+)")


def start(
    directory: Path,
    executable: str | Path | None,
    checks_dir: Path | None = None,
    *,
    checks: Sequence[str] = (),
    timeout: float = TIMEOUT_SECONDS,
    environ: Mapping[str, str] | None = None,
) -> Running:
    """checkov at work on `directory`; ask the handle for its `result()` later.

    executable  the program, None where none was found: then the result is MISSING
    checks_dir  a folder of further checks
    checks      only these ids, each of which must then have been evaluated
    timeout     seconds from now
    environ     the environment of this process, of which little is passed on

    checkov's own configuration files (`.checkov.yaml` in the folder, here or at home) are not
    read: what is skipped is skipped in the Terraform text, beside its reason.
    """
    label = _shown(directory)
    if executable is None:
        return Running(label, done=_unavailable(label, "checkov is not installed"))
    program = Path(executable)
    if not program.is_file():
        return Running(label, done=_unavailable(label, f"there is no program at `{program}`"))
    for needed in (directory, checks_dir):
        # checkov itself skips a folder that is not there, and says that all is well.
        if needed is not None and not needed.is_dir():
            return Running(label, done=_failed(label, f"`{needed}` is not a folder"))
    command = [
        str(program.absolute()),
        # In one word: as `-d FOLDER` it would read the folder's own configuration file.
        f"--directory={directory.resolve()}",
        "--framework=terraform",
        "--output=json",
        "--skip-download",
        "--skip-results-upload",
        "--download-external-modules=false",
    ]
    if checks_dir is not None:
        command.append(f"--external-checks-dir={checks_dir.resolve()}")
    if checks:
        command.append(f"--check={','.join(checks)}")
    return Running(
        label,
        command=command,
        root=directory.resolve(),
        checks=tuple(checks),
        timeout=timeout,
        environ=os.environ if environ is None else environ,
    )


class Running:
    """A started checkov. `stop` it, or leave its context, when its result is not wanted."""

    def __init__(
        self,
        label: str,
        *,
        done: StaticResult | None = None,
        command: Sequence[str] = (),
        root: Path | None = None,
        checks: tuple[str, ...] = (),
        timeout: float = TIMEOUT_SECONDS,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._label = label
        self._done = done
        self._root = root or Path()
        self._checks = checks
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._open = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        if done is None:
            self._start(command, environ or {})

    def _start(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        folder = self._open.enter_context(
            tempfile.TemporaryDirectory(prefix="mute-audit-checkov-", ignore_cleanup_errors=True)
        )
        # An empty home, which is the working folder as well: no configuration, no cache.
        home = Path(folder, "home")
        home.mkdir()
        # Files, not pipes: nobody reads while the collection is under way.
        self._out, self._err = Path(folder, "out"), Path(folder, "err")
        kept = {name: environ[name] for name in _KEPT if name in environ}
        try:
            with self._out.open("wb") as out, self._err.open("wb") as err:
                self._process = subprocess.Popen(
                    command,
                    cwd=home,
                    env={**kept, **_SET, "HOME": str(home)},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    # checkov starts workers; they must end with it.
                    start_new_session=True,
                )
        except OSError as problem:
            self._finish(_failed(self._label, f"checkov cannot be started: {problem.strerror}"))

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def result(self) -> StaticResult:
        """checkov's answer; waits for it."""
        if self._done is None and self._process is not None:
            try:
                code = self._process.wait(max(0.0, self._deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._kill()
                message = f"checkov gave no answer within {self._timeout:g} seconds"
                return self._finish(_failed(self._label, message))
            out = self._out.read_bytes()
            err = self._err.read_text("utf-8", "replace")
            self._finish(_read(self._label, self._root, self._checks, code, out, err))
        if self._done is None:
            self._done = _failed(self._label, "checkov was stopped before it had an answer")
        return self._done

    def stop(self) -> None:
        """End checkov and its workers, if they still run."""
        self._kill()
        self._open.close()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        # The process leads a group of its own, to which nothing else belongs.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _finish(self, result: StaticResult) -> StaticResult:
        self._done = result
        self._process = None
        self._open.close()
        return result


def _shown(directory: Path) -> str:
    """The folder as a person would write it here."""
    absolute, here = directory.resolve(), Path.cwd()
    if directory.is_absolute() and absolute.is_relative_to(here):
        return str(absolute.relative_to(here))
    return str(directory)


def _unavailable(label: str, message: str) -> StaticResult:
    return StaticResult(StaticStatus.MISSING, path=label, error=message)


def _failed(label: str, message: str) -> StaticResult:
    return StaticResult(StaticStatus.ERROR, path=label, error=message)


def _read(
    label: str, root: Path, asked: tuple[str, ...], code: int, out: bytes, err: str
) -> StaticResult:
    """The result in checkov's output, with every reason not to believe it."""
    if code not in (0, 1):
        return _failed(label, f"checkov ended with {code}: {_last_line(err)}")
    try:
        reports = _reports(json.loads(out))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        return _failed(label, f"checkov's output is not the JSON that it should be: {problem!r}")
    passed = [check for report in reports for check in report["results"]["passed_checks"]]
    failed = [check for report in reports for check in report["results"]["failed_checks"]]
    skipped = [check for report in reports for check in report["results"]["skipped_checks"]]
    unparsed = {path for report in reports for path in report["results"]["parsing_errors"]}
    resources = sum(report["summary"]["resource_count"] for report in reports)
    seen = {check["check_id"] for check in (*passed, *failed, *skipped)}
    problems = []
    if unparsed:
        files = ", ".join(sorted(_path(label, root, path) for path in unparsed))
        problems.append(f"not readable as Terraform: {files}")
    if not resources and not unparsed:
        problems.append("no Terraform resource was found")
    broken = sorted(set(_BROKEN_CHECK.findall(err)))
    if broken:
        problems.append(f"checks that broke: {', '.join(broken)}")
    never = sorted(set(asked) - seen - set(broken))
    if never and resources:
        problems.append(f"checks that were never evaluated: {', '.join(never)}")
    if (code == 1) != bool(failed) and not problems:
        problems.append(f"checkov ended with {code}, which its output does not explain")
    status = StaticStatus.FAILED if failed else StaticStatus.PASSED
    return StaticResult(
        StaticStatus.ERROR if problems else status,
        version=next((report["summary"]["checkov_version"] for report in reports), ""),
        path=label,
        passed=len(passed),
        failed=_findings(label, root, failed),
        skipped=_findings(label, root, skipped),
        error="; ".join(problems),
    )


def _reports(answer: Any) -> list[dict[str, Any]]:
    """One report for each framework: a list of them, or one, or bare counts for none at all."""
    found = answer if isinstance(answer, list) else [answer]
    reports = []
    for report in found:
        if "results" in report:
            lists = ("passed_checks", "failed_checks", "skipped_checks", "parsing_errors")
            if not all(isinstance(report["results"][name], list) for name in lists):
                raise TypeError("a list of checks is missing")
            reports.append(report)
        elif report.get("resource_count") != 0:
            raise KeyError("results")
    return reports


def _findings(
    label: str, root: Path, checks: Sequence[Mapping[str, Any]]
) -> tuple[StaticFinding, ...]:
    found = [
        StaticFinding(
            check=check["check_id"],
            title=check.get("check_name") or "",
            resource=check.get("resource") or "",
            location=Location(
                _path(label, root, check["file_abs_path"]),
                (check.get("file_line_range") or (0,))[0],
            ),
            reason=((check.get("check_result") or {}).get("suppress_comment") or "").strip(),
            guideline=check.get("guideline") or "",
        )
        for check in checks
    ]
    return tuple(
        sorted(
            found,
            key=lambda item: (
                (item.location.file, item.location.line) if item.location else ("", 0),
                item.resource,
                item.check,
            ),
        )
    )


def _path(label: str, root: Path, absolute: str) -> str:
    """A file as the folder was given; modules may lie outside of it."""
    return os.path.normpath(os.path.join(label, os.path.relpath(absolute, root)))  # noqa: PTH118


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "nothing was said"
