"""How the live source reaches AWS: what a person chooses, nothing that is derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["LiveOptions"]


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The common options; empty values leave the choice to boto3's own chain.

    regions      the Regions to ask; empty: the profile's or environment's one
    all_regions  every Region that is enabled in the account
    session      makes the boto3 session instead of boto3's default chain, for callers that
                 bring their own credentials or transport; `profile` is not used then
    max_workers  calls that run side by side
    """

    profile: str = ""
    role_arn: str = ""
    regions: tuple[str, ...] = ()
    all_regions: bool = False
    endpoint_url: str = ""
    session: Callable[[], Any] | None = None
    max_workers: int = 16
