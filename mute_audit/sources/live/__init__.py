"""The live account: `collect` asks AWS and gives a RawSnapshot."""

from mute_audit.sources.live.options import LiveOptions

__all__ = ["LiveOptions"]
