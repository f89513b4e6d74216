"""Options that only Podman's own API takes, as its fields."""

from __future__ import annotations

import pytest

from imgtui.model.clone.libpod_options import fields_of, is_understood, words_of

FILE = {"Source": "s", "Target": "", "UID": 0, "GID": 0, "Mode": 0o444}


@pytest.mark.parametrize(
    ("name", "value", "fields"),
    [
        ("--secret", "s", {"secrets": [FILE]}),
        ("--secret", "source=s,uid=5,mode=0400", {"secrets": [{**FILE, "UID": 5, "Mode": 0o400}]}),
        ("--secret", "s,type=env", {"secret_env": {"s": "s"}}),
        ("--secret", "s,type=env,target=TOKEN", {"secret_env": {"TOKEN": "s"}}),
        ("--annotation", "a=b=c", {"annotations": {"a": "b=c"}}),
        ("--no-hosts", "true", {"use_image_hosts": True}),
        ("--passwd", "false", {"manage_password": False}),
        ("--image-volume", "bind", {"image_volume_mode": "anonymous"}),
        ("--requires", "db,mq", {"dependencyContainers": ["db", "mq"]}),
        (
            "--device-cgroup-rule",
            "c 1:* rw",
            {"device_cgroup_rule": [{"allow": True, "type": "c", "access": "rw", "major": 1}]},
        ),
        ("--blkio-weight", "300", {"resource_limits": {"blockIO": {"weight": 300}}}),
        (
            "--health-startup-cmd",
            '["true", "a b"]',
            {"startupHealthConfig": {"Test": ["CMD", "true", "a b"]}},
        ),
        ("--health-startup-interval", "1m30s", {"startupHealthConfig": {"Interval": 90_000_000_000}}),
        ("--shm-size-systemd", "1m", {"shm_size_systemd": 1024 * 1024}),
        ("--log-opt", "tag=web", {"log_configuration": {"options": {"tag": "web"}}}),
        ("--log-opt", "path=/x", {"log_configuration": {"path": "/x"}}),
        (
            "--network",
            "front:ip=10.0.0.9,ip6=fd::9,mac=02:11:22:33:44:55",
            {"networks": {"front": {"static_ips": ["10.0.0.9", "fd::9"], "static_mac": "02:11:22:33:44:55"}}},
        ),
    ],
)
def test_an_option_becomes_fields(name: str, value: str, fields: dict[str, object]) -> None:
    assert fields_of([(name, value)]) == fields


def test_several_of_one_kind_are_united() -> None:
    given = [("--secret", "s"), ("--secret", "s"), ("--annotation", "a=1"), ("--annotation", "b=2")]
    assert fields_of(given) == {"secrets": [FILE, FILE], "annotations": {"a": "1", "b": "2"}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("--secret", "s,colour=red"),
        ("--secret", "type=env"),
        ("--secret", "s,mode=9"),
        ("--annotation", "a"),
        ("--no-hosts", "perhaps"),
        ("--timeout", "soon"),
        ("--device-cgroup-rule", "c 1:3"),
        ("--health-on-failure", "shout"),
        ("--health-startup-interval", "soon"),
        ("--health-startup-cmd", "NONE"),
        ("--health-startup-cmd", "[1]"),
        ("--log-opt", "a=b,c=d"),
        ("--network", "pasta:-T,80"),
        ("--network", "front:speed=9"),
        ("--userns", "auto"),
    ],
)
def test_what_is_not_understood_is_not_asked_for(name: str, value: str) -> None:
    assert not is_understood((name, value))


def test_words_have_no_secrets() -> None:
    given = [("--annotation", "password=sesame"), ("--annotation", "team=web"), ("--secret", "s,type=env")]
    words = words_of(given)
    assert words[1:] == ["--annotation=team=web", "--secret=s,type=env"]
    assert "sesame" not in words[0]
