"""Which Regions there are, as far as boto3 knows without asking."""

from __future__ import annotations

import difflib
import re

__all__ = ["known_regions", "looks_like_region", "near_region"]

_FORM = re.compile(
    r"[a-z]{2}(-gov|-isof?|-isob)?-(north|south|east|west|central|(north|south)(east|west))-[1-9]"
)


def known_regions() -> frozenset[str]:
    """The Regions of all partitions in boto3's own list of EC2 endpoints."""
    import boto3

    session = boto3.Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    )


def looks_like_region(text: str) -> bool:
    """Whether it could be a Region that is newer than boto3: `ap-northeast-4`."""
    return _FORM.fullmatch(text) is not None


def near_region(text: str) -> str:
    """The known Region that is closest to a slip; empty where none is close."""
    near = difflib.get_close_matches(text, sorted(known_regions()), n=1)
    return near[0] if near else ""
