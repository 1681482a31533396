"""What the build files promise: pinned, hashed, and free of any one machine's addresses."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import mute_audit

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = sorted(ROOT.glob("constraints*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# One requirement, with its continuation lines: name==version [; marker] then only hashes.
REQUIREMENT = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][0-9a-z.+!]*)"
    r"(?: ; (?P<marker>[^\n\\]+?))?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n"
)
# Each resolver's own lock names the registry that it asked; baseline/*.lock.yaml is none of them.
LOCKS = {
    ".terraform.lock.hcl",
    "Pipfile.lock",
    "package-lock.json",
    "pdm.lock",
    "poetry.lock",
    "pylock.toml",
    "uv.lock",
    "yarn.lock",
}


def normalised(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(path: Path) -> set[str]:
    return {match["name"] for match in REQUIREMENT.finditer(path.read_text(encoding="utf-8"))}


def test_there_is_a_constraints_file_for_each_environment() -> None:
    names = [path.name for path in CONSTRAINTS]
    assert names == ["constraints-bootstrap.txt", "constraints-checkov.txt", "constraints.txt"]


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.name)
def test_constraints_hold_pins_with_hashes_and_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rest = REQUIREMENT.sub("", text)
    assert rest == "", f"not `name==version` with hashes in {path.name}:\n{rest[:500]}"
    assert pinned(path)


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.name)
def test_constraints_name_no_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"://|@ |^-|index|find-links|\.(?:org|com|io|net)\b", text, re.MULTILINE)


@pytest.mark.parametrize("group", ["", *PROJECT["optional-dependencies"]])
def test_every_dependency_of_the_project_is_pinned(group: str) -> None:
    wanted = PROJECT["optional-dependencies"][group] if group else PROJECT["dependencies"]
    names = {normalised(re.split(r"[\s\[<>=!~;]", entry)[0]) for entry in wanted}
    assert names <= pinned(ROOT / "constraints.txt")


def test_checkov_is_pinned_apart() -> None:
    checkov = (ROOT / "constraints-checkov.txt").read_text(encoding="utf-8")
    assert "\ncheckov==3.3.30 \\\n" in checkov
    assert "checkov" not in pinned(ROOT / "constraints.txt")


def test_the_package_and_the_project_have_one_version() -> None:
    assert PROJECT["version"] == mute_audit.__version__


def test_git_holds_no_lock_of_a_resolver() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert not [name for name in listed.stdout.splitlines() if Path(name).name in LOCKS]
