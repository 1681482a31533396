"""`mute-audit.yaml`: what a team's scans use when nothing else is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mute_audit.cli.console import detail
from mute_audit.errors import ConfigError
from mute_audit.verdict import AcceptedGap, Gap, all_accepted

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["FILE_NAME", "Config", "find_config", "load_config", "schema"]

FILE_NAME = "mute-audit.yaml"
GENERAL_PACK = "aws"


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration with paths resolved from its own folder.

    policies    pack names or paths
    terraform   the folder that checkov reads; None where checkov is not asked for
    """

    path: Path | None = None
    source: str | None = None
    policies: tuple[str, ...] = (GENERAL_PACK,)
    baseline: Path | None = None
    waivers: Path | None = None
    terraform: Path | None = None
    out: Path | None = None
    fail_on: str | None = None
    lang: str | None = None
    formats: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    accepted: tuple[AcceptedGap, ...] = field(default=())

    def accepts(self, gaps: Sequence[Gap]) -> bool:
        """Whether what is open for these gaps is accepted, each by name and reason."""
        return all_accepted(gaps, self.accepted)


def find_config(start: Path) -> Path | None:
    """The nearest `mute-audit.yaml` from `start` upwards."""
    for folder in (start, *start.parents):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            return candidate
    return None


def load_config(explicit: Path | None, start: Path) -> Config:
    """The configuration in force. Raises ConfigError with file, line and column."""
    path = explicit or find_config(start)
    detail(f"configuration: {path or 'none found'}")
    if path is None:
        return Config()
    from mute_audit.intent.yaml_source import read_yaml, validate

    written: Any = validate(_model(), read_yaml(path, ConfigError), ConfigError)
    home = path.resolve().parent

    def inside(value: str | None) -> Path | None:
        return None if value is None else home / value

    return Config(
        path=path,
        source=written.source,
        policies=tuple(_pack_or_path(item, home) for item in written.policies),
        baseline=inside(written.baseline),
        waivers=inside(written.waivers),
        terraform=inside(written.terraform),
        out=inside(written.out),
        fail_on=written.fail_on,
        lang=written.lang,
        formats=tuple(written.formats),
        regions=tuple(written.regions),
        accepted=tuple(
            AcceptedGap(item.what, item.reason, item.where) for item in written.accept_gaps
        ),
    )


def _pack_or_path(text: str, home: Path) -> str:
    """A shipped pack is a bare name; anything with a slash, a dot or on disk is a path."""
    candidate = home / text
    if candidate.exists() or "/" in text or text.endswith((".yaml", ".yml")):
        return str(candidate)
    return text


def _region(text: str) -> str:
    from mute_audit.sources.live.regions import looks_like_region

    if not looks_like_region(text):
        raise ValueError(f"`{text}` is not a Region; write it as `ap-northeast-2`")
    return text


def _model() -> type[BaseModel]:
    """The pydantic model; built on demand, since a scan without a file does not need it."""
    from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

    said = StringConstraints(strip_whitespace=True, min_length=1)

    class Acceptable(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)
        what: Annotated[str, said] = Field(
            description="The call or thing that could not be told, as the report names it; `*` "
            "stands for anything (`ec2:DescribeVpn*`).",
        )
        where: str = Field("*", description="account/Region or resource, as the report names it.")
        reason: Annotated[str, said] = Field(description="Why this is acceptable.")

    class Configuration(BaseModel):
        """What `mute-audit scan` uses in this folder and below."""

        model_config = ConfigDict(extra="forbid", frozen=True)
        mute: Literal["config/v1"]
        source: str | None = Field(None, description="Default SOURCE: `aws`, `demo`, or a path.")
        policies: tuple[str, ...] = Field(
            (GENERAL_PACK,), description="Shipped packs (`aws`, `mute`), files or folders."
        )
        baseline: str | None = Field(None, description="The intended state, for drift.")
        waivers: str | None = Field(None, description="Accepted findings.")
        terraform: str | None = Field(
            None, description="Terraform folder for checkov; left out, checkov is not asked."
        )
        out: str | None = Field(None, description="Folder for the reports.")
        fail_on: Literal["info", "low", "medium", "high", "critical"] | None = None
        lang: Literal["en", "ko"] | None = None
        formats: tuple[str, ...] = Field((), description="Report formats to write.")
        regions: tuple[Annotated[str, AfterValidator(_region)], ...] = Field(
            (), description="Regions of the live account."
        )
        accept_gaps: tuple[Acceptable, ...] = Field(
            (), description="Gaps that do not make a scan incomplete."
        )

    return Configuration


def schema() -> Mapping[str, Any]:
    """The JSON Schema of `mute-audit.yaml`."""
    document = dict(_model().model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document,
        "title": "mute-audit configuration",
    }
