"""The history of builds, as a program that stands in for docker tells it."""

from __future__ import annotations

import json
import shlex
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from imgtui.engine.build.history import RECORDS_BY_SSH, BuildHistory
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.connect.program import run
from imgtui.model.safety.mask import MASK
from imgtui.model.taglog.traces import BuildRecord

INDEX, IMAGE, ATTESTATION, STATEMENT, CONFIG = (f"sha256:{digit * 64}" for digit in "12345")
OCI: Final = "application/vnd.oci.image"
COMPLETED: Final = 1_795_568_384_910_516_290
DRIVER: Final = (
    "Name:          default\nDriver:        docker\nLast Activity: now\n\nBuildKit version: v0.29.0\n"
)

INSPECTED: Final = {
    "Name": "web (final)",
    "Ref": "one",
    "Context": "/srv/web",
    "Dockerfile": "docker/Dockerfile",
    "VCSRepository": "https://user:hunter2@git.example/web.git",
    "VCSRevision": "abc123-dirty",
    "Target": "final",
    "Platform": ["linux/amd64"],
    "StartedAt": "2026-11-25T00:59:44.822882638Z",
    "CompletedAt": "2026-11-25T01:59:44.91051629+01:00",
    "Status": "completed",
    "BuildArgs": [{"Name": "API_TOKEN", "Value": "hunter2"}, {"Name": "VERSION", "Value": "1\x1b[2J"}],
    "Labels": [{"Name": "team", "Value": "shop"}],
    "Attachments": [
        {"Digest": IMAGE, "Platform": "linux/amd64", "Type": f"{OCI}.manifest.v1+json"},
        {"Digest": INDEX, "Type": f"{OCI}.index.v1+json"},
        {"Digest": STATEMENT, "Type": "https://slsa.dev/provenance/v0.2"},
    ],
}
PROVENANCE: Final = {
    f"attachment one {INDEX}": {
        "manifests": [
            {"digest": IMAGE},
            {
                "digest": ATTESTATION,
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            },
        ]
    },
    f"attachment one {ATTESTATION}": {"layers": [{"digest": "nonsense"}, {"digest": STATEMENT}]},
    f"attachment one {STATEMENT}": {
        "subject": [
            {"name": "pkg:docker/localhost:5000/shop/web@1?platform=linux%2Famd64"},
            {"name": "pkg:docker/web@latest?platform=linux%2Famd64"},
            {"name": "pkg:docker/web@latest?platform=linux%2Farm64"},
            {"name": "pkg:docker/web?digest=sha256:00"},
            {"name": "_"},
            {"name": 7},
        ]
    },
}


def listed(*refs: str, completed: bool = True) -> str:
    """What `history ls` prints."""
    ends = {"completed_at": "2026-11-25T00:59:44Z"} if completed else {}
    return "\n".join(json.dumps({"ref": f"default/default/{ref}", **ends}) for ref in refs)


class Docker:
    """A program named docker that answers as it was told, and writes down what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.asked = folder / "asked"

    def answers(self, ls: str, inspected: Mapping[str, object], *, driver: str = DRIVER) -> None:
        """`inspected` is by what follows `inspect`; text is printed as it is."""
        self.programs.mkdir()
        cases = {"buildx inspect *": driver, "*history ls*": ls}
        for key, value in inspected.items():
            question = key if key.startswith("attachment") else f"--format json {key}"
            cases[f"*history inspect {question}"] = value if isinstance(value, str) else json.dumps(value)
        lines = [
            f"{'*'.join(map(shlex.quote, pattern.split('*')))}) printf %s {shlex.quote(answer)};;"
            for pattern, answer in cases.items()
        ]
        noted = f'echo "$DOCKER_HOST|$DOCKER_CONTEXT|$*" >> {self.asked}'
        self.script("\n".join([noted, 'case "$*" in', *lines, "*) exit 1;;", "esac"]))

    def script(self, text: str) -> None:
        self.programs.mkdir(exist_ok=True)
        (self.programs / "docker").write_text(f"#!/bin/sh\n{text}\n")
        (self.programs / "docker").chmod(0o755)

    def history(
        self, host: str = "unix:///run/x.sock", context: str | None = None, **environ: str
    ) -> list[BuildRecord]:
        endpoint = Endpoint(host, "-H", context, None, self.folder)
        return list(BuildHistory(endpoint, {"PATH": f"{self.programs}:/usr/bin:/bin", **environ}))

    @property
    def questions(self) -> list[str]:
        return self.asked.read_text().splitlines()


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    return Docker(tmp_path)


def test_a_record_tells_what_was_built_from_what_and_its_names(docker: Docker) -> None:
    docker.answers(listed("one"), {"one": INSPECTED, **PROVENANCE})

    assert docker.history() == [
        BuildRecord(
            ref="one",
            digest=INDEX,
            completed=COMPLETED,
            started=1_795_568_384_822_882_638,
            names=("localhost:5000/shop/web:1", "web:latest"),
            title="web (final)",
            context="/srv/web",
            dockerfile="docker/Dockerfile",
            target="final",
            platforms=("linux/amd64",),
            arguments=(("API_TOKEN", MASK), ("VERSION", "1␛[2J")),
            labels=(("team", "shop"),),
            repository=f"https://user:{MASK}@git.example/web.git",
            revision="abc123-dirty",
        )
    ]


def test_on_a_graph_driver_the_image_is_the_configuration_and_has_no_names(docker: Docker) -> None:
    attachments = [{"Digest": CONFIG, "Type": "application/vnd.docker.container.image.v1+json"}]
    docker.answers(listed("one"), {"one": {**INSPECTED, "Attachments": attachments}})
    (record,) = docker.history()

    assert (record.digest, record.names) == (CONFIG, ())


def test_without_the_statement_a_record_has_no_names(docker: Docker) -> None:
    docker.answers(listed("one"), {"one": INSPECTED, **dict(list(PROVENANCE.items())[:2])})
    (record,) = docker.history()

    assert (record.digest, record.names) == (INDEX, ())


def test_names_are_looked_for_only_of_images_that_are_there(docker: Docker) -> None:
    docker.answers(listed("one"), {"one": INSPECTED, **PROVENANCE})
    endpoint = Endpoint("unix:///run/x.sock", "-H", None, None, docker.folder)
    environ = {"PATH": f"{docker.programs}:/usr/bin:/bin"}
    (here,) = BuildHistory(endpoint, environ, held={INDEX})
    (gone,) = BuildHistory(endpoint, environ, held={CONFIG})

    assert here.names
    assert (gone.digest, gone.names) == (INDEX, ())
    assert len([question for question in docker.questions if "attachment" in question]) == 3


def test_a_failed_build_says_why_and_made_nothing(docker: Docker) -> None:
    failed = {**INSPECTED, "Status": "failed", "Error": {"Message": "exit code: 1\n--token hunter2"}}
    docker.answers(listed("one"), {"one": failed, **PROVENANCE})
    (record,) = docker.history()

    assert (record.digest, record.names) == (None, ())
    assert record.error.startswith("exit code: 1↵")
    assert "hunter2" not in record.error


def test_a_build_that_still_runs_is_left_out(docker: Docker) -> None:
    running = {**INSPECTED, "CompletedAt": None}
    docker.answers(
        f"{listed('two', completed=False)}\n{listed('one')}", {"two": INSPECTED, "one": running, **PROVENANCE}
    )

    assert docker.history() == []


@pytest.mark.parametrize(
    "ls",
    ["", "not json", "[]", "null", '{"ref": 7, "completed_at": "now"}', listed("--help"), "[" * 100_000],
)
def test_a_malformed_list_is_no_history(docker: Docker, ls: str) -> None:
    docker.answers(ls, {"one": INSPECTED})

    assert docker.history() == []


MALFORMED: Final = [
    "",
    "{",
    "[]",
    "null",
    {"CompletedAt": 7},
    {"CompletedAt": "0001-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("inspected", MALFORMED, ids=str)
def test_a_malformed_record_is_left_out_and_the_others_are_told(docker: Docker, inspected: object) -> None:
    docker.answers(listed("two", "one"), {"two": inspected, "one": INSPECTED, **PROVENANCE})

    assert [record.ref for record in docker.history()] == ["one"]


def test_fields_of_another_type_are_no_error(docker: Docker) -> None:
    strange = {
        "Ref": ["x"],
        "CompletedAt": "2026-11-25T00:59:44Z",
        "Status": [],
        "Platform": "linux",
        "BuildArgs": [None, {"Name": 1, "Value": {}}],
        "Labels": {},
        "Attachments": [3, {"Type": [], "Digest": {}}, {"Type": f"{OCI}.index.v1+json", "Digest": "x"}],
    }
    docker.answers(listed("one"), {"one": strange})
    (record,) = docker.history()

    assert record.digest is None


def test_without_docker_or_buildx_there_is_no_history(docker: Docker) -> None:
    docker.programs.mkdir()
    endpoint = Endpoint("unix:///run/x.sock", "-H", None, None, docker.folder)
    assert list(BuildHistory(endpoint, {"PATH": str(docker.programs)})) == []

    docker.script("echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1")
    assert docker.history() == []


def test_without_a_folder_for_temporary_files_there_is_no_history(
    docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.answers(listed("one"), {"one": INSPECTED})
    monkeypatch.setattr(tempfile, "tempdir", str(docker.folder / "nowhere"))
    assert docker.history() == []


def test_a_builder_that_would_have_to_be_started_is_not_asked(docker: Docker) -> None:
    docker.answers(listed("one"), {"one": INSPECTED}, driver="Driver:        docker-container\n")

    assert docker.history() == []
    assert [question.rpartition("|")[2] for question in docker.questions] == ["buildx inspect -- default"]


def test_it_is_the_engines_own_builder_that_is_asked(docker: Docker) -> None:
    docker.answers(listed("one"), {"one": INSPECTED})
    others = {"DOCKER_HOST": "tcp://other:1", "DOCKER_CONTEXT": "other", "BUILDX_BUILDER": "other"}
    docker.history(**others)
    docker.history("tcp://far:2376", "far", **others)

    assert {question.rpartition("|")[0] for question in docker.questions} == {"unix:///run/x.sock|", "|far"}
    builders = {question.partition("--builder=")[2].partition(" ")[0] for question in docker.questions}
    assert builders == {"", "default", "far"}


def test_over_ssh_only_the_newest_builds_are_asked_for(docker: Docker) -> None:
    refs = [f"r{number}" for number in range(RECORDS_BY_SSH + 5)]
    bare = {**INSPECTED, "Attachments": []}
    docker.answers(listed(*refs), {ref: {**bare, "Ref": ref} for ref in refs})

    assert [record.ref for record in docker.history("ssh://far")] == refs[:RECORDS_BY_SSH]
    assert [record.ref for record in docker.history()] == refs


def test_who_stops_early_starts_no_more_programs(docker: Docker) -> None:
    docker.answers(listed("one", "two"), {"one": INSPECTED, "two": INSPECTED, **PROVENANCE})
    endpoint = Endpoint("unix:///run/x.sock", "-H", None, None, docker.folder)
    records = iter(BuildHistory(endpoint, {"PATH": f"{docker.programs}:/usr/bin:/bin"}))
    next(records)

    assert not [question for question in docker.questions if question.endswith("two")]


def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    begun = time.monotonic()

    assert (
        run(["sh", "-c", "sleep 100 & sleep 100"], {"PATH": "/usr/bin:/bin"}, tmp_path, seconds=0.2) is None
    )
    assert time.monotonic() - begun < 20


def test_a_program_that_prints_too_much_is_ended(tmp_path: Path) -> None:
    endless = ["sh", "-c", "while :; do echo xxxxxxxx; done"]

    assert run(endless, {"PATH": "/usr/bin:/bin"}, tmp_path, largest=1000) is None
