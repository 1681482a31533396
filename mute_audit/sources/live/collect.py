"""Ask everything, side by side, and keep what was answered and what was not.

Calls go out in waves: first all lists, then what is asked for each of their items. A call
that fails becomes a gap under every key that needed it, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import msgspec
from botocore import exceptions as boto

from mute_audit import __version__
from mute_audit.errors import AwsError
from mute_audit.inventory import GLOBAL
from mute_audit.sources.live.asks import Answers, Ask
from mute_audit.sources.live.calls import ROWS, Row
from mute_audit.sources.live.fetch import Fetched, fetch
from mute_audit.sources.live.options import LiveOptions
from mute_audit.sources.live.session import Clients, Identity, reason, sign_in
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import Gap

__all__ = ["Progress", "collect"]

# (calls done, calls known so far, the call that has just ended)
Progress = Callable[[int, int, str], None]


def collect(
    options: LiveOptions,
    *,
    collected_at: str,
    kind: str = "aws",
    progress: Progress | None = None,
) -> RawSnapshot:
    """Describe the account in the chosen Regions.

    Raises AwsError when AWS cannot be asked at all; a call that fails while others work is
    a gap of the snapshot.
    """
    identity, clients = sign_in(options)
    scopes = [
        *(_Scope(identity, region, region) for region in identity.regions),
        _Scope(identity, GLOBAL, identity.regions[0]),
    ]
    count = _Counter(progress)
    pool = ThreadPoolExecutor(options.max_workers, thread_name_prefix="aws")
    try:
        for wave in _waves():
            _run(wave, scopes, clients, pool, count)
    except BaseException:
        # Whoever interrupts does not wait for the minutes that an unanswered call may take.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
    _refuse_silence(scopes)
    return RawSnapshot(
        documents=tuple(document for scope in scopes for document in scope.documents()),
        gaps=tuple(sorted({gap for scope in scopes for gap in scope.gaps})),
        collected_at=collected_at,
        tool_version=__version__,
        kind=kind,
    )


def _waves() -> list[list[Row]]:
    """The rows by how many answers they wait for, one after the other."""
    depth: dict[str, int] = {}
    waves: list[list[Row]] = []
    for row in ROWS:
        level = max((depth[key] + 1 for key in (*row.after, *row.looks_at)), default=0)
        depth.update(dict.fromkeys(row.keys, level))
        while len(waves) <= level:
            waves.append([])
        waves[level].append(row)
    return waves


@dataclass
class _Scope:
    """One account and Region (or `global`) while it is being described."""

    identity: Identity
    region: str
    # Where calls go that belong to no Region.
    default_region: str
    items: dict[str, list[msgspec.Raw]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    answered: bool = False

    @property
    def place(self) -> str:
        return f"{self.identity.account}/{self.region}"

    @property
    def answers(self) -> Answers:
        return Answers(
            self.identity.account,
            self.region,
            self.identity.partition,
            self.default_region,
            self.items,
        )

    def fail(self, row: Row, ask: Ask, error: Exception) -> None:
        self.failures.append(error)
        self.gap(row, ask, reason(error))

    def gap(self, row: Row, ask: Ask, why: str) -> None:
        keys = [row.fails] if row.fails else _dependants(row)
        if ask.within:
            why = f"{ask.within}: {why}"
        self.gaps += [Gap(row.action, ask.about or self.place, why, key) for key in keys]

    def documents(self) -> Iterator[RawDocument]:
        unknown = {gap.key for gap in self.gaps if gap.where == self.place}
        for row in ROWS:
            if row.internal or row.everywhere == (self.region == GLOBAL):
                continue
            for key in row.keys:
                items = self.items.get(key, [])
                if not items and (key in unknown or row.looks_at):
                    continue
                whole = items if row.finish is None else row.finish(self.answers)
                text = msgspec.json.encode({key: whole})
                yield RawDocument(self.identity.account, self.region, row.action, text)


class _Counter:
    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._done = 0
        self._known = 0

    def more(self) -> None:
        self._known += 1

    def done(self, what: str) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._known, what)


def _run(
    wave: list[Row],
    scopes: list[_Scope],
    clients: Clients,
    pool: ThreadPoolExecutor,
    count: _Counter,
) -> None:
    """One wave: all its requests are out before the first answer is looked at."""
    started: list[tuple[_Scope, Row, Ask, Future[Fetched | Exception]]] = []
    for row in wave:
        for scope in scopes:
            if row.everywhere == (scope.region == GLOBAL):
                continue
            for ask in row.asks(scope.answers):
                region = ask.region or scope.default_region
                try:
                    client = clients.get(row.service, region)
                except (boto.BotoCoreError, ValueError) as error:
                    scope.fail(row, ask, error)
                    continue
                count.more()
                started.append((scope, row, ask, pool.submit(fetch, client, row, ask)))
    names = {id(future): row.action for _, row, _, future in started}
    for future in as_completed([future for *_, future in started]):
        count.done(names[id(future)])
    # In the order of asking, so that two scans of one estate give the same text.
    for scope, row, ask, future in started:
        outcome = future.result()
        if isinstance(outcome, Exception):
            scope.fail(row, ask, outcome)
            continue
        scope.answered = True
        for key, items in outcome.items.items():
            scope.items.setdefault(key, []).extend(items)
        for why in outcome.incomplete:
            scope.gap(row, ask, why)


def _dependants(row: Row) -> list[str]:
    """The keys that cannot be complete when the row is not: its own, and all further ones."""
    affected = list(row.keys)
    for later in ROWS:
        if set(later.after) & set(affected):
            affected += later.keys
    internal = {key for other in ROWS if other.internal for key in other.keys}
    return [key for key in affected if key not in internal]


def _refuse_silence(scopes: list[_Scope]) -> None:
    """Nothing but unanswered calls is no verdict about an account.

    A refusal (AccessDenied) is an answer: the account can be judged as unknown.
    """
    failures = [failure for scope in scopes for failure in scope.failures]
    if any(scope.answered for scope in scopes) or not failures:
        return
    if all(not isinstance(failure, boto.ClientError) for failure in failures):
        raise AwsError(
            f"no call was answered: {reason(failures[0])}",
            hint="check the network, --region (does it exist?) and --endpoint-url",
        ) from failures[0]
