"""The WSGI layer around moto: faults on purpose, calls that moto lacks or gets wrong, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mute_audit.sources.demo.additions import Additions
from mute_audit.sources.demo.defaults import complete
from mute_audit.sources.demo.mend import mend_nat_gateways
from mute_audit.sources.demo.protocol import Answer, AwsCall, error_answer, read_call

__all__ = ["Layer"]

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 500: "Internal Server Error"}
# The codes that AWS sends with a status, and a refusal as each protocol words it: JSON services
# answer one with 400, except for those that also have paths (Lambda).
_CODES = {400: "InvalidRequest", 403: "AccessDenied", 429: "Throttling", 503: "ServiceUnavailable"}
_REFUSALS = {
    "ec2": (403, "UnauthorizedOperation"),
    "json": (400, "AccessDeniedException"),
    "rest-json": (403, "AccessDeniedException"),
}


class Layer:
    """A WSGI application that answers some calls itself and hands the rest to moto."""

    def __init__(self, moto: Application) -> None:
        self._moto = moto
        self._additions = Additions()
        self._faults: Mapping[str, int] = {}

    def fail(self, faults: Mapping[str, int]) -> None:
        """From now on, answer these calls (`ec2:DescribeVpcs`) with this HTTP status.

        In every Region; calls that are not named work again.
        """
        self._faults = {action.lower(): status for action, status in faults.items()}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        call = read_call(environ)
        answer = self._fault(call) or self._additions.answer(call)
        if answer is None:
            complete(call, environ)
            try:
                answered = self._moto(environ, start_response)
            except NotImplementedError as lacking:
                # moto knows the service and not the call. An empty answer would be a lie.
                answer = error_answer(call, 400, "InvalidAction", str(lacking))
            else:
                if call.action == "ec2:CreateNatGateway":
                    mend_nat_gateways(call.region)
                return answered
        return _sent(answer, start_response)

    def _fault(self, call: AwsCall) -> Answer | None:
        status = self._faults.get(call.action.lower())
        if status is None:
            return None
        code = _CODES.get(status, "InternalError" if status >= 500 else "InvalidRequest")
        if status == 403:
            status, code = _REFUSALS.get(call.protocol, (status, code))
        return error_answer(call, status, code, f"a fault of the demo for {call.action}")


def _sent(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    headers = [
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
    ]
    start_response(f"{answer.status} {_REASONS.get(answer.status, 'Error')}", headers)
    return [answer.body]
