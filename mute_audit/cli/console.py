"""Standard output carries the result, standard error everything else."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping

import click

__all__ = [
    "VERBOSE",
    "Progress",
    "complain",
    "detail",
    "is_verbose",
    "json_text",
    "note",
    "plain",
    "say",
    "say_json_list",
]

# The key of the click context's `meta` that holds the flag.
VERBOSE = "mute_audit.verbose"


def plain(text: str) -> str:
    """Text without anything that a terminal would act on."""
    return "".join(
        char if char in "\n\t" or char.isprintable() else f"\\u{ord(char):04x}" for char in text
    )


def json_text(document: object, *, indent: int | None = 2) -> str:
    """JSON as a person can read it, without anything that a terminal would act on.

    What cannot be printed stands as JSON's own escapes, so that nothing is lost.
    """
    from mute_audit.render.literal import printable_json

    return printable_json(json.dumps(document, ensure_ascii=False, indent=indent))


def say(text: str, *, color: bool | None = None) -> None:
    """The result, to standard output; without `color`, colours go to a terminal only."""
    click.echo(text, nl=not text.endswith("\n"), color=color)


def say_json_list(head: Mapping[str, object], name: str, items: Iterable[object]) -> None:
    """`head` with one key more, the list `name`: what `json_text` of both together would say.

    For lists that are too long to be held as one text. Nothing is printed before the last item
    is made, so that an error on the way leaves no half of a document.
    """
    from tempfile import SpooledTemporaryFile

    with SpooledTemporaryFile(1 << 22, "w+", encoding="utf-8", newline="\n") as text:
        start = json_text({**head, name: []})
        text.write(start.removesuffix("[]\n}") + "[")
        between = "\n    "
        for item in items:
            text.write(between + _quick_json_text(item).replace("\n", "\n    "))
            between = ",\n    "
        text.write("]\n}\n" if between == "\n    " else "\n  ]\n}\n")
        text.seek(0)
        while part := text.read(1 << 20):
            click.echo(part, nl=False)


def _quick_json_text(item: object) -> str:
    """As `json_text`, by an encoder that is several times as fast."""
    import msgspec

    from mute_audit.render.literal import encodable, printable_json

    try:
        data = msgspec.json.encode(item)
    except UnicodeEncodeError:
        data = msgspec.json.encode(encodable(item))
    return printable_json(msgspec.json.format(data, indent=2).decode())


def note(text: str) -> None:
    """What a person should know, to standard error."""
    click.echo(plain(text), err=True)


def detail(text: str) -> None:
    """What a person may want to know, to standard error: with `--verbose` only."""
    if is_verbose():
        note(text)


def is_verbose() -> bool:
    """Whether the command was called with `--verbose` and without `--quiet`."""
    context = click.get_current_context(silent=True)
    if context is None or context.params.get("quiet"):
        return False
    return bool(context.meta.get(VERBOSE))


def complain(message: str, hint: str | None = None) -> None:
    """One message: what is wrong and where, then what to do."""
    # Further lines of ours are indented; any other break comes with a name, and could make it
    # look like a message of its own.
    message = re.sub(r"\n(?!  )", r"\\u000a", message)
    click.echo(f"mute-audit: {plain(message)}", err=True)
    if hint:
        click.echo(f"  hint: {plain(hint)}", err=True)


class Progress:
    """A line that counts calls, on a terminal only; a line for each of them with `--verbose`."""

    def __init__(self, *, quiet: bool) -> None:
        self._show = not quiet and sys.stderr.isatty()
        self._shown = False

    def __call__(self, done: int, total: int, what: str) -> None:
        if is_verbose():
            note(f"asked {done}/{total}: {what}")
        elif self._show:
            click.echo(f"\r\x1b[2K{done}/{total} {plain(what)}"[:100], err=True, nl=False)
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            click.echo("\r\x1b[2K", err=True, nl=False)
            self._shown = False


ProgressCall = Callable[[int, int, str], None]
