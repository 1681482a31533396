"""The way back through a translator: NAT gateway, NAT instance, load balancer."""

from __future__ import annotations

from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.nics import Nic
from mute_audit.network.tracer.spots import Leave, Spot
from mute_audit.network.tracer.walk import Session, Walk

__all__ = ["translate_back"]


def translate_back(walk: Walk, nic: Nic) -> Spot | None:
    """Turn an answer round at the translator that knows its connection; None if none does."""
    if not walk.answer:
        return None
    session = next((item for item in reversed(walk.sessions) if _fits(item, nic, walk)), None)
    if session is None:
        return None
    back = session.inner.answer()
    if back is None:
        return None
    walk.sessions.remove(session)
    if not session.keeps:
        walk.legs += 1
    walk.header = walk.answer_port(back)
    walk.journey = Journey(Way.LOCAL, nic.vpc)
    return Leave(nic)


def _fits(session: Session, nic: Nic, walk: Walk) -> bool:
    header, outer = walk.header, session.outer
    if session.at != nic.label or header.protocol != outer.protocol:
        return False
    return (header.source, header.destination) == (outer.destination, outer.source)
