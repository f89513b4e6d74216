"""A container is carried on whose image is gone."""

from typing import Any

from imgtui.model.clone.clone import Carried, carried
from imgtui.model.core.image import Store
from tests.model.carrying import NEW, PATH, container

NEW_IMAGE: dict[str, Any] = {
    "Env": [PATH, "VERSION=1", "SAME=x"],
    "Cmd": ["serve"],
    "Labels": {"org.opencontainers.image.version": "1", "kind": "web"},
}


def again_without(config: dict[str, Any], **more: Any) -> Carried:
    return carried(container(config), None, image=NEW, new_image=NEW_IMAGE, **more)


def test_what_is_as_in_the_new_image_is_left_to_it() -> None:
    body = again_without({**NEW_IMAGE}).body

    assert not {"Env", "Cmd"} & set(body)
    assert body["Labels"] == {}


def test_what_differs_stays_and_is_named_without_its_value() -> None:
    result = again_without({"Env": ["TOKEN=hush", PATH], "Cmd": ["own"], "User": "5"})

    assert (result.body["Env"], result.body["Cmd"], result.body["User"]) == (["TOKEN=hush"], ["own"], "5")
    note = result.notes[-1]
    assert note.startswith("the image it was made from is gone, and what it gave is not known")
    assert note.endswith(": these stay as they are: variables TOKEN; command; user")


def test_variables_after_path_are_the_images_where_both_have_them() -> None:
    result = again_without({"Env": ["VERSION=own", "PATH=/opt:/bin", "SAME=x", "VERSION=2", "EXTRA=1"]})

    assert result.body["Env"] == ["VERSION=own", "EXTRA=1"]


def test_without_an_order_every_variable_that_differs_stays() -> None:
    result = again_without({"Env": [PATH, "VERSION=2"]}, store=Store.PODMAN)

    assert result.body["Env"] == ["VERSION=2"]


def test_labels_that_describe_an_image_are_those_of_the_new_one() -> None:
    labels = {"org.opencontainers.image.version": "2", "kind": "api"}

    assert again_without({"Labels": labels}).body["Labels"] == {"kind": "api"}
