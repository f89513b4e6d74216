"""The docker command's contexts and its configuration file."""

from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import list_contexts
from tests.engine.docker_home import make_context, meta, refusal, resolve, use


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".docker").mkdir()
    return tmp_path


@pytest.fixture
def certificates(home: Path) -> Path:
    folder = home / "certificates"
    folder.mkdir()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("x")
    return folder


def test_certificates_are_looked_for_in_the_configuration_folder(home: Path) -> None:
    (home / ".docker" / "ca.pem").write_text("x")
    tls = resolve(home, "tcp://h", DOCKER_TLS_VERIFY="1").tls
    assert tls is not None
    assert tls.ca == home / ".docker" / "ca.pem"


def test_a_context_brings_its_tls_files(home: Path) -> None:
    make_context(
        home, "prod", meta("prod", "tcp://h:2376"), dict.fromkeys(("ca.pem", "cert.pem", "key.pem"), "x")
    )
    tls = resolve(home, context="prod").tls
    assert tls is not None
    assert [path.name for path in (tls.ca, tls.cert, tls.key) if path] == ["ca.pem", "cert.pem", "key.pem"]
    assert tls.verify


def test_the_tls_environment_says_nothing_about_a_context(home: Path) -> None:
    make_context(home, "prod", meta("prod", "tcp://h:2376"))
    assert resolve(home, context="prod", DOCKER_TLS_VERIFY="1").tls is None


def test_a_context_can_skip_verification_without_any_file(home: Path) -> None:
    make_context(home, "prod", meta("prod", "tcp://h:2376", skip_verify=True))
    tls = resolve(home, context="prod").tls
    assert tls is not None
    assert (tls.ca, tls.verify) == (None, False)


CONTEXT_HOSTS = [
    ("unix:///run/x.sock", "unix:///run/x.sock"),
    ("ssh://u@h", "ssh://u@h"),
    ("http://h:1", "tcp://h:1"),
    ("tcp://h", "tcp://h:80"),
    ("", "unix:///var/run/docker.sock"),
]


@pytest.mark.parametrize(("given", "expected"), CONTEXT_HOSTS)
def test_the_host_of_a_context_has_its_own_rules(home: Path, given: str, expected: str) -> None:
    make_context(home, "prod", meta("prod", given))
    assert resolve(home, context="prod").host == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("h:1", "no scheme"),
        ("https://h", "plain HTTP"),
        ("npipe:////./pipe/x", "Windows"),
        ("foo://h", "foo://"),
    ],
)
def test_a_context_with_an_unusable_host_is_refused_by_name(home: Path, given: str, words: str) -> None:
    make_context(home, "prod", meta("prod", given))
    error = refusal(home, context="prod")
    assert words in error.cause
    assert 'context "prod"' in error.cause
    assert error.remedy == 'docker context update --docker "host=HOST" prod'


def test_an_unknown_context_is_answered_with_those_that_exist(home: Path) -> None:
    make_context(home, "prod-2", meta("prod-2", "tcp://h:1"))
    make_context(home, "prod-10", meta("prod-10", "tcp://h:1"))
    error = refusal(home, DOCKER_CONTEXT="stage")
    assert '"stage"' in error.cause
    assert "default, prod-2, prod-10" in error.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "meta.json"),
        ("\0" * 40, "meta.json"),
        ("[" * 100_000, "nested"),
        ('{"Name":"prod"}', "no Docker"),
    ],
)
def test_a_context_that_is_listed_and_cannot_be_used_says_why(home: Path, text: str, words: str) -> None:
    make_context(home, "good", meta("good", "tcp://h:1"))
    path = make_context(home, "prod", text)
    listed = {one.problem for one in list_contexts(home / ".docker") if one.name != "good"}
    assert [problem for problem in listed if problem and words in problem], listed
    error = refusal(home, context="prod")
    assert '"prod"' in error.cause
    assert str(path.parent) in error.remedy or "docker context update" in error.remedy
    assert "prod" not in refusal(home, context="other").remedy


def test_a_context_in_a_folder_of_another_name_is_told_as_that(home: Path) -> None:
    path = make_context(home, "elsewhere", meta("prod", "tcp://h:1"))
    error = refusal(home, context="prod")
    assert str(path) in error.cause
    assert "another name" in error.cause
    assert "prod" not in error.remedy


def test_a_broken_context_names_its_file(home: Path) -> None:
    path = make_context(home, "prod", '{"Name":"prod",')
    assert str(path) in refusal(home, context="prod").cause


def test_a_context_without_a_docker_endpoint_is_refused(home: Path) -> None:
    make_context(home, "prod", {"Name": "prod", "Endpoints": {"kubernetes": {}}})
    assert "no Docker endpoint" in refusal(home, context="prod").cause


@pytest.mark.parametrize(
    ("text", "position"),
    [('{"currentContext": "x",\n oops}', "line 2 column 2"), ('{"currentContext": 3}', "not a text")],
)
def test_a_broken_configuration_names_the_place(home: Path, text: str, position: str) -> None:
    path = home / ".docker" / "config.json"
    path.write_text(text)
    error = refusal(home)
    assert str(path) in error.cause
    assert position in error.cause


def test_a_broken_configuration_does_not_matter_when_the_engine_is_named(home: Path) -> None:
    (home / ".docker" / "config.json").write_text("{")
    assert resolve(home, "tcp://h:1").host == "tcp://h:1"


@pytest.mark.parametrize(
    "text", ["", " \n", "{}", '{"currentContext": ""}', '{"currentContext": null}', '{"auths": {}} left over']
)
def test_a_configuration_without_a_context_means_the_default(home: Path, text: str) -> None:
    (home / ".docker" / "config.json").write_text(text)
    assert resolve(home).source == "default"


def test_the_configuration_folder_can_be_elsewhere(home: Path, tmp_path: Path) -> None:
    use(home, "prod")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    endpoint = resolve(home, DOCKER_CONFIG=str(elsewhere))
    assert (endpoint.source, endpoint.config_dir) == ("default", elsewhere)


def test_all_contexts_are_listed_with_what_is_wrong_with_them(home: Path) -> None:
    make_context(home, "b10", meta("b10", "tcp://h:1", description="the tenth"))
    make_context(home, "b9", meta("b9", "ssh://h"))
    make_context(home, "a", {"Name": "a", "Endpoints": {}})
    contexts = list_contexts(home / ".docker")
    assert [(one.name, one.host, one.description) for one in contexts] == [
        ("a", "", ""),
        ("b9", "ssh://h", ""),
        ("b10", "tcp://h:1", "the tenth"),
    ]
    assert contexts[0].problem is not None
