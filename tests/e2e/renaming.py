"""Another estate of the same shape: every name, CIDR and the Region replaced by drawn ones."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_SECTIONS = (
    "vpcs",
    "subnets",
    "internet_gateways",
    "nat_gateways",
    "route_tables",
    "security_groups",
    "images",
    "instances",
    "databases",
    "buckets",
    "repositories",
    "users",
)
# Names of these become part of host names and identifiers, in small letters only.
_STRICT = ("databases", "buckets", "repositories")

# Each with zones a, b and c.
_REGIONS = ("eu-central-1", "us-west-2", "sa-east-1", "us-east-1")
_OLD_REGION = "ap-northeast-2"

# What must not be left of the original stack anywhere.
TRACES = re.compile(r"hackathon|mute-(ai|backend|frontend|rds)|192\.168\.|203\.0\.113\.|ap-north")


@dataclass(frozen=True)
class Renaming:
    """Texts of the original stack → texts of the other one; the same seed, the same names."""

    words: dict[str, str]
    pattern: re.Pattern[str]

    def __call__(self, text: str) -> str:
        return self.pattern.sub(lambda match: self.words[match[0]], text)

    def write(self, source: Path, target: Path) -> Path:
        """A file, or every file of a folder, renamed."""
        if source.is_dir():
            for item in sorted(source.iterdir()):
                self.write(item, target / item.name)
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self(source.read_text(encoding="utf-8")), encoding="utf-8")
        return target


def names_of(baseline: Path) -> list[str]:
    """What the resources of a baseline are called."""
    written = yaml.safe_load(baseline.read_text(encoding="utf-8"))
    return [name for section in _SECTIONS if section != "images" for name in written[section]]


def draw(seed: int, baseline: Path, policies: Path) -> Renaming:
    """A renaming of everything that the baseline and the policies name."""
    lots = random.Random(seed)
    written = yaml.safe_load(baseline.read_text(encoding="utf-8"))
    words = dict(_names(lots, written))
    for path in sorted(policies.glob("*.yaml")):
        for policy in yaml.safe_load(path.read_text(encoding="utf-8"))["policies"]:
            words[policy["id"]] = f"rule-{_word(lots)}"
    region = lots.choice(_REGIONS)
    words[_OLD_REGION] = region
    for old, new in zip("abc", lots.sample("abc", 3), strict=True):
        words[_OLD_REGION + old] = region + new
    words |= _networks(lots)
    ordered = sorted(words, key=len, reverse=True)
    # A name is a word of its own, also before a Korean particle.
    pattern = "|".join(map(re.escape, ordered))
    return Renaming(words, re.compile(rf"(?<![A-Za-z0-9_.-])(?:{pattern})(?![A-Za-z0-9_-])"))


def _names(lots: random.Random, written: dict[str, Any]) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for section in _SECTIONS:
        for name in written[section]:
            while (new := _name(lots, section in _STRICT)) in taken:
                pass
            taken.add(new)
            yield name, new


def _name(lots: random.Random, strict: bool) -> str:
    joint = "-" if strict else lots.choice("-_.")
    parts = [_word(lots) for _ in range(lots.randint(1, 3))]
    if not strict and lots.random() < 0.3:
        parts = [part.capitalize() for part in parts]
    return joint.join(parts)


def _word(lots: random.Random) -> str:
    return "".join(lots.choices(string.ascii_lowercase, k=lots.randint(4, 8)))


def _networks(lots: random.Random) -> dict[str, str]:
    """The VPC's block, its subnets (and one that is free), and the administrators'."""
    start = f"10.{lots.randint(1, 249)}"
    numbers = lots.sample(range(256), 7)
    blocks = {
        f"192.168.{old}.0/24": f"{start}.{new}.0/24"
        for old, new in zip((0, 1, 2, 3, 4, 5, 200), numbers, strict=True)
    }
    admins = f"{lots.randint(60, 99)}.{lots.randint(0, 255)}.{lots.randint(0, 255)}.0/24"
    return {**blocks, "192.168.0.0/16": f"{start}.0.0/16", "203.0.113.0/24": admins}
