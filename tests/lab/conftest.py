"""The lab, once for each process that runs tests; skipped where there can be none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab_kernel import Kernel, Unavailable


@pytest.fixture(scope="session")
def kernel() -> Iterator[Kernel]:
    """A kernel to send packets through."""
    try:
        found = Kernel()
    except Unavailable as error:
        pytest.skip(str(error))
    with found:
        yield found
