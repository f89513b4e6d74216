import string
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imgtui.model.core.reference import InvalidReference, Reference, repository_of, split_tagged

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"
SHA512 = f"sha512:{HEX}{HEX}"


@pytest.mark.parametrize(
    ("text", "domain", "path", "familiar"),
    [
        ("web", "docker.io", "library/web", "web"),
        ("library/web", "docker.io", "library/web", "web"),
        ("docker.io/web", "docker.io", "library/web", "web"),
        ("docker.io/library/web", "docker.io", "library/web", "web"),
        ("index.docker.io/web", "docker.io", "library/web", "web"),
        ("index.docker.io/library/web", "docker.io", "library/web", "web"),
        ("index.docker.io/shop/web", "docker.io", "shop/web", "shop/web"),
        ("shop/web", "docker.io", "shop/web", "shop/web"),
        ("shop/library", "docker.io", "shop/library", "shop/library"),
        ("library/shop/web", "docker.io", "library/shop/web", "library/shop/web"),
        ("team/shop/web", "docker.io", "team/shop/web", "team/shop/web"),
        ("web-12.04-base", "docker.io", "library/web-12.04-base", "web-12.04-base"),
        ("shop_web.com", "docker.io", "library/shop_web.com", "shop_web.com"),
        ("my_shop/web", "docker.io", "my_shop/web", "my_shop/web"),
        ("a", "docker.io", "library/a", "a"),
        ("a/b/c/d", "docker.io", "a/b/c/d", "a/b/c/d"),
        ("shop---rules/web--x", "docker.io", "shop---rules/web--x", "shop---rules/web--x"),
        ("sh__op/web", "docker.io", "sh__op/web", "sh__op/web"),
        ("192.168.0.1", "docker.io", "library/192.168.0.1", "192.168.0.1"),
        ("localhost", "docker.io", "library/localhost", "localhost"),
        ("localhost/web", "localhost", "web", "localhost/web"),
        ("localhost/library/web", "localhost", "library/web", "localhost/library/web"),
        ("localhost:5000/web", "localhost:5000", "web", "localhost:5000/web"),
        ("host:5000/web", "host:5000", "web", "host:5000/web"),
        ("my-host:5000/web", "my-host:5000", "web", "my-host:5000/web"),
        ("127.0.0.1:5000/shop/web", "127.0.0.1:5000", "shop/web", "127.0.0.1:5000/shop/web"),
        ("example.com/web", "example.com", "web", "example.com/web"),
        ("example.com:8000/web", "example.com:8000", "web", "example.com:8000/web"),
        ("sub-1.example.com/a/b/c", "sub-1.example.com", "a/b/c", "sub-1.example.com/a/b/c"),
        ("example.com/my_app/web", "example.com", "my_app/web", "example.com/my_app/web"),
        ("xn--n3h.com/web", "xn--n3h.com", "web", "xn--n3h.com/web"),
        ("Example.com/web", "Example.com", "web", "Example.com/web"),
        ("SHOP/web", "SHOP", "web", "SHOP/web"),
        ("Shop/web", "Shop", "web", "Shop/web"),
        ("[2001:db8::1]/web", "[2001:db8::1]", "web", "[2001:db8::1]/web"),
        ("[::1]:5000/web", "[::1]:5000", "web", "[::1]:5000/web"),
        (
            "[fc00:1:2:3:4:5:6:7]:5000/a/b",
            "[fc00:1:2:3:4:5:6:7]:5000",
            "a/b",
            "[fc00:1:2:3:4:5:6:7]:5000/a/b",
        ),
        (f"docker.io/{HEX}", "docker.io", f"library/{HEX}", f"docker.io/library/{HEX}"),
        (HEX[:-1], "docker.io", f"library/{HEX[:-1]}", HEX[:-1]),
        (f"{HEX[:-1]}g", "docker.io", f"library/{HEX[:-1]}g", f"{HEX[:-1]}g"),
        ("my_host.example/web", "", "my_host.example/web", "my_host.example/web"),
    ],
)
def test_a_name_is_normalised_and_made_familiar_as_docker_does(
    text: str, domain: str, path: str, familiar: str
) -> None:
    reference = Reference.parse(text)
    assert (reference.domain, reference.path) == (domain, path)
    assert (reference.tag, reference.digest) == (None, None)
    assert reference.familiar_name == reference.familiar == familiar
    assert reference.name == reference.canonical == str(reference) == (f"{domain}/{path}" if domain else path)


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("web:latest", "web", "latest", None),
        ("web:5000", "web", "5000", None),
        ("localhost:8080", "localhost", "8080", None),
        ("example.com:tag", "example.com", "tag", None),
        ("web:Upper", "web", "Upper", None),
        ("web:_x", "web", "_x", None),
        (f"web:{'t' * 128}", "web", "t" * 128, None),
        ("shop/my_web.com:8080", "shop/my_web.com", "8080", None),
        ("host:5000/web:1", "host:5000/web", "1", None),
        ("192.168.1.1:5000/web:5050", "192.168.1.1:5000/web", "5050", None),
        ("[2001:db8::1]:5000/web:1", "[2001:db8::1]:5000/web", "1", None),
        ("[2001:db8::1]/web:1", "[2001:db8::1]/web", "1", None),
        ("a.b.io/c.example.com/web:d.example.com", "a.b.io/c.example.com/web", "d.example.com", None),
        (f"web@{DIGEST}", "web", None, DIGEST),
        (f"web@{SHA512}", "web", None, SHA512),
        (f"host:5000/web@{DIGEST}", "host:5000/web", None, DIGEST),
        (f"localhost:8080@{DIGEST}", "localhost", "8080", DIGEST),
        (f"web:latest@{DIGEST}", "web", "latest", DIGEST),
        (f"[::1]:5000/web:1@{DIGEST}", "[::1]:5000/web", "1", DIGEST),
    ],
)
def test_tag_and_digest_are_told_from_ports_and_domains(
    text: str, name: str, tag: str | None, digest: str | None
) -> None:
    reference = Reference.parse(text)
    assert (reference.familiar_name, reference.tag, reference.digest) == (name, tag, digest)
    assert reference.familiar == text


def test_the_length_limit_counts_the_path_without_the_domain() -> None:
    assert Reference.parse(f"example.com/{'a' * 255}:1").path == "a" * 255
    with pytest.raises(InvalidReference, match="more than 255 characters"):
        Reference.parse(f"example.com/{'a' * 256}:1")
    with pytest.raises(InvalidReference, match="more than 255 characters"):
        Reference.parse(f"{'a' * 260}/web")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "the repository name is empty"),
        (":tag", "the repository name is empty"),
        (f"@{DIGEST}", "the repository name is empty"),
        (HEX, "64 hexadecimal digits are an image ID"),
        ("Web", r"repository name \(Web\) must be lowercase"),
        ("Web:tag", r"repository name \(Web\) must be lowercase"),
        ("shop/Web", r"repository name \(shop/Web\) must be lowercase"),
        ("host:5000/Shop/web:tag", r"repository name \(Shop/web\) must be lowercase"),
        ("docker.io/shop/Web", r"repository name \(shop/Web\) must be lowercase"),
        ("https://github.com/shop/web", "no URL scheme"),
        ("-web", "lowercase letters and digits, joined by"),
        ("-shop/web", "joined by"),
        ("shop-/web", "joined by"),
        ("shop/-web", "joined by"),
        ("shop/web-", "joined by"),
        ("_shop/_web", "joined by"),
        ("____/____", "joined by"),
        ("sh..op/web", "joined by"),
        ("sh_.op/web", "joined by"),
        ("sh-.op/web", "joined by"),
        ("sh___op/web", "joined by"),
        (".shop/web", "joined by"),
        ("shop./web", "joined by"),
        ("-example.com/web", "joined by"),
        ("example.com/.dots/web", "joined by"),
        ("example.com/__x/web", "joined by"),
        ("shop///web", "joined by"),
        ("shop/", "joined by"),
        ("/web", "joined by"),
        ("web/", "joined by"),
        ("shop/as$$^/web", "joined by"),
        ("web app", "joined by"),
        ("web\n", "joined by"),
        ("wéb", "joined by"),
        ("example.com:http/web", "joined by"),
        ("my_host.com:8080/web", "joined by"),
        ("do__ck:8080/web", "joined by"),
        ("[fc00::1]", "joined by"),
        ("[fc00::1]:5000", "joined by"),
        ("[fc00::1]5000/web", "joined by"),
        ("[fe80::1%eth0]:5000/web", "joined by"),
        ("[2001:db8::192.0.2.33]:5000/web", "joined by"),
        ("fc00::1:5000/web", "joined by"),
        ("<none>", "joined by"),
        ("web:", "a tag has 1 to 128"),
        ("web:-x", "a tag has 1 to 128"),
        ("web:.x", "a tag has 1 to 128"),
        ("web:in~valid", "a tag has 1 to 128"),
        ("web:é", "a tag has 1 to 128"),
        ("web:x\n", "a tag has 1 to 128"),
        (f"web:{'t' * 129}", "a tag has 1 to 128"),
        ("web@", "a digest is"),
        ("web@bad", "a digest is"),
        ("web@sha256:badbadbadbad", "at least 32"),
        (f"web@sha256:{HEX[:34]}", "this one has 34"),
        (f"web@nosuch:{HEX}", "not one of sha256"),
        (f"web@sha256:{HEX.upper()}", "lowercase"),
        (f"web@{DIGEST}@{DIGEST}", "a digest is"),
        (f"web@{DIGEST}:tag", "a digest is"),
    ],
)
def test_a_malformed_reference_is_refused_with_its_cause(text: str, cause: str) -> None:
    with pytest.raises(InvalidReference, match=cause) as raised:
        Reference.parse(text)
    assert raised.value.text == text
    assert "\n" not in str(raised.value)


def test_the_message_shows_hostile_text_escaped_and_short() -> None:
    with pytest.raises(InvalidReference) as raised:
        Reference.parse("\x1b]0;owned\x07\u202e" + "x" * 10_000)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "name", ["docker.io/foo.bar/web", "docker.io/localhost/web", "docker.io/index.docker.io/a"]
)
def test_the_domain_stays_where_the_short_name_would_mean_another_repository(name: str) -> None:
    assert Reference.parse(name).familiar_name == name


@pytest.mark.parametrize(
    ("text", "named", "resolved"),
    [
        ("web", "docker.io/library/web:latest", "docker.io/library/web:latest"),
        ("docker.io/web", "docker.io/library/web:latest", "docker.io/library/web:latest"),
        ("gcr.io/library/web", "gcr.io/library/web:latest", "gcr.io/library/web:latest"),
        ("web:1", "docker.io/library/web:1", "docker.io/library/web:1"),
        (f"web@{DIGEST}", f"docker.io/library/web@{DIGEST}", f"docker.io/library/web@{DIGEST}"),
        (f"gcr.io/web:1@{DIGEST}", f"gcr.io/web:1@{DIGEST}", f"gcr.io/web@{DIGEST}"),
    ],
)
def test_a_bare_name_means_latest_and_a_digest_wins_over_a_tag(text: str, named: str, resolved: str) -> None:
    reference = Reference.parse(text)
    assert reference.with_default_tag().canonical == named
    assert reference.resolved().canonical == resolved


def test_a_reference_is_a_value() -> None:
    reference = Reference.parse(f"localhost:5000/web:1@{DIGEST}")
    assert reference == Reference("localhost:5000", "web", "1", DIGEST)
    assert len({reference, Reference.parse(reference.canonical)}) == 1
    assert reference.repository == Reference("localhost:5000", "web")
    with pytest.raises(FrozenInstanceError):
        del reference.tag


def test_a_tag_or_digest_is_checked_when_it_is_set() -> None:
    web = Reference.parse("web")
    assert web.with_tag("2").familiar == "web:2"
    assert web.with_tag("2").with_digest(DIGEST).familiar == f"web:2@{DIGEST}"
    with pytest.raises(InvalidReference, match="a tag has"):
        web.with_tag("-x")
    with pytest.raises(InvalidReference, match="a digest is"):
        web.with_digest("x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web:latest", ("web", "latest")),
        ("localhost:5000/app:v1", ("localhost:5000/app", "v1")),
        ("docker.io/library/web:latest", ("web", "latest")),
        ("docker.io/shop/web:1", ("shop/web", "1")),
        ("localhost/web:latest", ("localhost/web", "latest")),
        ("[::1]:5000/app:v1", ("[::1]:5000/app", "v1")),
        (f"docker.io/library/{HEX}:1", (f"docker.io/library/{HEX}", "1")),
        ("<none>:<none>", None),
        ("<none>", None),
        (f"app@{DIGEST}", None),
        (f"app:1@{DIGEST}", None),
        ("localhost:5000/app", None),
        ("web", None),
        ("Web:1", None),
        ("web:", None),
        (":1", None),
        ("", None),
        ("web:\x1b]0;x\x07", None),
        ("a" * 5000 + ":1", None),
    ],
)
def test_a_tag_as_an_engine_reports_it_is_split(text: str, expected: tuple[str, str] | None) -> None:
    assert split_tagged(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"web@{DIGEST}", "web"),
        (f"docker.io/library/web@{DIGEST}", "web"),
        (f"localhost:5000/app@{DIGEST}", "localhost:5000/app"),
        (f"web:1@{DIGEST}", "web"),
        ("web:latest", "web"),
        ("localhost:5000/app", "localhost:5000/app"),
        (f"<none>@{DIGEST}", None),
        ("<none>@<none>", None),
        ("<none>:<none>", None),
        ("web@sha256:…", None),
        (HEX, None),
        (DIGEST, "sha256"),
        ("", None),
        ("a" * 5000, None),
    ],
)
def test_the_repository_of_a_repo_digest_or_tag_is_found(text: str, expected: str | None) -> None:
    assert repository_of(text) == expected


COMPONENT = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
DOMAIN = st.one_of(
    st.sampled_from(["docker.io", "index.docker.io", "localhost", "LOCAL", "[::1]:5000", "my_host.example"]),
    st.from_regex(r"[a-zA-Z0-9]{1,5}(-[a-z0-9]{1,3})?(\.[a-zA-Z]{2,3}|:[0-9]{1,5})", fullmatch=True),
)
TAG = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=12)


@st.composite
def reference_texts(draw: st.DrawFn) -> str:
    domain = draw(st.one_of(st.just(""), DOMAIN.map("{}/".format)))
    path = "/".join(draw(st.lists(COMPONENT, min_size=1, max_size=4)))
    tag = draw(st.one_of(st.just(""), TAG.map(":{}".format)))
    digest = draw(st.sampled_from(["", f"@{DIGEST}", f"@{SHA512}"]))
    return domain + path + tag + digest


@given(reference_texts())
def test_familiar_and_canonical_forms_mean_the_same_reference(text: str) -> None:
    reference = Reference.parse(text)
    assert Reference.parse(reference.familiar) == reference
    assert Reference.parse(reference.canonical) == reference
    assert Reference.parse(reference.canonical).canonical == reference.canonical
    assert repository_of(text) == reference.familiar_name


@given(reference_texts())
def test_the_fast_split_agrees_with_the_parser(text: str) -> None:
    reference = Reference.parse(text)
    tagged = reference.tag is not None and reference.digest is None
    assert split_tagged(text) == ((reference.familiar_name, reference.tag) if tagged else None)


@given(st.one_of(st.text(), st.text("aA0._-:/@[]é\n\ud800", max_size=40)))
def test_any_text_is_a_reference_or_refused_and_never_breaks_the_fast_functions(text: str) -> None:
    split, repository = split_tagged(text), repository_of(text)
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        assert split is None
        assert repository is None or text == repository
        return
    assume(len(text) <= 1024)
    assert repository == reference.familiar_name


@given(st.integers(1, 60_000), st.sampled_from(["a", "a-", "a.", "-", "a_", "A", ":", "[", "a/", "@"]))
def test_a_very_long_text_is_answered(count: int, piece: str) -> None:
    with pytest.raises(InvalidReference):
        Reference.parse(piece * (count + 300) + "$")
