"""Every engine that the contract is tested on."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final, cast

import pytest

from imgtui.model.core.image import Image, Store
from tests.engine.contract.carrying import Carrier
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands
from tests.engine.contract.rolling import Site
from tests.engine.contract.source import Source
from tests.engines import content
from tests.engines.archives import ArchiveImage, layer
from tests.engines.faulty_registry import FaultyRegistry
from tests.engines.fixtures import EnginePool
from tests.engines.gate import Gate
from tests.engines.kinds import KINDS, Kind
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry

IN_MEMORY: Final = {"memory-graph": Store.GRAPH, "memory-containerd": Store.CONTAINERD}
MINE: Final = "contract-"
"""How all repositories and containers of these tests begin."""
SWEEP_AFTER: Final = 4
"""Tests on one engine after which the images of those before are removed."""
_NUMBERS: Final = count(1)
_HAVE_RUN: Final = Counter[str]()


@pytest.fixture(
    params=[
        *IN_MEMORY,
        *(pytest.param(kind, marks=[pytest.mark.engine, pytest.mark.xdist_group(kind)]) for kind in KINDS),
    ]
)
def hands(request: pytest.FixtureRequest) -> Iterator[Hands]:
    """Each engine in turn; a real one holds what other tests left there."""
    kind: str = request.param
    if kind in IN_MEMORY:
        yield MemoryHands(IN_MEMORY[kind])
        return
    pool: EnginePool = request.getfixturevalue("engine_pool")
    docker = DockerHands(pool.get(cast("Kind", kind)))
    yield docker
    docker.engine.close()
    _HAVE_RUN[kind] += 1
    if _HAVE_RUN[kind] % SWEEP_AFTER == 0:
        content.remove_images(docker.real, lambda name: not name.startswith(MINE))


@pytest.fixture
def name() -> str:
    """A repository, and container, name that no other test uses."""
    return f"{MINE}{next(_NUMBERS)}"


@pytest.fixture
def containers(hands: Hands) -> Iterator[list[str]]:
    """Names of containers to be removed after the test."""
    names: list[str] = []
    yield names
    for made in names:
        hands.discard(made)


@pytest.fixture(scope="session")
def real_registry() -> Iterator[Registry]:
    """A registry on the loopback."""
    with Registry() as registry:
        yield registry


@pytest.fixture
def registry(request: pytest.FixtureRequest, hands: Hands) -> Registry | None:
    """A registry that a real engine can pull from; one in memory needs none."""
    if isinstance(hands, MemoryHands):
        return None
    found: Registry = request.getfixturevalue("real_registry")
    return found


@pytest.fixture(scope="session")
def carrier_with_images(real_engine: PrivateEngine) -> Iterator[Carrier]:
    """Who carries containers on from one image to another, on each real engine in turn."""
    carrier = Carrier(DockerHands(real_engine), "carry")
    yield carrier
    carrier.hands.engine.close()


@pytest.fixture
def carrier(carrier_with_images: Carrier) -> Iterator[Carrier]:
    """The same; its containers are removed after the test."""
    yield carrier_with_images
    carrier_with_images.clean()


@pytest.fixture
def site(real_engine: PrivateEngine, tmp_path: Path) -> Iterator[Site]:
    """A tag that moved on each real engine in turn; its containers are removed after the test."""
    found = Site(real_engine, tmp_path, f"site-{next(_NUMBERS)}")
    yield found
    found.clean()
    found.engine.close()


@pytest.fixture
def gate(real_engine: PrivateEngine, tmp_path: Path) -> Iterator[Gate]:
    """An address of the engine where something can happen in the middle."""
    with Gate(tmp_path, real_engine.host) as found:
        yield found


@pytest.fixture(scope="session")
def faulty_registry(real_registry: Registry) -> Iterator[FaultyRegistry]:
    """The registry, by an address where it can break off in the middle."""
    with FaultyRegistry(real_registry.address) as faulty:
        yield faulty


@pytest.fixture
def source(
    request: pytest.FixtureRequest, hands: Hands, registry: Registry | None, name: str
) -> Iterator[Source]:
    """A repository that no other test uses, which the engine pulls from."""
    faulty = request.getfixturevalue("faulty_registry") if registry else None
    found = Source(hands, registry, faulty, name)
    yield found
    found.repair()
    found.clean()


def archive(tag: str, *texts: str, config: dict[str, object] | None = None) -> ArchiveImage:
    """An image with a layer for each text."""
    layers = [layer({f"file-{number}": text.encode()}) for number, text in enumerate(texts)]
    return ArchiveImage([tag], layers, config or {})


def listed(hands: Hands) -> dict[str, Image]:
    """The whole list by ID; of an image that arrives in two parts, both parts' names."""
    found: dict[str, Image] = {}
    for image in (image for part in hands.engine.list_images() for image in part.images):
        known = found.get(image.id, image)
        found[image.id] = replace(
            image,
            tags=tuple(dict.fromkeys((*known.tags, *image.tags))),
            repo_digests=tuple(dict.fromkeys((*known.repo_digests, *image.repo_digests))),
        )
    return found
