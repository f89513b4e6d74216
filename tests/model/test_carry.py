"""What is asked for so that a container is the same on another image, beside what images give."""

from typing import Any

import pytest

from imgtui.model.clone.clone import carried
from tests.model.carrying import NEW, again, container


def test_the_image_is_named_by_its_id() -> None:
    assert again(container()).body["Image"] == NEW


def test_a_host_name_that_the_engine_chose_is_not_kept() -> None:
    assert "Hostname" not in again(container()).body


def test_a_host_name_that_was_set_is_kept() -> None:
    body = again(container({"Hostname": "db", "Domainname": "example"})).body

    assert (body["Hostname"], body["Domainname"]) == ("db", "example")


@pytest.mark.parametrize("host", [{"UTSMode": "host"}, {"NetworkMode": "container:abc"}])
def test_a_host_name_of_somebody_else_is_not_asked_for(host: dict[str, Any]) -> None:
    assert "Hostname" not in again(container({"Hostname": "theirs"}, host)).body


def test_labels_of_an_earlier_rollback_are_not_inherited() -> None:
    labels = {"io.imgtui.created-from": "web:1", "io.imgtui.other": "x", "mine": "1"}

    result = again(container({"Labels": labels}), labels={"io.imgtui.created-from": "web:2"})

    assert result.body["Labels"] == {"mine": "1", "io.imgtui.created-from": "web:2"}


def test_what_goes_with_the_old_container_is_said() -> None:
    (lost,) = again(container({}, {"AutoRemove": True})).lost

    assert lost == "what it wrote outside of volumes: it goes as soon as it stops (--rm)"


def test_neither_body_nor_networks_are_in_its_repr() -> None:
    result = again(container({"Env": ["TOKEN=hush"]}, networks={"a": {}, "b": {"DriverOpts": {"k": "hush"}}}))

    assert "hush" not in repr(result)


def test_a_container_of_which_nothing_is_told_is_no_error() -> None:
    result = carried({"Config": None, "HostConfig": None, "NetworkSettings": None}, {}, image=NEW)

    assert result.body["Image"] == NEW
