"""Every error that mute-audit raises on purpose.

MuteAuditError
├── UsageError          the command line asks for something impossible
├── InputError          a file or folder that a person gave cannot be read or is wrong
│   ├── SnapshotError   … a snapshot, a describe output
│   ├── BaselineError   … a baseline or lock
│   ├── PolicyError     … a policy, waiver or framework
│   └── ConfigError     … mute-audit.yaml
├── PlaceError          a place (`--from`, `--to`) names nothing, or more than one thing
├── AwsError            no answer from AWS at all (credentials, Region, endpoint)
├── OutputError         a report cannot be written
├── MissingToolError    an optional tool or extra is not installed
└── DisagreementError   the two engines differ: a bug in mute-audit itself

A call that AWS refuses while others work is not an error but a `Gap` (see `verdict`).
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "AwsError",
    "BaselineError",
    "ConfigError",
    "DisagreementError",
    "ExitCode",
    "InputError",
    "MissingToolError",
    "MuteAuditError",
    "OutputError",
    "PlaceError",
    "PolicyError",
    "SnapshotError",
    "UsageError",
    "why",
]


class ExitCode(IntEnum):
    """Exit codes of `scan` and `drift`; precedence ERROR > INCOMPLETE > FAILED > DRIFT."""

    CLEAN = 0
    FAILED = 1
    ERROR = 2
    DRIFT = 3
    INCOMPLETE = 4


class MuteAuditError(Exception):
    """Base of the tree: one message for a person, with where and what to do.

    `message` says what is wrong (lower case, no final period, the user's input in
    backticks), `where` names the file and line or the resource, `hint` the next step.
    """

    exit_code: int = ExitCode.ERROR

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


def why(error: OSError) -> str:
    """What the operating system says, as a part of a message: `no space left on device`."""
    return (error.strerror or str(error)).lower()


class UsageError(MuteAuditError):
    """The command line asks for something impossible."""


class InputError(MuteAuditError):
    """A file or folder that a person gave cannot be read or is wrong."""


class SnapshotError(InputError):
    """A snapshot or describe output cannot be read."""


class BaselineError(InputError):
    """A baseline or reachability lock is wrong."""


class PolicyError(InputError):
    """A policy, waiver or framework file is wrong."""


class ConfigError(InputError):
    """`mute-audit.yaml` is wrong."""


class PlaceError(MuteAuditError):
    """A place names nothing in the estate, or more than one thing.

    `near` is a name of the estate that a name without a place is close to.
    """

    def __init__(self, message: str, *, hint: str | None = None, near: str = "") -> None:
        super().__init__(message, hint=hint)
        self.near = near


class AwsError(MuteAuditError):
    """AWS could not be asked at all."""


class OutputError(MuteAuditError):
    """A result could not be written."""


class MissingToolError(MuteAuditError):
    """An optional tool or extra is needed and not installed."""


class DisagreementError(MuteAuditError):
    """The two engines answer one question differently: a bug, never hidden."""
