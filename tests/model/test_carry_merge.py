"""Whatever an image gives and people set: a carried container is configured as the engine would do it anew.

The oracle is moby's `daemon/commit.go`, `merge`, written down again here.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.clone.clone import carried

IDENTIFIER = "0123456789ab" + "c" * 52
Config = dict[str, Any]


def merged(user: Config, image: Config) -> Config:
    """What the engine makes of what people set and what an image gives."""
    config = dict(user)
    for key in ("User", "WorkingDir", "StopSignal"):
        config[key] = user.get(key) or image.get(key, "")
    for key in ("ExposedPorts", "Volumes"):
        config[key] = {**user.get(key, {}), **image.get(key, {})}
    config["Labels"] = {**image.get("Labels", {}), **user.get("Labels", {})}
    names = {entry.partition("=")[0] for entry in user.get("Env", [])}
    inherited = [entry for entry in image.get("Env", []) if entry.partition("=")[0] not in names]
    config["Env"] = [*user.get("Env", []), *inherited]
    entrypoint, command = user.get("Entrypoint"), user.get("Cmd") or []
    if not entrypoint:
        command = command or image.get("Cmd", [])
        entrypoint = image.get("Entrypoint", []) if entrypoint is None else entrypoint
    config["Entrypoint"] = [] if entrypoint == [""] else entrypoint
    config["Cmd"] = command
    health = {**image.get("Healthcheck", {}), **user.get("Healthcheck", {})}
    if health:
        config["Healthcheck"] = health
    return config


def container(config: Config) -> dict[str, object]:
    """What the engine tells of a container that it made so."""
    return {
        "Id": IDENTIFIER,
        "Config": {"Hostname": IDENTIFIER[:12], "Image": "web:1", **config},
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": {"bridge": {}}},
    }


def again(config: Config, old: Config, new: Config) -> Config:
    """The configuration of the next container, on another image."""
    body = dict(carried(container(config), old, image="sha256:new").body)
    own = {
        key: value for key, value in body.items() if key not in {"HostConfig", "NetworkingConfig", "Image"}
    }
    return merged(own, new)


def configs(values: st.SearchStrategy[str]) -> st.SearchStrategy[Config]:
    """Configurations made of some values; names are few, so that they meet."""
    names = st.sampled_from(["PATH", "MODE", "LEVEL", "HOME"])
    words = st.lists(values, min_size=1, max_size=2)
    entries: st.SearchStrategy[dict[str, dict[str, str]]] = st.dictionaries(names, st.just({}), max_size=3)
    health = st.fixed_dictionaries(
        {"Test": st.tuples(st.just("CMD-SHELL"), values).map(list)},
        optional={
            "Interval": values.map(lambda text: 1_000_000 * len(text)),
            "Retries": values.map(len),
        },
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "User": values,
            "WorkingDir": values.map(lambda name: f"/{name}"),
            "StopSignal": values,
            "ExposedPorts": entries,
            "Volumes": entries,
            "Labels": st.dictionaries(names, values, max_size=3),
            "Env": st.dictionaries(names, values, max_size=4).map(
                lambda variables: [f"{name}={value}" for name, value in variables.items()]
            ),
            "Cmd": words,
            "Entrypoint": words,
            "Healthcheck": health,
        },
    )


ANY = st.sampled_from(["a", "bb", "ccc"])
OF_OLD, OF_NEW = st.sampled_from(["old", "older"]), st.sampled_from(["recent", "renewed"])
OF_PEOPLE = st.sampled_from(["somebody", "somewhere"])
"""None is as long as one of the others: numbers are made of lengths."""
NO_ENTRYPOINT: Config = {"Entrypoint": [""], "Cmd": ["run"]}
"""`--entrypoint ""`: it takes the image's away."""


@given(configs(ANY), configs(ANY), st.sampled_from([{}, NO_ENTRYPOINT]))
def test_on_the_same_image_it_is_the_same(user: Config, image: Config, more: Config) -> None:
    config = merged(user | more, image)

    assert again(config, image, image) == config


@given(configs(OF_PEOPLE), configs(OF_OLD), configs(OF_NEW))
def test_on_another_image_it_is_as_if_made_from_that_one(user: Config, old: Config, new: Config) -> None:
    # The name of a port or volume has no value: one that both have is taken for the image's.
    old = {key: value for key, value in old.items() if key not in {"ExposedPorts", "Volumes"}}

    assert again(merged(user, old), old, new) == merged(user, new)


@given(configs(OF_PEOPLE), configs(OF_OLD), configs(OF_NEW))
def test_an_entry_point_that_was_taken_away_stays_away(user: Config, old: Config, new: Config) -> None:
    old = {**old, "Entrypoint": ["start"]}

    config = again(merged(user | NO_ENTRYPOINT, old), old, new)

    assert (config["Entrypoint"], config["Cmd"]) == ([], ["run"])


@given(configs(OF_OLD), configs(OF_NEW))
def test_a_variable_set_to_what_the_image_says_anyway_is_known_by_its_place(old: Config, new: Config) -> None:
    old = {**old, "Env": ["PATH=/bin", "MODE=same", "LEVEL=same"]}
    new = {**new, "Env": ["PATH=/bin", "MODE=other", "LEVEL=other"]}

    environment = again(merged({"Env": ["MODE=same"]}, old), old, new)["Env"]

    assert environment == ["MODE=same", "PATH=/bin", "LEVEL=other"]
