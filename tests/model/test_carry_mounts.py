"""The volumes of a container that is carried on are the very same ones."""

from typing import Any

from tests.model.carrying import VOLUME, again, container, host_of


def volume(target: str, *, writable: bool = True, driver: str = "local") -> dict[str, Any]:
    return {"Type": "volume", "Name": VOLUME, "Destination": target, "RW": writable, "Driver": driver}


def test_an_anonymous_volume_is_the_same_one() -> None:
    document = container({"Volumes": {"/data/": {}}}, mounts=[volume("/data")])

    result = again(document)

    assert host_of(result)["Mounts"] == [
        {
            "Type": "volume",
            "Source": VOLUME,
            "Target": "/data",
            "ReadOnly": False,
            "VolumeOptions": {"NoCopy": True},
        }
    ]
    assert result.body["Volumes"] == {"/data/": {}}
    (note,) = result.notes
    assert note == f"the volume {VOLUME[:12]} at /data goes on with its data; `docker rm -v` will leave it"


def test_that_of_another_driver_is_found_there() -> None:
    document = container({"Volumes": {"/data": {}}}, mounts=[volume("/data", driver="nfs")])

    (mount,) = host_of(again(document))["Mounts"]

    assert mount["VolumeOptions"]["DriverConfig"] == {"Name": "nfs"}


def test_a_mount_without_a_source_gets_that_of_its_volume() -> None:
    given = {"Type": "volume", "Target": "/data", "VolumeOptions": {"Labels": {"a": "b"}}}
    document = container(host={"Mounts": [given]}, mounts=[volume("/data")])

    assert host_of(again(document))["Mounts"] == [{**given, "Source": VOLUME}]


def test_a_bind_without_a_source_gets_that_of_its_volume() -> None:
    document = container(host={"Binds": ["/data", "named:/n:ro"]}, mounts=[volume("/data")])

    assert host_of(again(document))["Binds"] == [f"{VOLUME}:/data", "named:/n:ro"]


def test_named_volumes_and_folders_are_asked_for_as_they_were() -> None:
    host = {"Binds": ["named:/n:ro", "/srv:/srv:rslave"], "Mounts": [{"Type": "tmpfs", "Target": "/t"}]}

    result = again(container(host=host, mounts=[volume("/n"), {"Type": "bind"}]))

    assert {key: host_of(result)[key] for key in host} == host
    assert not result.notes


def test_volumes_of_another_container_come_from_there() -> None:
    document = container(
        {"Volumes": {"/own": {}}},
        {"VolumesFrom": ["db:ro"]},
        mounts=[volume("/theirs"), volume("/own")],
    )

    host = host_of(again(document))

    assert host["VolumesFrom"] == ["db:ro"]
    assert [mount["Target"] for mount in host["Mounts"]] == ["/own"]


def test_a_volume_of_the_old_image_stays_where_the_new_one_has_none() -> None:
    document = container({"Volumes": {"/data": {}}}, mounts=[volume("/data", writable=False)])

    result = again(document, {"Volumes": {"/data": {}}})

    assert "Volumes" not in result.body
    (mount,) = host_of(result)["Mounts"]
    assert (mount["Target"], mount["ReadOnly"]) == ("/data", True)
