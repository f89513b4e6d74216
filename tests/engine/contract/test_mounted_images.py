"""An image that is only mounted into a container is in use, on the engines that have such mounts."""

from __future__ import annotations

import json

import pytest

from tests.engine.contract.rolling import Site

pytestmark = pytest.mark.parametrize(
    "real_engine", ["docker28-overlay2", "docker28-containerd"], indirect=True
)


def test_it_is_told_apart_and_no_plan_takes_it(site: Site) -> None:
    tag = f"{site.name}:files"
    mounted = site.build(tag)
    site.run("--mount", f"type=image,src={tag},dst=/files", image=site.old)

    (found,) = [each for each in json.loads(site.imgtui("ls", "--json").stdout) if each["id"] == mounted]
    assert (found["containers"], found["mounted_by"]) == ([], [site.api])
    assert f"{site.api} (mounts it)" in site.imgtui("ls", site.name).stdout

    assert mounted not in site.imgtui("rm", "--unused", "--plan", "--json").stdout
    refused = site.try_imgtui("rm", mounted, "--yes")
    assert refused.returncode == 1
    assert site.api in refused.stderr

    site.move(site.new)
    site.roll_back(site.api, "--to", site.new)
    assert site.told()["HostConfig"]["Mounts"][0]["Source"] == tag
    site.real.docker("exec", site.api, "ls", "/files/bin")
