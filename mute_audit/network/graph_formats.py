"""The reachability graph in the formats of other tools."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["FORMATS"]


def _graphml(graph: nx.MultiDiGraph[str]) -> str:
    import networkx as nx

    # GraphML is XML, which cannot hold control characters that tags may.
    clean: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        clean.add_node(_xml(node), **{key: _xml(value) for key, value in data.items()})
    for start, end, data in graph.edges(data=True):
        clean.add_edge(_xml(start), _xml(end), **{key: _xml(value) for key, value in data.items()})
    text = "\n".join(nx.generate_graphml(clean)) + "\n"
    # Nothing in it that a terminal would act on: XML can say every character by its number.
    return "".join(
        char if char in "\t\n" or char.isprintable() else f"&#{ord(char)};" for char in text
    )


def _xml(text: str) -> str:
    return "".join(
        char
        if char in "\t\n"
        or (char >= " " and not 0xD800 <= ord(char) <= 0xDFFF and char not in "\ufffe\uffff")
        else "\ufffd"
        for char in text
    )


def _node_link(graph: nx.MultiDiGraph[str]) -> str:
    import networkx as nx

    data: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    document = {"schema": "mute-audit/graph/v1", **data}
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return "".join(
        char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text
    )


def _label(graph: nx.MultiDiGraph[str], node: str) -> str:
    return str(graph.nodes[node]["name"]) or node


def _dot(graph: nx.MultiDiGraph[str]) -> str:
    def quote(text: str) -> str:
        # JSON's escapes are DOT's, but for \u, which DOT would print as it stands.
        text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return '"' + "".join(c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" for c in text) + '"'

    lines = ["digraph reachability {", "  rankdir=LR;", "  node [shape=box];"]
    for node in graph:
        shape = ', shape="ellipse"' if graph.nodes[node]["role"] == "gateway" else ""
        lines.append(f"  {quote(node)} [label={quote(_label(graph, node))}{shape}];")
    for start, end, data in graph.edges(data=True):
        if data["relation"] == "passes":
            lines.append(f'  {quote(start)} -> {quote(end)} [style="dotted"];')
            continue
        style = ', style="dashed"' if data["verdict"] == "unknown" else ""
        lines.append(f"  {quote(start)} -> {quote(end)} [label={quote(data['traffic'])}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _mermaid(graph: nx.MultiDiGraph[str]) -> str:
    def text(value: str) -> str:
        # Mermaid knows HTML's numeric entities; that keeps quotes and brackets out of its way.
        return "".join(
            char if char.isalnum() or char in " .-_/," else f"#{ord(char)};" for char in value
        )

    names = {node: f"n{index}" for index, node in enumerate(graph)}
    lines = ["flowchart LR"]
    lines += [f"  {names[node]}{_shaped(graph, node, text(_label(graph, node)))}" for node in graph]
    for start, end, data in graph.edges(data=True):
        if data["relation"] == "passes":
            lines.append(f"  {names[start]} -.- {names[end]}")
            continue
        arrow = "-.->" if data["verdict"] == "unknown" else "-->"
        lines.append(f'  {names[start]} {arrow}|"{text(data["traffic"])}"| {names[end]}')
    return "\n".join(lines) + "\n"


def _shaped(graph: nx.MultiDiGraph[str], node: str, label: str) -> str:
    gateway = graph.nodes[node]["role"] == "gateway"
    return f'(["{label}"])' if gateway else f'["{label}"]'


def _text(graph: nx.MultiDiGraph[str]) -> str:
    """A line for each flow, in the order of the ways through the graph, with what decides on it."""
    lines = []
    for _, end, data in _in_order(graph):
        mark = "?→" if data["verdict"] == "unknown" else "→"
        via = f"  through {data['via'].replace(' > ', ', ')}" if data["via"] else ""
        ends = f"{data['origin']} {mark} {_label(graph, end)}"
        lines.append(f"{ends}: {data['traffic']}{via}")
        lines += [f"  packet: {data['witness']}"] if data["witness"] else []
        lines += [f"  by: {data['rules']}"] if data["rules"] else []
    return "\n".join(map(_printable, lines or ["nothing gets through"])) + "\n"


def _printable(line: str) -> str:
    """One line, without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)


def _in_order(graph: nx.MultiDiGraph[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The flows, those first that start where nothing leads to, then what they lead to."""
    flows = [edge for edge in graph.edges(data=True) if edge[2]["relation"] == "reaches"]
    out: dict[str, list[tuple[str, str, dict[str, str]]]] = {}
    for edge in flows:
        out.setdefault(edge[0], []).append(edge)
    entered = {edge[1] for edge in flows}
    waiting = deque([*(node for node in out if node not in entered), *out])
    seen: set[str] = set()
    while waiting:
        node = waiting.popleft()
        if node in seen:
            continue
        seen.add(node)
        yield from out.get(node, ())
        waiting.extendleft(edge[1] for edge in reversed(out.get(node, ())))


FORMATS: dict[str, Callable[[nx.MultiDiGraph[str]], str]] = {
    "graphml": _graphml,
    "dot": _dot,
    "mermaid": _mermaid,
    "json": _node_link,
    "text": _text,
}
