"""Engine JSON becomes the model, whatever is in it."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import Entry, WrongShape
from imgtui.engine.wire.traces import traces
from imgtui.model.core.event import Event
from imgtui.model.core.image import EngineInfo, Image, Store
from tests.engine.payloads import VALUES, is_safe, payload, texts

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
ENGINES = {store: EngineInfo("id", "name", "28.5.2", "1.51", store, architecture="amd64") for store in Store}


def listed(raw: object, store: Store = Store.GRAPH) -> Image:
    return translate.listed_image(Entry(raw), ENGINES[store])


READERS: dict[str, Callable[[object], object]] = {
    "listed image": listed,
    "listed image of the containerd store": lambda raw: listed(raw, Store.CONTAINERD),
    "listed image of Podman": lambda raw: listed(raw, Store.PODMAN),
    "inspected image": lambda raw: translate.inspected_image(raw, ENGINES[Store.CONTAINERD]),
    "listed container": lambda raw: translate.listed_container(Entry(raw), None, 0),
    "event": translate.event,
    "engine": lambda raw: translate.engine_info(raw, raw),
    "traces": traces,
}
ANSWERS = (
    VALUES
    | payload("RepoTags", "RepoDigests", "Created", "Size", "Manifests", "Digest", "Labels", "Config")
    | payload("Names", "ImageID", "State", "Status", "Created", "Labels", "ImageManifestDescriptor")
    | payload("Type", "Action", "Actor", "timeNano")
    | payload("Version", "ApiVersion", "Components", "ID", "Name", "Driver", "DriverStatus", "Images")
)


@pytest.mark.parametrize("reader", READERS)
@given(raw=ANSWERS, own=st.sampled_from([A, "b" * 64, ""]))
def test_whatever_is_answered_is_safe_text_or_not_understood(reader: str, raw: object, own: str) -> None:
    answer = {**raw, "Id": own, "Type": "image"} if isinstance(raw, dict) and own else raw
    made: object
    try:
        made = READERS[reader](answer)
    except WrongShape as error:
        made = str(error)
    assert all(map(is_safe, texts(made)))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("raw", [None, 42, True, "x", [], [{}], {}, {"message": "no"}, {"Id": None}], ids=str)
def test_what_has_not_what_it_must_have_is_not_understood(reader: str, raw: object) -> None:
    with pytest.raises(WrongShape):
        READERS[reader](raw)


@pytest.mark.parametrize("own", ["", "web", "sha256:12", "a" * 63, "A" * 64, 7, None, [A], {"digest": A}])
def test_an_image_whose_id_is_no_digest_is_not_understood(own: object) -> None:
    with pytest.raises(WrongShape, match="Id"):
        listed({"Id": own})
    with pytest.raises(WrongShape, match="Id"):
        translate.inspected_image({"Id": own}, ENGINES[Store.GRAPH])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("RepoTags", "web:1"),
        ("RepoTags", {"web:1": A}),
        ("RepoTags", ["web:1", 7]),
        ("RepoTags", ["web:1", None]),
        ("RepoDigests", {}),
        ("Created", "now"),
        ("Created", True),
        ("Created", math.inf),
        ("Size", "1 MB"),
        ("Size", []),
        ("Labels", ["a=b"]),
        ("Labels", {"a": 1}),
        ("Manifests", {}),
        ("Manifests", [None]),
        ("Manifests", [{"Kind": "image", "ImageData": "linux"}]),
    ],
)
def test_a_field_of_a_wrong_type_is_not_absent(field: str, value: object) -> None:
    with pytest.raises(WrongShape, match=field):
        listed({"Id": A, field: value}, Store.CONTAINERD)


def test_a_container_that_is_inspected_has_all_that_it_is_made_of() -> None:
    whole: dict[str, object] = {
        "Id": "e" * 64,
        "Image": A,
        "Name": "/web",
        "State": {"Status": "running"},
        "Config": {"Env": None, "Labels": None, "Cmd": ["sleep", "9"]},
        "HostConfig": {"NetworkMode": "bridge", "RestartPolicy": {"Name": "no"}, "Binds": None},
        "NetworkSettings": {"Networks": {"bridge": {}}},
        "Mounts": [],
    }
    assert translate.inspected_container(whole) == whole
    for field in whole:
        if field != "Image":
            for wrong in ({**whole, field: None}, {name: whole[name] for name in whole if name != field}):
                with pytest.raises(WrongShape):
                    translate.inspected_container(wrong)
    for field, wrong_value in (
        ("Config", {"Env": "A=1"}),
        ("HostConfig", {"NetworkMode": "bridge", "RestartPolicy": None}),
        ("HostConfig", {"NetworkMode": "bridge", "RestartPolicy": {}, "Binds": {}}),
        ("NetworkSettings", {"Networks": None}),
        ("NetworkSettings", {"Networks": {"bridge": 1}}),
        ("Mounts", [{"Type": "bind"}]),
    ):
        with pytest.raises(WrongShape):
            translate.inspected_container({**whole, field: wrong_value})


@pytest.mark.parametrize("tags", [None, [], ["<none>:<none>"], [f"web@{A}"], ["", "UPPER:1"]])
def test_an_image_without_a_tag_has_none(tags: object) -> None:
    image = listed({"Id": A, "RepoTags": tags})

    assert image.tags == ()


@pytest.mark.parametrize("domain", ["docker.io/library/", "localhost/", ""])
def test_what_podman_calls_a_step_of_a_build_for_a_moment_is_no_tag(domain: str) -> None:
    raw = {"Id": A, "RepoTags": [f"{domain}{'5a' * 32}-tmp:latest", "localhost/web-tmp:latest"]}

    assert listed(raw, Store.PODMAN).tags == ("localhost/web-tmp:latest",)


def test_tags_are_in_the_form_docker_prints_and_once() -> None:
    raw = {"Id": A, "RepoTags": ["docker.io/library/web:1", "web:1", "localhost:5000/app:v1"]}

    assert listed(raw, Store.PODMAN).tags == ("web:1", "localhost:5000/app:v1")


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
    image = listed({"Id": A, "RepoDigests": digests})

    assert image.repo_digests == expected


def test_on_the_containerd_store_every_tag_gives_a_repo_digest() -> None:
    raw = {"Id": A, "RepoTags": ["web:1", "web:2", "api:1"], "RepoDigests": [f"api@{A}"]}

    image = listed(raw, Store.CONTAINERD)

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

    image = listed({"Id": A, "Manifests": manifests}, Store.CONTAINERD)

    assert image.manifest == B
    assert image.platforms == ("linux/arm64", "linux/amd64")


def test_a_platform_that_is_not_here_is_not_named() -> None:
    manifests = [manifest(A, "linux/arm64"), manifest(B, "linux/amd64", available=False)]

    image = listed({"Id": A, "Manifests": manifests}, Store.CONTAINERD)

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


@pytest.mark.parametrize("kind", ["network", "volume", "builder", "daemon"])
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
    version = {"Version": "28", "ApiVersion": "1.51", "Components": components}
    info = {"ID": "x", "Name": "vm", "Driver": "overlay2", "DriverStatus": status}
    assert translate.engine_info(version, info).store is store


@pytest.mark.parametrize("created", [10**30, 10**400, -(10**30), 253_402_300_800, None])
def test_a_time_that_nobody_can_mean_is_no_time(created: object) -> None:
    image = listed({"Id": A, "Created": created, "Size": 10**400})
    assert image.created == 0
    assert image.size == 2**63 - 1


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        (f"redis:7@sha256:{'a' * 64}", "redis:7"),
        (f"docker.io/library/redis:7@sha256:{'a' * 64}", "redis:7"),
        (f"reg.example:5000/a/b:1@sha256:{'a' * 64}", "reg.example:5000/a/b:1"),
        (f"redis@sha256:{'a' * 64}", None),
        ("redis:7", None),
        (f"sha256:{'a' * 64}", None),
        ("not A reference", None),
        (7, None),
    ],
)
def test_a_tag_beside_a_digest_is_known(given: object, tag: str | None) -> None:
    assert translate.pinned_to(given) == tag
