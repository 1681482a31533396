"""docs/terraform.md names every resource type that is translated, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path

from mute_audit.sources.terraform.table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "terraform.md"
# Read along with others.
_WITH = {"aws_launch_template", "aws_rds_cluster", "aws_db_subnet_group"}


def test_the_table_of_types_is_the_table_of_translators() -> None:
    listed = PAGE.read_text().partition("## Resource types")[2]
    assert set(re.findall(r"`(aws_\w+)`", listed)) == set(TABLE) | _WITH
