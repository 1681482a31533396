"""checkov as it really answers, in its own environment."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from mute_audit.finding import StaticResult, StaticStatus
from mute_audit.static.checkov import start

REPOSITORY = Path(__file__).resolve().parents[2]
CHECKOV = Path(os.environ.get("MUTE_AUDIT_CHECKOV") or REPOSITORY / ".venv-checkov/bin/checkov")

needs_checkov = pytest.mark.skipif(
    not CHECKOV.is_file(), reason="checkov is not installed (`make setup`, or MUTE_AUDIT_CHECKOV)"
)

GOOD = """\
resource "aws_ecr_repository" "images" {
  name                 = "images"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-west-1:111122223333:key/1"
  }
}
"""
BAD = """\
resource "aws_ebs_volume" "data" {
  #checkov:skip=CKV_AWS_189: our own key is not needed here
  availability_zone = "eu-west-1a"
  size              = 1
}
"""
BROKEN = 'resource "aws_ebs_volume" "data" {\n  availability_zone = "eu-west-1a\n'


def ask(folder: Path, **options: object) -> StaticResult:
    with start(folder, CHECKOV, **options) as running:  # type: ignore[arg-type]
        return running.result()


def terraform(folder: Path, **files: str) -> Path:
    root = folder / "root"
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.tf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    root.mkdir(exist_ok=True)
    return root


@needs_checkov
@pytest.mark.slow
class TestReal:
    @pytest.mark.sample
    def test_failed_and_skipped_checks_come_with_place_and_reason(self, tmp_path: Path) -> None:
        root = terraform(tmp_path, main='module "a" {\n  source = "./inner"\n}\n', inner__main=BAD)
        result = ask(root)
        assert result.status is StaticStatus.FAILED
        assert result.version
        (failed,) = result.failed
        assert (failed.check, failed.resource) == ("CKV_AWS_3", "module.a.aws_ebs_volume.data")
        assert failed.location is not None
        assert Path(failed.location.file) == root / "inner/main.tf"
        assert failed.location.line == 1
        (skipped,) = result.skipped
        assert skipped.check == "CKV_AWS_189"
        assert skipped.reason == "our own key is not needed here"

    def test_good_text_passes(self, tmp_path: Path) -> None:
        result = ask(terraform(tmp_path, main=GOOD))
        assert (result.status, result.failed, result.error) == (StaticStatus.PASSED, (), "")
        assert result.passed >= 3

    def test_broken_text_is_an_error_that_names_the_file(self, tmp_path: Path) -> None:
        result = ask(terraform(tmp_path, main=GOOD, broken=BROKEN))
        assert result.status is StaticStatus.ERROR
        assert "broken.tf" in result.error
        # What could be read is told all the same.
        assert result.passed >= 3

    def test_a_folder_without_resources_is_an_error(self, tmp_path: Path) -> None:
        result = ask(terraform(tmp_path))
        assert result.status is StaticStatus.ERROR
        assert result.error == "no Terraform resource was found"

    def test_a_check_that_is_never_evaluated_is_an_error(self, tmp_path: Path) -> None:
        root = terraform(tmp_path, main=BAD)
        result = ask(root, checks=("CKV_AWS_3", "CKV_AWS_99999"))
        assert result.status is StaticStatus.ERROR
        assert result.error == "checks that were never evaluated: CKV_AWS_99999"

    def test_a_check_of_ours_that_breaks_is_an_error(self, tmp_path: Path) -> None:
        checks = tmp_path / "checks"
        checks.mkdir()
        (checks / "__init__.py").write_text("", "utf-8")
        (checks / "breaks.py").write_text(
            "from checkov.common.models.enums import CheckCategories\n"
            "from checkov.terraform.checks.resource.base_resource_check import "
            "BaseResourceCheck\n"
            "class Breaks(BaseResourceCheck):\n"
            "    def __init__(self):\n"
            "        super().__init__(name='breaks', id='CKV2_MINE_1',\n"
            "            categories=[CheckCategories.GENERAL_SECURITY],\n"
            "            supported_resources=['aws_ecr_repository'])\n"
            "    def scan_resource_conf(self, conf):\n"
            "        raise RuntimeError('broken')\n"
            "check = Breaks()\n",
            "utf-8",
        )
        result = ask(terraform(tmp_path, main=GOOD), checks_dir=checks)
        assert result.status is StaticStatus.ERROR
        assert result.error == "checks that broke: CKV2_MINE_1"

    def test_a_configuration_file_cannot_leave_checks_out(self, tmp_path: Path) -> None:
        root = terraform(tmp_path, main=BAD)
        (root / ".checkov.yaml").write_text("skip-check: [CKV_AWS_3]\n", "utf-8")
        assert ask(root).status is StaticStatus.FAILED

    def test_nothing_is_written_beside_the_text(self, tmp_path: Path) -> None:
        root = terraform(tmp_path, main=GOOD)
        ask(root)
        assert [path.name for path in root.iterdir()] == ["main.tf"]


def program(folder: Path, body: str) -> Path:
    """A stand-in for checkov: what it does when something goes wrong cannot be provoked."""
    path = folder / "checkov"
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


class TestAround:
    """What happens around the process: with a program that is none of checkov's."""

    def test_without_a_program_the_result_is_missing(self, tmp_path: Path) -> None:
        assert start(tmp_path, None).result().status is StaticStatus.MISSING
        absent = start(tmp_path, tmp_path / "absent").result()
        assert absent.status is StaticStatus.MISSING
        assert "absent" in absent.error

    def test_a_program_that_cannot_be_started_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "text"
        path.write_text("no program", "utf-8")
        result = start(tmp_path, path).result()
        assert result.status is StaticStatus.ERROR
        assert "cannot be started" in result.error

    def test_a_folder_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        result = start(tmp_path / "gone", program(tmp_path, "exit 0")).result()
        assert (result.status, "is not a folder" in result.error) == (StaticStatus.ERROR, True)

    def test_a_crash_is_an_error_with_its_last_words(self, tmp_path: Path) -> None:
        crashed = program(tmp_path, "echo first >&2; echo out of memory >&2; exit 2")
        result = start(tmp_path, crashed).result()
        assert result.status is StaticStatus.ERROR
        assert result.error == "checkov ended with 2: out of memory"

    @pytest.mark.parametrize("said", ["", "not json", "[]", "{}", '{"results": {}}', "[1]"])
    def test_output_that_is_something_else_is_an_error(self, tmp_path: Path, said: str) -> None:
        result = start(tmp_path, program(tmp_path, f"echo '{said}'")).result()
        assert result.status is StaticStatus.ERROR
        assert result.error

    def test_one_that_never_ends_is_ended_with_its_workers(self, tmp_path: Path) -> None:
        mark = tmp_path / "worker"
        slow = program(tmp_path, f"(sleep 2; touch {mark}) & sleep 60")
        began = time.monotonic()
        result = start(tmp_path, slow, timeout=0.5).result()
        assert result.status is StaticStatus.ERROR
        assert "no answer within 0.5 seconds" in result.error
        assert time.monotonic() - began < 5
        time.sleep(2.2)
        assert not mark.exists()

    def test_it_can_be_stopped(self, tmp_path: Path) -> None:
        running = start(tmp_path, program(tmp_path, "sleep 60"))
        running.stop()
        assert running.result().status is StaticStatus.ERROR

    def test_it_is_told_nothing_of_credentials_and_switches(self, tmp_path: Path) -> None:
        seen = tmp_path / "seen"
        environ = {
            "PATH": os.environ["PATH"],
            "AWS_SECRET_ACCESS_KEY": "canary",
            "AWS_PROFILE": "canary",
            "BC_API_KEY": "canary",
            "CKV_SKIP_CHECK": "canary",
            "HOME": "/canary",
        }
        start(tmp_path, program(tmp_path, f"env > {seen}"), environ=environ).result()
        text = seen.read_text("utf-8")
        assert "canary" not in text
        assert "PATH=" in text

    def test_it_runs_beside_us(self, tmp_path: Path) -> None:
        began = time.monotonic()
        running = start(tmp_path, program(tmp_path, "sleep 1"))
        assert time.monotonic() - began < 0.8
        running.stop()
