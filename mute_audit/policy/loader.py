"""Policy files: found, read, checked, and put together into one set."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from mute_audit.errors import PolicyError, UsageError
from mute_audit.finding import Location, Severity, Text
from mute_audit.intent.validation import place
from mute_audit.intent.yaml_source import YamlDocument, read_yaml, validate
from mute_audit.policy.model import BasePolicy, PolicyFile, schema
from mute_audit.policy.values import with_values
from mute_audit.resources import data_dir

__all__ = ["PACKS", "LoadedPolicy", "PolicySet", "load_policies", "schema"]

# The packs that come with mute-audit, by name. A folder of the same name is `./aws`.
PACKS = ("aws", "aws-credential-report", "mute")

MARK = "policy/v1"
# What else may lie in a folder of policies; each file says in its first key what it is.
_NEIGHBOURS = frozenset({"framework/v1", "policy-test/v1", "waivers/v1"})


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy and where it is written."""

    policy: BasePolicy
    location: Location

    @property
    def id(self) -> str:
        return self.policy.id

    @property
    def kind(self) -> str:
        return self.policy.kind

    @property
    def severity(self) -> Severity:
        return self.policy.severity

    @property
    def title(self) -> Text:
        return self.policy.title.text()

    @property
    def description(self) -> Text:
        return self.policy.description.text()

    @property
    def remediation(self) -> Text:
        return self.policy.remediation.text()


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Policies in the order of their files, each id once."""

    policies: tuple[LoadedPolicy, ...] = ()

    def __iter__(self) -> Iterator[LoadedPolicy]:
        return iter(self.policies)

    def __len__(self) -> int:
        return len(self.policies)

    def select(
        self,
        only: Iterable[str] = (),
        skip: Iterable[str] = (),
        severity: Severity | str | None = None,
    ) -> PolicySet:
        """The policies with an id in `only` (all if it is empty), without those in `skip`.

        Ids may hold `*` and `?`. `severity` is the lowest that is kept. Raises UsageError for
        an id that is not there, lest a slip leave a policy out without a word, and where
        nothing is left: a scan that judges nothing is not clean.
        """
        only, skip = tuple(only), tuple(skip)
        for pattern in (*only, *skip):
            self._must_match(pattern)
        least = Severity(severity).rank if severity is not None else 0
        left = tuple(
            policy
            for policy in self.policies
            if (not only or _matches(policy.id, only))
            and not _matches(policy.id, skip)
            and policy.severity.rank >= least
        )
        if not left:
            raise UsageError(
                "the selection leaves no policy",
                hint="`mute-audit drift` compares with the baseline alone",
            )
        return PolicySet(left)

    def _must_match(self, pattern: str) -> None:
        ids = [policy.id for policy in self.policies]
        if any(fnmatchcase(name, pattern) for name in ids):
            return
        close = difflib.get_close_matches(pattern, ids, n=1)
        raise UsageError(
            f"`{pattern}` is no policy of this scan",
            hint=f"did you mean `{close[0]}`?" if close else "`mute-audit policy list` shows them",
        )


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def load_policies(paths: Sequence[str | Path], values: Mapping[str, Any]) -> PolicySet:
    """The policies of `paths`: names of shipped packs, files, and folders with all below.

    `values` stand for `$name` in the files. Raises PolicyError that names file, line and
    column: a file that is wrong, an id that is given twice, a folder without policies.
    """
    found: dict[str, LoadedPolicy] = {}
    for file, shown in _files(paths):
        for loaded in _read(file, shown, values):
            first = found.setdefault(loaded.id, loaded)
            if first is not loaded:
                raise PolicyError(
                    f"the policy `{loaded.id}` is already written at {place(first.location)}",
                    where=place(loaded.location),
                    hint="each policy needs an id of its own",
                )
    return PolicySet(tuple(found.values()))


def _files(paths: Iterable[str | Path]) -> Iterator[tuple[Path, str]]:
    """Each file once, with the path by which messages and reports call it."""
    seen: set[Path] = set()
    for given in paths:
        if isinstance(given, str) and given in PACKS:
            root = data_dir("policies") / given
            files = [(file, _shown(file, root, f"policies/{given}")) for file in _below(root)]
        else:
            files = [(file, str(_from_here(file))) for file in _named(Path(given))]
        for file, shown in files:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, shown


def _named(path: Path) -> list[Path]:
    if path.is_dir():
        files = _below(path)
        if not any(_mark(file) == MARK for file in files):
            raise PolicyError(
                "no policies in this folder",
                where=str(path),
                hint=f"a policy file begins with `mute: {MARK}` and ends in .yaml",
            )
        return files
    if not path.exists():
        close = difflib.get_close_matches(path.name, PACKS, n=1)
        raise PolicyError(
            f"`{path}` is neither a file or folder nor a shipped pack",
            hint=f"did you mean `{close[0]}`?" if close else f"shipped are {', '.join(PACKS)}",
        )
    if _mark(path) in _NEIGHBOURS:
        raise PolicyError(f"`mute: {_mark(path)}` is not a file of policies", where=f"{path}:1:1")
    return [path]


def _below(folder: Path) -> list[Path]:
    """The policy files in `folder` and below, and those of which it is not known what they are."""
    files = sorted(file for end in ("yaml", "yml") for file in folder.rglob(f"*.{end}"))
    return [file for file in files if file.is_file() and _mark(file) not in _NEIGHBOURS]


def _mark(file: Path) -> str:
    """What the first key says that the file is; empty where it says nothing of the kind."""
    with file.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            text = line.partition("#")[0].strip()
            if text and text != "---":
                key, _, value = text.partition(":")
                return value.strip().strip("\"'") if key == "mute" else ""
    return ""


def _shown(file: Path, root: Path, name: str) -> str:
    """A shipped file by its path in the repository, wherever it is installed."""
    return str(PurePosixPath(name, *file.relative_to(root).parts))


def _from_here(path: Path) -> Path:
    """A file below the working folder as it is called there, and not by the whole path."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path


def _read(file: Path, shown: str, values: Mapping[str, Any]) -> Iterator[LoadedPolicy]:
    document = read_yaml(file, PolicyError)
    document = YamlDocument(Path(shown), document.data, document.root)
    if not isinstance(document.data, dict) or next(iter(document.data), None) != "mute":
        raise PolicyError(
            f"the first key must be `mute: {MARK}`",
            where=f"{shown}:1:1",
            hint="it says what the file is",
        )
    document = with_values(document, values)
    written = validate(PolicyFile, document, PolicyError)
    for position, policy in enumerate(written.policies):
        yield LoadedPolicy(policy, document.locate(("policies", position, "id")))
