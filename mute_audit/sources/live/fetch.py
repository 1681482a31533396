"""One request with all its pages, shaped into items. Runs in a worker thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from mute_audit.sources.live.asks import Ask, Item
from mute_audit.sources.live.calls import Row, Shape
from mute_audit.sources.redaction import cut_json

if TYPE_CHECKING:
    from botocore.client import BaseClient

__all__ = ["Fetched", "fetch"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Items per key of the row, with secrets cut, and why they may not be all.

    As JSON: decoded, a hundred thousand interfaces would take most of a gigabyte.
    """

    items: dict[str, list[msgspec.Raw]]
    incomplete: tuple[str, ...] = ()


class UnknownCall(boto.BotoCoreError):
    """A call that is newer than the installed boto3."""

    fmt = "boto3 {version} does not know {operation}"


class StrangeAnswer(boto.BotoCoreError):
    """An answer without the field that it is asked for."""

    fmt = "the answer has no {field}"


def fetch(client: BaseClient, row: Row, ask: Ask) -> Fetched | Exception:
    """The items, or the error if any page fails.

    A list of which a page is missing would be taken for the whole, so nothing is kept then.
    """
    try:
        answer = _all_pages(client, row, {**row.params, **ask.params})
    except boto.ClientError as error:
        if error.response.get("Error", {}).get("Code") in row.none:
            return Fetched(_one(row, {**ask.beside, **dict.fromkeys(row.fields)}))
        return error
    except KeyError as error:
        # botocore's parser, of an XML text (a proxy's page) without the element that it expects.
        return StrangeAnswer(field=error.args[0])
    except (boto.BotoCoreError, ResponseParserError, ValueError) as error:
        # ValueError: botocore could not read a number or a date in the answer.
        return error
    if row.shape is Shape.LIST:
        items = {key: answer[name] for key, name in zip(row.keys, row.fields, strict=True)}
    elif row.shape is Shape.OBJECT:
        if row.fields[0] not in answer:
            return StrangeAnswer(field=row.fields[0])
        items = _one(row, answer[row.fields[0]])
    else:
        found = {name: answer[name] for name in row.fields if name in answer}
        items = _one(row, {**ask.beside, **found})
    return Fetched(items, tuple(_incomplete(answer)))


def _one(row: Row, item: Item) -> dict[str, list[msgspec.Raw]]:
    return {row.keys[0]: _packed(row.keys[0], [item])}


def _packed(key: str, items: list[Any]) -> list[msgspec.Raw]:
    return msgspec.json.decode(cut_json(key, msgspec.json.encode(items)), type=list[msgspec.Raw])


def _incomplete(answer: Item) -> Iterator[str]:
    if answer.get("AdditionalRoutesAvailable"):
        yield "the table has more routes than one search answers"
    for failure in answer.get("failures", ()):
        # ECS: what has ended since it was listed is not there any more.
        if failure.get("reason") != "MISSING":
            yield f"{failure.get('arn', '')}: {failure.get('reason', '')}"


def _all_pages(client: BaseClient, row: Row, params: dict[str, Any]) -> Item:
    """The answer with the lists of all its pages joined; lists that AWS leaves out are empty.

    The items of a LIST row are packed page by page.

    Raises botocore's errors.
    """
    method = next(
        (
            m
            for m, operation in client.meta.method_to_api_mapping.items()
            if operation == row.operation
        ),
        None,
    )
    if method is None:
        raise UnknownCall(version=boto3.__version__, operation=row.operation)
    answer = client.meta.service_model.operation_model(row.operation).output_shape
    members = {} if answer is None else answer.members
    lists = [
        name
        for name, member in members.items()
        if member.type_name == "list" and name in (*row.fields, "failures")
    ]
    packed = dict(zip(row.fields, row.keys, strict=True)) if row.shape is Shape.LIST else {}
    joined: Item = {name: [] for name in lists}
    for page in _pages(client, method, row, params):
        for name, value in page.items():
            if name in packed:
                joined[name] += _packed(packed[name], value)
            elif name in lists:
                joined[name] += value
            else:
                joined[name] = value
    return joined


def _pages(client: BaseClient, method: str, row: Row, params: dict[str, Any]) -> Iterator[Item]:
    if client.can_paginate(method):
        size = {"PageSize": row.page_size} if row.page_size else {}
        yield from client.get_paginator(method).paginate(**params, PaginationConfig=size)
        return
    call = getattr(client, method)
    page = call(**params)
    yield page
    # boto3 has no paginator for some calls that do answer in pages.
    accepts = client.meta.service_model.operation_model(row.operation).input_shape
    while accepts is not None and "NextToken" in accepts.members and page.get("NextToken"):
        page = call(**params, NextToken=page["NextToken"])
        yield page
