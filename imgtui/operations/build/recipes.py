"""Finds how an image was built: what imgtui wrote down, build records, Compose files, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from imgtui.engine.port.engine import Engine
from imgtui.model.build.recipe import Clue, Origin, Recipe, recipe_of
from imgtui.model.build.sources import clue_of_compose, clue_of_labels, clue_of_record
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.compose import Service, service_of
from imgtui.model.core.image import Container
from imgtui.model.safety.json import mapping
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.recipes import Recipes

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RecipeRequest:
    """The version that is to be built anew. It need not be there any more."""

    image_id: str
    repository: str | None
    tags: tuple[str, ...] = ()
    """Tagged references that it has there."""
    former: tuple[str, ...] = ()
    """Those that it had."""


def find_recipe(engine: Engine, recorder: Recorder, catalog: Catalog, wanted: RecipeRequest) -> Recipe:
    """Ask every source in its order; takes seconds. Raises EngineError."""
    return recipe_of(_clues(engine, recorder, catalog, wanted))


def _clues(engine: Engine, recorder: Recorder, catalog: Catalog, wanted: RecipeRequest) -> Iterator[Clue]:
    yield Clue(Origin.VERSION, {"tags": wanted.tags})
    if written := _written_down(recorder, wanted):
        yield Clue(Origin.REBUILD, written)
    built = engine.build_records(wanted.image_id)
    if built.not_asked:
        yield Clue(Origin.RECORD, {}, (built.not_asked,))
    if built.record is not None:
        yield clue_of_record(built.record)
    if built.attested is not None:
        yield clue_of_record(built.attested, Origin.PROVENANCE)
    labels = mapping(mapping(engine.image_config(wanted.image_id)).get("Labels"))
    if service := _service(engine, catalog, wanted, labels):
        found = clue_of_compose(engine.compose_service(service), labels)
        if found is not None:
            yield found
    yield clue_of_labels(labels)
    yield Clue(Origin.VERSION, {"tags": wanted.former})


def _written_down(recorder: Recorder, wanted: RecipeRequest) -> Mapping[str, tuple[str, ...]]:
    state, key = recorder.state, recorder.key
    if state is None or key is None:
        return {}
    recipes = Recipes(state, key)
    tags = (*wanted.tags, *wanted.former)
    return recorder.guarded(lambda: recipes.find(wanted.repository, wanted.image_id, tags)) or {}


def _service(
    engine: Engine, catalog: Catalog, wanted: RecipeRequest, labels: Mapping[str, object]
) -> Service | None:
    """The service that builds it: containers say where the Compose files are, images only which service."""
    project, name = labels.get("com.docker.compose.project"), labels.get("com.docker.compose.service")
    for container in _candidates(catalog, wanted, project):
        found = engine.inspect_container(container.id)
        service = service_of(mapping(mapping(mapping(found).get("Config")).get("Labels")))
        if service is None or not service.files:
            continue
        if project is None or service.project != project:
            return service
        return Service(project, str(name or service.name), service.files, service.folder, service.env_files)
    return None


def _candidates(catalog: Catalog, wanted: RecipeRequest, project: object) -> Iterator[Container]:
    """Containers of Compose that may tell: of the image, made from its tags, or of the same project."""
    tags = {*wanted.tags, *wanted.former}
    managed = [each for each in catalog.containers.values() if each.compose_project]
    yield from (each for each in managed if each.image_id == wanted.image_id)
    yield from (each for each in managed if each.created_from in tags)
    yield from (each for each in managed if each.compose_project == project)
