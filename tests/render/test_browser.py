"""The HTML report in a real browser: it asks for nothing, runs nothing, and fits the screen."""

import html
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from mute_audit.finding import Report
from mute_audit.render.formats import render
from mute_audit.render.interface import Options

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
]


class Elements(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


class Server:
    """Serves a folder, and stands in for the whole internet as the browser's proxy."""

    def __init__(self, folder: Path) -> None:
        asked: list[str] = []
        self.asked = asked

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=str(folder))

            def do_GET(self) -> None:
                asked.append(self.path)
                if self.path.startswith("http"):
                    self.send_error(404)
                else:
                    super().do_GET()

            def do_CONNECT(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def outside(self) -> list[str]:
        """Requests that left this machine; what the browser does for itself is left out."""
        own = re.compile(r"(https?://)?[^/]*(google|gvt1|gstatic|chromium)[^/]*\.(com|org)\b")
        outside = [path for path in self.asked if not path.startswith("/")]
        return [path for path in outside if not own.match(path)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "served"
    folder.mkdir()
    made = Server(folder)
    yield made
    made.close()


def look(tmp_path: Path, address: str, *options: str, proxy: str = "") -> str:
    """The page's elements after it was loaded and everything on it had its chance to run."""
    if proxy:
        options = (*options, f"--proxy-server={proxy}")
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=4000",
            *options,
            "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def title_of(dom: str) -> str:
    found = re.search(r"<title>(.*?)</title>", dom, re.DOTALL)
    assert found is not None
    return found[1]


def put(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / "served" / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_page_asks_nothing_of_any_server(
    tmp_path: Path, server: Server, hostile: Report
) -> None:
    """A control page that holds one of the names unescaped shows that a request would be seen."""
    control = put(tmp_path, "control.html", "<title>c</title><img src='http://evil.example/x.png'>")
    look(tmp_path, control.as_uri(), proxy=server.url)
    assert server.outside() == ["http://evil.example/x.png"]
    server.asked.clear()
    page = put(tmp_path, "report.html", render(hostile, "html"))
    dom = look(tmp_path, page.as_uri(), proxy=server.url)
    assert "evil.example" in dom
    assert server.outside() == []


@pytest.mark.parametrize("guarded", [True, False], ids=["as it is", "without its policy"])
def test_a_hostile_name_is_not_executed(
    tmp_path: Path, server: Server, hostile: Report, guarded: bool
) -> None:
    """Escaping alone is enough: the page's own policy is a second lock."""
    control = put(
        tmp_path, "control.html", "<title>c</title><script>document.title='pwned'</script>"
    )
    assert title_of(look(tmp_path, control.as_uri())) == "pwned"
    text = render(hostile, "html")
    if not guarded:
        text, removed = re.subn(r"<meta http-equiv=[^>]*>", "", text)
        assert removed == 1
    dom = look(tmp_path, put(tmp_path, "report.html", text).as_uri())
    assert html.unescape(title_of(dom)) == html.unescape(title_of(text))
    assert title_of(dom).startswith("Failed · ")
    found = Elements(dom)
    assert found.names & {"script", "img", "iframe", "object", "embed"} == set()
    assert {name for name in found.attributes if name.startswith("on")} == set()
    assert "&lt;script&gt;document.title='pwned'&lt;/script&gt;" in dom


MEASURE = """<!DOCTYPE html><title>?</title><body style="margin:0">
<iframe src="{page}" width="{width}" height="900" style="border:0"></iframe>
<script>
onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  const sections = [...page.querySelectorAll("section")];
  const shown = sections.every((section) => section.getBoundingClientRect().height > 0);
  const closed = page.querySelectorAll("details.policy:not([open])").length;
  const root = page.documentElement;
  document.title = [root.scrollWidth - root.clientWidth, shown, closed].join(" ");
}};
</script>"""


@pytest.mark.parametrize(
    ("which", "lang", "columns", "closed"),
    [
        ("changed_report", "en", 320, 3),
        ("changed_report", "ko", 320, 3),
        ("hostile_report", "en", 320, 0),
        ("hostile_report", "ko", 1400, 0),
    ],
)
def test_the_page_fits_every_screen(
    tmp_path: Path,
    server: Server,
    sample: ModuleType,
    which: str,
    lang: str,
    columns: int,
    closed: int,
) -> None:
    """WCAG 2.2, 1.4.10: no scrolling sideways from 320 CSS pixels on, whatever the names are."""
    report = getattr(sample, which)()
    put(tmp_path, "report.html", render(report, "html", Options(lang=lang)))
    put(tmp_path, "measure.html", MEASURE.format(page="report.html", width=columns))
    assert title_of(look(tmp_path, f"{server.url}/measure.html")) == f"0 true {closed}"
