import hashlib
import io
import json
import tarfile

from tests.bench.population import REPOSITORIES, archive, population, repository


def test_a_population_has_the_asked_number_of_different_images_in_twenty_repositories() -> None:
    images = [image for repository in population(60) for image in repository]
    assert len({image.config for image in images}) == 60
    assert len({image.repository for image in images}) == len(REPOSITORIES) == 20


def test_an_archive_is_the_same_every_time_and_its_layers_have_the_known_digests_and_sizes() -> None:
    images = repository(3, 4)
    assert archive(images) == archive(repository(3, 4))
    with tarfile.open(fileobj=io.BytesIO(archive(images))) as tar:
        files = {member.name: tar.extractfile(member) for member in tar}
        content = {name: file.read() for name, file in files.items() if file is not None}
    manifest = json.loads(content["manifest.json"])
    assert [entry["RepoTags"] for entry in manifest][-1] == ["bench/broker:1.3", "bench/broker:latest"]
    for image, entry in zip(images, manifest, strict=True):
        layers = [content[name] for name in entry["Layers"]]
        diff_ids = json.loads(content[entry["Config"]])["rootfs"]["diff_ids"]
        assert diff_ids == [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
        assert image.size == sum(_file_bytes(layer) for layer in layers)


def _file_bytes(layer: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        return sum(member.size for member in tar)
