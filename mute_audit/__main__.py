"""`python -m mute_audit` is `mute-audit`."""

from mute_audit.cli import main

main()
