"""Policy files: what is accepted, and what a person is told about what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mute_audit.errors import PolicyError, UsageError
from mute_audit.policy import model
from mute_audit.policy.loader import PACKS, load_policies, schema
from mute_audit.policy.registry import KINDS
from mute_audit.resources import data_dir, schema_path

VALUES = {"admin_cidrs": ("203.0.113.0/24", "198.51.100.0/24")}

BODY = """\
    title: {en: A title, ko: 제목}
    severity: high
    description: {en: What is asked for}
    remediation: {en: What to do}
"""


def policy(fields: str, name: str = "mine") -> str:
    lines = "".join(f"    {line}\n" for line in fields.splitlines())
    return f"  - id: {name}\n{BODY}{lines}"


ONLY = policy("kind: reach.only\nto: db\nports: tcp/5432\nfrom: [web]")


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def load(folder: Path, body: str, **values: Any) -> Any:
    (loaded,) = load_policies(
        [write(folder, f"mute: policy/v1\npolicies:\n{body}")], values or VALUES
    )
    return loaded.policy


def refusal(folder: Path, text: str) -> PolicyError:
    path = write(folder, text)
    with pytest.raises(PolicyError) as caught:
        load_policies([path], VALUES)
    return caught.value


class TestReading:
    def test_one_value_may_stand_for_a_list(self, tmp_path: Path) -> None:
        found = load(tmp_path, ONLY)
        assert (found.to, found.ports, found.from_) == (("db",), ("tcp/5432",), ("web",))

    def test_a_policy_knows_where_it_is_written(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"mute: policy/v1\n\npolicies:\n{ONLY}")
        (loaded,) = load_policies([path], {})
        assert (loaded.location.file, loaded.location.line) == (str(path), 4)

    def test_a_file_below_here_is_called_as_it_is_called_here(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, f"mute: policy/v1\npolicies:\n{ONLY}")
        monkeypatch.chdir(tmp_path)
        (loaded,) = load_policies([path], {})
        assert loaded.location.file == "mine.yaml"

    def test_a_folded_text_is_one_line(self, tmp_path: Path) -> None:
        folded = "description:\n      en: |\n        two\n        lines\n"
        text = ONLY.replace("description: {en: What is asked for}\n", folded)
        (loaded,) = load_policies([write(tmp_path, f"mute: policy/v1\npolicies:\n{text}")], {})
        assert loaded.description.en == "two lines"

    def test_a_value_is_put_in_and_a_list_of_them_spliced_in(self, tmp_path: Path) -> None:
        found = load(tmp_path, ONLY.replace("[web]", "[web, $admin_cidrs, app]"))
        assert found.from_ == ("web", "203.0.113.0/24", "198.51.100.0/24", "app")
        assert load(tmp_path, ONLY.replace("[web]", "$admin_cidrs")).from_ == VALUES["admin_cidrs"]

    def test_places_stay_right_behind_a_spliced_list(self, tmp_path: Path) -> None:
        text = ONLY.replace("[web]", "\n      - $admin_cidrs\n      - tag:x\n")
        error = refusal(tmp_path, f"mute: policy/v1\npolicies:\n{text}")
        assert error.where is not None
        line = Path(error.where.rsplit(":", 2)[0]).read_text("utf-8").splitlines()
        assert line[int(error.where.rsplit(":", 2)[1]) - 1].strip() == "- tag:x"

    def test_a_folder_is_read_with_all_below_and_neighbours_are_left_alone(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "deep").mkdir()
        write(tmp_path, f"mute: policy/v1\npolicies:\n{ONLY}", "b.yaml")
        write(tmp_path / "deep", f"mute: policy/v1\npolicies:\n{ONLY.replace('mine', 'deep')}")
        write(tmp_path, "# a comment\nmute: framework/v1\nanything: 1\n", "framework.yaml")
        found = load_policies([tmp_path, tmp_path / "b.yaml"], {})
        assert [loaded.id for loaded in found] == ["mine", "deep"]


class TestRefusing:
    def test_a_misspelt_key_is_told_with_line_and_the_right_one(self, tmp_path: Path) -> None:
        error = refusal(tmp_path, f"mute: policy/v1\npolicies:\n{ONLY.replace('ports', 'prots')}")
        text = f"{error}"
        assert "mine.yaml:10:5: unknown key `policies[0].prots`; did you mean `ports`?" in text
        assert "`policies[0].ports` is missing" in text

    def test_a_kind_that_does_not_exist_is_told(self, tmp_path: Path) -> None:
        body = ONLY.replace("reach.only", "reach.olny")
        error = refusal(tmp_path, f"mute: policy/v1\npolicies:\n{body}")
        assert "reach.olny" in error.message
        assert "reach.only" in error.message

    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            ("to: db", "to: []", "the list is empty"),
            ("to: db", "to: [db, db]", "stands here twice"),
            ("to: db", "to: type:rds.instanc", "did you mean `rds.instance`"),
            ("to: db", "to: 'subnt:x'", "did you mean `subnet:`"),
            ("to: db", "to: 'subnet:'", "names nothing after the colon"),
            ("to: db", "to: tag:Name", "`tag:KEY=VALUE`"),
            ("from: [web]", "from: [203.0.113.0/33]", "is not a network"),
            ("from: [web]", "from: [203.0.113.1/24]", "did you mean `203.0.113.0/24`"),
            ("from: [web]", "from: ['internet:x']", "is not an address or CIDR"),
            ("ports: tcp/5432", "ports: tcp/70000", "`tcp/70000` is not a port"),
            ("severity: high", "severity: hihg", "did you mean `high`"),
            ("id: mine", "id: My Policy", "does not fit `^[a-z0-9]"),
            ("title: {en: A title, ko: 제목}", "title: {ko: 제목}", "`policies[0].title.en` is"),
            ("from: [web]", "from: [$admin_cidr]", "did you mean `admin_cidrs`"),
        ],
    )
    def test_what_is_wrong_is_told_in_words(
        self, tmp_path: Path, before: str, after: str, message: str
    ) -> None:
        assert before in ONLY
        body = ONLY.replace(before, after)
        error = refusal(tmp_path, f"mute: policy/v1\npolicies:\n{body}")
        assert message in error.message
        assert error.where is not None

    def test_a_value_without_a_baseline_says_where_values_stand(self, tmp_path: Path) -> None:
        path = write(
            tmp_path, f"mute: policy/v1\npolicies:\n{ONLY.replace('[web]', '$admin_cidrs')}"
        )
        with pytest.raises(PolicyError, match="is not defined") as caught:
            load_policies([path], {})
        assert caught.value.hint is not None
        assert "`values:` in the baseline" in caught.value.hint

    def test_an_id_that_is_given_twice_names_both_places(self, tmp_path: Path) -> None:
        one = write(tmp_path, f"mute: policy/v1\npolicies:\n{ONLY}", "one.yaml")
        two = write(tmp_path, f"mute: policy/v1\npolicies:\n{ONLY}", "two.yaml")
        with pytest.raises(PolicyError) as caught:
            load_policies([one, two], {})
        assert f"already written at {one}:3:9" in caught.value.message
        assert caught.value.where == f"{two}:3:9"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (f"policies:\n{ONLY}", "the first key must be `mute: policy/v1`"),
            ("", "the first key must be `mute: policy/v1`"),
            (f"mute: policy/v2\npolicies:\n{ONLY}", "`policy/v2`"),
            ("mute: policy/v1\npolicies: []\n", "the list is empty"),
            ("mute: waivers/v1\nwaivers: []\n", "is not a file of policies"),
            ("mute: [", "not readable as YAML"),
        ],
    )
    def test_a_file_that_is_something_else_is_refused(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        assert message in refusal(tmp_path, text).message

    def test_a_folder_without_policies_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PolicyError, match="no policies in this folder"):
            load_policies([tmp_path], {})

    def test_a_name_that_is_nothing_hints_at_the_pack(self) -> None:
        with pytest.raises(PolicyError) as caught:
            load_policies(["mutee"], {})
        assert caught.value.hint == "did you mean `mute`?"

    def test_never_counts_addresses_of_the_internet_alone(self, tmp_path: Path) -> None:
        body = policy("kind: reach.never\nfrom: web\nto: db\nat_least_addresses: 5")
        error = refusal(tmp_path, f"mute: policy/v1\npolicies:\n{body}")
        assert "`at_least_addresses` counts internet addresses" in error.message

    def test_one_way_is_asked_for_once(self, tmp_path: Path) -> None:
        body = policy(
            "kind: reach.required\nfrom: web\nto: internet\nports: tcp/443\n"
            "via: nat-gateway\nonly_via: nat-gateway"
        )
        error = refusal(tmp_path, f"mute: policy/v1\npolicies:\n{body}")
        assert "`only_via` says what `via` says" in error.message


class TestSelecting:
    def test_ids_patterns_and_severity_select(self) -> None:
        every = load_policies(["mute", "aws"], VALUES)
        works = every.select(only=["mute-works-*"])
        assert {p.id for p in works} == {p.id for p in every if p.id.startswith("mute-works-")}
        assert len(every.select(skip=["aws-*"])) == len(load_policies(["mute"], VALUES))
        critical = every.select(severity="critical")
        assert {p.severity.value for p in critical} == {"critical"}
        assert 0 < len(critical) < len(every)

    def test_an_id_that_is_not_there_is_an_error(self) -> None:
        every = load_policies(["mute"], VALUES)
        with pytest.raises(UsageError) as caught:
            every.select(skip=["mute-ecr-privat"])
        assert caught.value.hint == "did you mean `mute-ecr-private`?"


class TestPacks:
    def test_every_folder_that_is_shipped_is_a_pack(self) -> None:
        """A pack that the documentation speaks of and nobody can name is none."""
        assert tuple(sorted(each.name for each in data_dir("policies").iterdir())) == PACKS

    @pytest.mark.parametrize("pack", PACKS)
    def test_a_shipped_file_is_valid_by_the_published_schema(self, pack: str) -> None:
        published = json.loads(schema_path("policy").read_text("utf-8"))
        files = sorted((data_dir("policies") / pack).rglob("*.yaml"))
        assert files
        for file in files:
            text = file.read_text("utf-8")
            assert text.startswith("# yaml-language-server: $schema=")
            named = text.splitlines()[0].partition("$schema=")[2]
            assert (file.parent / named).resolve() == schema_path("policy").resolve()
            jsonschema.validate(yaml.safe_load(text), published)

    @pytest.mark.parametrize("pack", PACKS)
    def test_every_text_is_there_in_both_languages(self, pack: str) -> None:
        for loaded in load_policies([pack], VALUES):
            assert loaded.id.startswith(f"{pack.partition('-')[0]}-")
            for words in (loaded.title, loaded.description, loaded.remediation):
                assert words.en.isascii() or "’" in words.en, words.en
                assert any("가" <= char <= "힣" for char in words.ko), loaded.id

    @pytest.mark.parametrize("pack", PACKS)
    def test_shipped_places_are_those_of_the_repository(self, pack: str) -> None:
        for loaded in load_policies([pack], VALUES):
            assert loaded.location.file.startswith(f"policies/{pack}/")

    def test_the_general_pack_names_nothing_of_one_estate(self) -> None:
        text = "".join(
            file.read_text("utf-8") for file in (data_dir("policies") / "aws").rglob("*.yaml")
        )
        for name in ("hackathon", "$admin", "mute-"):
            assert name not in text.replace("mute_audit", "")

    def test_the_general_pack_needs_no_values(self) -> None:
        assert len(load_policies(["aws"], {})) > 5


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads(schema_path("policy").read_text("utf-8")) == schema()


def test_every_kind_is_in_the_table_and_in_the_union() -> None:
    union = model.Policy.__origin__.__args__  # type: ignore[attr-defined]
    assert {row.model for row in KINDS.values()} == set(union)
    for name, row in KINDS.items():
        assert row.model.model_fields["kind"].annotation.__args__ == (name,)  # type: ignore[union-attr]

    def test_a_selection_that_leaves_nothing_is_an_error(self) -> None:
        """Nothing judged is not clean."""
        every = load_policies(["mute"], VALUES)
        with pytest.raises(UsageError, match="leaves no policy"):
            every.select(only=["mute-ecr-private"], severity="critical")
