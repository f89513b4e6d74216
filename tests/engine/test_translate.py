"""Engine JSON becomes the model, whatever is in it."""

import math

import pytest
from hypothesis import given

from imgtui.engine import translate
from imgtui.model.event import Event
from imgtui.model.image import EngineInfo, Store
from tests.engine.payloads import VALUES, is_safe, payload, texts

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
ENGINES = {store: EngineInfo("id", "name", "28.5.2", "1.51", store, architecture="amd64") for store in Store}


@given(payload("Id", "RepoTags", "RepoDigests", "Created", "Size", "Manifests", "Digest"))
def test_no_listed_image_breaks_or_harms(raw: dict[str, object]) -> None:
    for engine in ENGINES.values():
        assert all(map(is_safe, texts(translate.listed_image(raw, engine))))


@given(payload("Id", "RepoTags", "RepoDigests", "Created", "Size", "Manifests", "Digest"))
def test_no_inspected_image_breaks_or_harms(raw: dict[str, object]) -> None:
    for engine in ENGINES.values():
        assert all(map(is_safe, texts(translate.inspected_image(raw, engine))))


@given(
    payload(
        "Id", "Names", "Image", "ImageID", "State", "Status", "Created", "Labels", "ImageManifestDescriptor"
    )
)
def test_no_container_breaks_or_harms(raw: dict[str, object]) -> None:
    made = translate.listed_container(raw, translate.created_from(raw.get("Image")), 0)

    assert all(map(is_safe, texts(made)))


@given(payload("Type", "Action", "Actor", "timeNano"))
def test_no_event_breaks_or_harms(raw: dict[str, object]) -> None:
    for kind in ("image", "container"):
        assert all(map(is_safe, texts(translate.event({**raw, "Type": kind}))))


@given(
    payload("Version", "ApiVersion", "Arch", "Components"),
    payload("ID", "Name", "Driver", "DriverStatus", "Images"),
)
def test_no_engine_breaks_or_harms(version: dict[str, object], info: dict[str, object]) -> None:
    assert all(map(is_safe, texts(translate.engine_info(version, info))))


@given(VALUES)
def test_what_is_no_object_at_all_is_an_empty_one(raw: object) -> None:
    for engine in ENGINES.values():
        translate.listed_image(raw, engine)
        translate.inspected_image(raw, engine)
    translate.listed_container(raw, None, 0)
    translate.event(raw)
    translate.engine_info(raw, raw)
    translate.seconds(raw)


@pytest.mark.parametrize("tags", [None, [], ["<none>:<none>"], [f"web@{A}"], [None, 7, "", "UPPER:1"]])
def test_an_image_without_a_tag_has_none(tags: object) -> None:
    image = translate.listed_image({"Id": A, "RepoTags": tags}, ENGINES[Store.GRAPH])

    assert image.tags == ()


def test_tags_are_in_the_form_docker_prints_and_once() -> None:
    raw = {"Id": A, "RepoTags": ["docker.io/library/web:1", "web:1", "localhost:5000/app:v1"]}

    assert translate.listed_image(raw, ENGINES[Store.PODMAN]).tags == ("web:1", "localhost:5000/app:v1")


@pytest.mark.parametrize(
    ("digests", "expected"),
    [
        (None, ()),
        (["<none>@<none>"], ()),
        ([f"docker.io/library/moby-dangling@{B}"], ()),
        ([f"moby-dangling@{B}"], ()),
        ([f"docker.io/library/web@{B}", f"web@{B}"], (f"web@{B}",)),
    ],
)
def test_repo_digests_are_familiar_names(digests: object, expected: tuple[str, ...]) -> None:
    image = translate.listed_image({"Id": A, "RepoDigests": digests}, ENGINES[Store.GRAPH])

    assert image.repo_digests == expected


def test_on_the_containerd_store_every_tag_gives_a_repo_digest() -> None:
    raw = {"Id": A, "RepoTags": ["web:1", "web:2", "api:1"], "RepoDigests": [f"api@{A}"]}

    image = translate.listed_image(raw, ENGINES[Store.CONTAINERD])

    assert set(image.repo_digests) == {f"api@{A}", f"web@{A}"}


def manifest(digest: str, platform: str, kind: str = "image", *, available: bool = True) -> dict[str, object]:
    system, architecture = platform.split("/")
    inner = {"Platform": {"os": system, "architecture": architecture}}
    return {"ID": digest, "Kind": kind, "Available": available, "ImageData": inner}


def test_the_platform_manifest_is_that_of_the_engines_platform() -> None:
    manifests = [
        manifest(A, "linux/arm64"),
        manifest(B, "linux/amd64"),
        manifest(C, "unknown/unknown", "attestation"),
    ]

    image = translate.listed_image({"Id": A, "Manifests": manifests}, ENGINES[Store.CONTAINERD])

    assert image.manifest == B
    assert image.platforms == ("linux/arm64", "linux/amd64")


def test_a_platform_that_is_not_here_is_not_named() -> None:
    manifests = [manifest(A, "linux/arm64"), manifest(B, "linux/amd64", available=False)]

    image = translate.listed_image({"Id": A, "Manifests": manifests}, ENGINES[Store.CONTAINERD])

    assert image.platforms == ("linux/arm64",)
    assert image.manifest == A


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("web", "web:latest"),
        ("docker.io/library/web:1", "web:1"),
        ("localhost:5000/app:v1", "localhost:5000/app:v1"),
        (f"web@{A}", None),
        (f"web:1@{A}", None),
        (A, None),
        ("a" * 64, None),
        ("Not A Reference", None),
        (None, None),
    ],
)
def test_what_a_container_was_created_from(value: object, expected: str | None) -> None:
    assert translate.created_from(value) == expected


@pytest.mark.parametrize(
    ("action", "identifier", "attributes", "expected"),
    [
        ("tag", A, {"name": "web:1"}, (A, "web:1")),
        ("untag", A, {"name": A}, (A, None)),
        ("pull", "web:1", {"name": "web"}, (None, "web:1")),
        ("pull", "localhost:5000/web", {"name": "localhost:5000/web"}, (None, "localhost:5000/web:latest")),
        ("tag", "a" * 64, {"name": "docker.io/library/web:1"}, (A, "web:1")),
        ("build", "", {"name": "a" * 64}, (A, None)),
        ("loadfromarchive", "", {"name": "/var/tmp/api.tar12"}, (None, None)),
        ("prune", "", {"reclaimed": "0"}, (None, None)),
    ],
)
def test_an_image_event_of_any_engine_names_what_it_can(
    action: str, identifier: str, attributes: object, expected: tuple[str | None, str | None]
) -> None:
    event = translate.event(
        {"Type": "image", "Action": action, "Actor": {"ID": identifier, "Attributes": attributes}}
    )

    assert event is not None
    assert (event.id, event.reference) == expected


def test_a_container_event_names_the_container() -> None:
    raw = {
        "Type": "container",
        "Action": "die",
        "Actor": {"ID": "e" * 64, "Attributes": {"name": "api", "image": "web:1"}},
        "timeNano": 1_795_423_143_196_290_426,
    }

    assert translate.event(raw) == Event("container", "die", "e" * 64, None, 1_795_423_143_196_290_426)


@pytest.mark.parametrize("kind", ["network", "volume", "builder", "daemon", "", None])
def test_events_of_other_things_are_none(kind: object) -> None:
    assert translate.event({"Type": kind, "Action": "create", "Actor": {"ID": "x"}}) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-01T00:00:00Z", 1_704_067_200),
        ("2024-01-01T00:00:00.123456789Z", 1_704_067_200),
        ("2024-01-01T02:00:00+02:00", 1_704_067_200),
        ("2023-12-31T19:00:00.5-05:00", 1_704_067_200),
        ("0001-01-01T00:00:00Z", 0),
        ("", 0),
        ("yesterday", 0),
        (None, 0),
    ],
)
def test_times_are_seconds(value: object, expected: int) -> None:
    assert translate.seconds(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), (7.9, 7), (True, 0), ("7", 0), (None, 0), (math.nan, 0), (math.inf, 0), (-math.inf, 0)],
)
def test_what_is_no_number_is_0(value: object, expected: int) -> None:
    assert translate.number(value) == expected


@pytest.mark.parametrize(
    ("status", "components", "store"),
    [
        ([["Backing Filesystem", "extfs"]], [], Store.GRAPH),
        ([["driver-type", "io.containerd.snapshotter.v1"]], [], Store.CONTAINERD),
        (None, [{"Name": "Podman Engine"}], Store.PODMAN),
        (None, None, Store.GRAPH),
    ],
)
def test_the_store_is_told_by_driver_and_components(status: object, components: object, store: Store) -> None:
    assert translate.engine_info({"Components": components}, {"DriverStatus": status}).store is store


@pytest.mark.parametrize("created", [10**30, 10**400, -(10**30), 253_402_300_800, math.inf, "x", None, True])
def test_a_time_that_nobody_can_mean_is_no_time(created: object) -> None:
    engine = EngineInfo("id", "name", "28", "1.51", Store.GRAPH)
    raw = {"Id": "sha256:" + "a" * 64, "Created": created, "Size": 10**400}
    image = translate.listed_image(raw, engine)
    assert image.created == 0
    assert image.size == 2**63 - 1
