"""What AWS takes where a request leaves it out, and moto does not: written into the request."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from mute_audit.sources.demo.protocol import AwsCall

__all__ = ["complete"]

# In no one's use (RFC 5737).
_ADDRESSES = tuple(f"198.51.100.{number}" for number in range(1, 255))


def complete(call: AwsCall, environ: dict[str, Any]) -> None:
    """Puts the defaults into the form that moto is about to read."""
    given = _DEFAULTS.get(call.action)
    if given is None:
        return
    name, value = given
    text = "" if name in call.parameters else value(call)
    if text:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size) + f"&{name}={quote_plus(text)}".encode()
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))


def _free_address(call: AwsCall) -> str:
    """moto's own are in 127.0.0.0/8, where no packet of the internet goes or comes from."""
    from moto.ec2.models import ec2_backends

    taken = {
        item.public_ip
        for account in ec2_backends
        for ec2 in ec2_backends[account].values()
        for item in ec2.addresses
    }
    return next((address for address in _ADDRESSES if address not in taken), "")


def _scheme(call: AwsCall) -> str:
    """A gateway load balancer has none."""
    return "" if call.parameters.get("Type") == "gateway" else "internet-facing"


_DEFAULTS: dict[str, tuple[str, Callable[[AwsCall], str]]] = {
    "ec2:AllocateAddress": ("Address", _free_address),
    "elasticloadbalancing:CreateLoadBalancer": ("Scheme", _scheme),
}
