"""How to read Terraform, as the command line says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["TerraformOptions"]


@dataclass(frozen=True, slots=True)
class TerraformOptions:
    """For plans, states and folders of `.tf`; other sources ignore it.

    source_dir  the `.tf` files that a plan was made from; None: looked for beside the plan
    beside      a source that the plan is laid over; empty for none
    allow_run   terraform may be run in a folder of `.tf`: that runs providers and data sources
    var_files   handed to `terraform plan`
    """

    source_dir: Path | None = None
    beside: str = ""
    allow_run: bool = False
    var_files: tuple[Path, ...] = ()
