"""What BuildKit attests of a build: SLSA provenance 0.2 (and 1), as an in-toto statement or alone.

Beside an image BuildKit puts little of it (`mode=min`): no build arguments, no secrets. What its history
keeps has them all: the IDs of secrets, never their values; the values of build arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from imgtui.engine.wire.answers import NAME_LIMIT
from imgtui.engine.wire.translate import familiar_tag, items, mapping, text
from imgtui.model.core.digest import is_digest
from imgtui.model.taglog.traces import BuildRecord

MOST: Final = 500
"""Arguments, labels, secrets that are read of one build."""
_METADATA: Final = "https://mobyproject.org/buildkit@v1#metadata"


def read_provenance(raw: object, digest: str) -> BuildRecord | None:
    """Read a statement or its predicate; None for what says nothing of a BuildKit build.

    Secrets in build arguments, labels and addresses are masked. It does not say the folder of a context.
    """
    from imgtui.model.safety.secrets import mask_text, mask_value

    statement = mapping(raw)
    predicate = mapping(statement.get("predicate")) or statement
    request, source, platform = _request(predicate)
    arguments = mapping(request.get("args"))
    if not request and not source:
        return None
    vcs = _vcs(predicate)

    def named(prefix: str) -> tuple[tuple[str, str], ...]:
        pairs = ((text(key, 512), value) for key, value in list(arguments.items())[:MOST])
        found = ((key.removeprefix(prefix), text(value)) for key, value in pairs if key.startswith(prefix))
        return tuple((name, mask_value(name, value)) for name, value in found)

    secrets = (mapping(secret).get("id") for secret in items(request.get("secrets"))[:MOST])
    network = arguments.get("force-network-mode")
    return BuildRecord(
        ref="",
        digest=digest,
        completed=0,
        names=subjects(statement),
        context=mask_text(text(source.get("uri"))),
        dockerfile=text(arguments.get("filename")) or text(source.get("entryPoint") or source.get("path")),
        target=text(arguments.get("target"), NAME_LIMIT),
        platforms=_platforms(arguments.get("platform"), platform),
        arguments=named("build-arg:"),
        labels=named("label:"),
        repository=mask_text(text(vcs.get("source"))),
        revision=text(vcs.get("revision"), NAME_LIMIT),
        network=text(network, 64) if network in {"none", "host"} else "",
        secrets=tuple(text(secret, NAME_LIMIT) for secret in secrets if secret),
    )


def statement_beside(image_id: str, blob: Callable[[str], object]) -> Mapping[str, object]:
    """The statement of provenance beside an image: index, attestation manifest, statement; empty without one.

    `blob` gives the JSON of a blob, by digest; what it does not have is None.
    """
    index = mapping(blob(image_id))
    seen: set[str] = set()
    for manifest in map(mapping, items(index.get("manifests"))):
        kind = mapping(manifest.get("annotations")).get("vnd.docker.reference.type")
        below = manifest.get("digest")
        if (
            kind != "attestation-manifest"
            or not isinstance(below, str)
            or not is_digest(below)
            or below in seen
        ):
            continue
        seen.add(below)
        for layer in map(mapping, items(mapping(blob(below)).get("layers"))):
            digest = layer.get("digest")
            if not isinstance(digest, str) or not is_digest(digest) or digest in seen:
                continue
            seen.add(digest)
            statement = mapping(blob(digest))
            if statement.get("subject"):
                return statement
    return {}


def subjects(statement: Mapping[str, object]) -> tuple[str, ...]:
    """`pkg:docker/shop/web@1?platform=linux%2Famd64` (BuildKit `util/purl`) to `shop/web:1`."""
    names: dict[str, None] = {}
    for subject in map(mapping, items(statement.get("subject"))):
        kind, _, rest = str(subject.get("name")).partition("/")
        name, at, version = rest.partition("?")[0].rpartition("@")
        tag = familiar_tag(unquote(f"{name}:{version}")) if kind == "pkg:docker" and at and version else None
        if tag:
            names[tag] = None
    return tuple(names)


def _request(
    predicate: Mapping[str, object],
) -> tuple[Mapping[str, object], Mapping[str, object], object]:
    """Parameters, source and platform: `invocation` of version 0.2, `buildDefinition` of version 1."""
    invocation = mapping(predicate.get("invocation"))
    definition = mapping(predicate.get("buildDefinition"))
    external = mapping(definition.get("externalParameters"))
    parameters = mapping(invocation.get("parameters")) or mapping(external.get("request"))
    source = mapping(invocation.get("configSource")) or mapping(external.get("configSource"))
    return parameters, source, mapping(invocation.get("environment")).get("platform")


def _vcs(predicate: Mapping[str, object]) -> Mapping[str, object]:
    run = mapping(mapping(predicate.get("runDetails")).get("metadata"))
    found: Iterator[Mapping[str, object]] = (
        mapping(mapping(holder).get("vcs"))
        for holder in (
            mapping(predicate.get("metadata")).get(_METADATA),
            run.get("buildkit_metadata"),
            run.get(_METADATA),
        )
    )
    return next(filter(None, found), {})


def _platforms(asked: object, built_on: object) -> tuple[str, ...]:
    """Those that were asked for; without that the builder's own, which needs no saying."""
    wanted = text(asked, 256)
    return tuple(filter(None, wanted.split(","))) if wanted and asked != built_on else ()
