"""The base of every model of what people write, and the types of its fields.

Strict where YAML is: a flag is `true` or `false` and never `"on"` or 1, a number is no
text. Only text is lenient: a number's own text is taken as it stands (`16.3`).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Strict

__all__ = ["Flag", "Whole", "Written"]

Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]


class Written(BaseModel):
    """One mapping in a file: unknown keys are errors, values are frozen."""

    # The schema of a file holds those of the mappings in it: theirs alone are seldom asked for.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        allow_inf_nan=False,
        defer_build=True,
    )
