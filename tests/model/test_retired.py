"""The configuration of a retired container: no secret is written, and all of it comes back."""

from __future__ import annotations

import json

from imgtui.model.containers.retired import configuration_of, made_whole

CIFS = {
    "Type": "volume",
    "Target": "/share",
    "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"o": "username=u,password=hunter28"}}},
}
OLD = {
    "Id": "a" * 64,
    "Name": "/web",
    "State": {"Running": True},
    "Config": {
        "Env": ["MODE=fast", "DB_PASSWORD=hunter22", "API_TOKEN=hunter23"],
        "Cmd": ["serve", "--password=hunter24"],
        "Labels": {"admin.password": "hunter25", "team": "web"},
        "Healthcheck": {"Test": ["CMD", "redis-cli", "-a", "hunter27", "ping"], "Interval": 9},
    },
    "HostConfig": {
        "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "hunter26"}},
        "Memory": 7,
        "Mounts": [CIFS],
    },
    "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data"}],
    "NetworkSettings": {"Networks": {"front": {"Aliases": ["web"]}}, "SandboxKey": "/x"},
}


def test_no_secret_is_kept_and_with_the_container_in_its_place_nothing_is_missing() -> None:
    kept = json.loads(json.dumps(configuration_of(OLD)))
    assert "hunter" not in str(kept)
    assert "State" not in kept

    new = {**OLD, "Id": "b" * 64, "Config": {**OLD["Config"], "Cmd": ["serve", "--password=hunter24", "-v"]}}  # type: ignore[dict-item]
    whole = made_whole(kept, new)

    assert whole is not None
    assert {key: whole[key] for key in ("Config", "HostConfig", "Mounts")} == {
        key: OLD[key] for key in ("Config", "HostConfig", "Mounts")
    }
    assert whole["NetworkSettings"] == {"Networks": {"front": {"Aliases": ["web"]}}}


def test_where_a_secret_is_not_known_any_more_nothing_is_made_of_it() -> None:
    kept = configuration_of(OLD)
    without = {**OLD, "Config": {"Env": ["MODE=fast", "API_TOKEN=hunter23"]}}
    assert made_whole(kept, without) is None


def test_two_secrets_that_cannot_be_told_apart_are_not_guessed() -> None:
    twice = {"Config": {"Cmd": ["--token", "hunter22", "--token", "hunter23"]}}
    assert made_whole(configuration_of(twice), twice) is None


def test_a_secret_that_the_image_gave_is_that_of_its_own_image() -> None:
    def of(token: str, check: str, mine: str = "hunter24") -> dict[str, object]:
        env = [f"API_TOKEN={token}", f"MY_TOKEN={mine}"]
        return {"Env": env, "Healthcheck": {"Test": ["CMD", check]}}

    before, now = of("hunter22", "check-one"), of("hunter23", "check-two")
    own = {"Config": of("hunter22", "check-one", "hunter25")}
    in_its_place = {"Config": of("hunter23", "check-two", "hunter25")}
    assert made_whole(configuration_of(own), in_its_place, now, before) == {
        **own,
        "NetworkSettings": {"Networks": None},
    }
    alone = {"Config": before}
    assert made_whole(configuration_of(alone), {}, image=before) == {
        **alone,
        "NetworkSettings": {"Networks": None},
    }
    assert made_whole(configuration_of(own), {}, image={"Env": ["API_TOKEN=hunter22"]}) is None
