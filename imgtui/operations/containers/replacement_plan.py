"""Works out what becomes of each container that is rolled back, and what has to be known before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from imgtui.engine.docker.connection import api_number
from imgtui.engine.port.containers import Document
from imgtui.engine.port.engine import Engine
from imgtui.engine.wire.facts import config_of, read_facts
from imgtui.engine.wire.translate import created_from, mapping
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.clone.clone import Carried, carried
from imgtui.model.clone.config import filled_in
from imgtui.model.clone.libpod import LibpodTold, told_before, told_by_podman
from imgtui.model.clone.podman import refuses_update
from imgtui.model.clone.restart import restart_flag
from imgtui.model.clone.shown_command import create_shown
from imgtui.model.containers.compose import (
    IMAGE_LABEL,
    Override,
    compose_notes,
    joining_notes,
    labels_on,
    noted,
    override,
    service_of,
)
from imgtui.model.containers.difference import difference
from imgtui.model.containers.managed import managed_by
from imgtui.model.containers.replacement import (
    NEW_SUFFIX,
    SPARE_SUFFIX,
    Aside,
    Progress,
    Replacement,
    retired_name,
    settings_of,
)
from imgtui.model.containers.retired import configuration_of, made_whole
from imgtui.model.containers.rollback import elsewhere, repositories_of
from imgtui.model.containers.written import injected_words
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container, EngineInfo, Store
from imgtui.model.core.labels import CARRIED, CREATED_FROM, REPLACES
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import KeptBy
from imgtui.model.plans.plan import NotPossible, Plan, keeps_of, plan_keep, plan_pull, together
from imgtui.model.safety.mask import MASK
from imgtui.operations.containers.dependent_plan import gather
from imgtui.operations.containers.health import (
    UNHEALTHY,
    comes_back,
    health_of,
    health_seconds,
    restarts_of,
    said_by_check,
)
from imgtui.operations.containers.users import is_root, named_user
from imgtui.operations.containers.written_files import written_files
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import remembered

STOP_SECONDS: Final = 10
"""Seconds from a stop to the kill where nothing else is set (Docker and Podman)."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A container as the engine tells it now."""

    known: Container
    document: Document
    told: LibpodTold | None
    """What Podman tells more."""

    @property
    def host(self) -> Document:
        return mapping(self.document.get("HostConfig"))

    @property
    def labels(self) -> Document:
        return mapping(mapping(self.document.get("Config")).get("Labels"))


def _command(seen: _Seen, name: str, made: Carried) -> str:
    """What makes one like it, and connects it; one line each."""
    like, like_name = seen.document, seen.known.name
    return create_shown(name, made.body, made.networks, made.left, like=like, like_name=like_name)


class Planner:
    """Works out what becomes of each container; gathers what has to be known before."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        info: EngineInfo,
        catalog: Catalog,
        target: str,
        tag: str | None,
        *,
        anew: bool = False,
    ) -> None:
        """With `anew` the containers run that image already, and are to be recreated on it."""
        self._engine = engine
        self._is_anew = anew
        self._recorder = recorder
        self._info = info
        self._catalog = catalog
        self._target = target
        self._tag = tag
        self._here = engine.image(target) is not None
        self._new_config = engine.image_config(target) if self._here else self._remembered(target)
        self._repositories: dict[str, str | None] = {}
        """Of which repository each image that runs is, by the tag that its container was created from."""
        self._aside = False
        """Whether a container that is there already has the image: nothing has to be pulled."""
        self.changes: list[str] = []
        """What of their configuration is otherwise afterwards."""
        self.notes: list[str] = []
        self.risks: list[str] = []
        self.told: frozenset[str] = frozenset()
        """IDs of what shares a namespace with one that is replaced."""
        self.overrides: list[Override] = []
        """For each service of Compose, a file that pins it."""
        self._check_platform()

    def replacement(self, container_id: str, like: Mapping[str, object] | None = None) -> Replacement:
        """What is to be done to one container. Raises NotPossible.

        The new one is configured as it, or as one that ran the target before: `like` is what the journal has
        of that.
        """
        seen = self._see(container_id)
        old_config, gone = self._config_before(seen)
        whole = made_whole(like, seen.document, old_config, self._new_config) if like else None
        if whole is not None:
            self.notes.append(f"{seen.known.name} is configured as the one before was, by the journal")
            new = self._carried(replace(seen, document=whole), self._new_config, self._target, exact=True)
            new = replace(new, changes=self._difference(seen, whole))
        else:
            if like:
                self.risks.append(
                    f"{seen.known.name} is configured as the container in its place now: what is masked in"
                    " the journal of the one before is not known any more"
                )
            new = self._carried(seen, old_config, self._target)
        self.changes += [f"{seen.known.name}: {change}" for change in new.changes]
        self.notes += [f"{seen.known.name}: {note}" for note in new.notes]
        self.risks += [f"{seen.known.name} loses {lost}" for lost in new.lost]
        self.risks += [f"{seen.known.name} {risk}" for risk in new.risks]
        if self._tag is None and not like and not self._is_anew:
            places = repositories_of(self._catalog, seen.known.image_id)
            own = {self._repository_of(seen.known), *places}
            stranger = elsewhere(self._catalog, seen.known.name, own, self._target)
            self.risks += stranger.risks
            self.notes += stranger.notes
        command = _command(seen, seen.known.name + NEW_SUFFIX, new)
        plan = self._in_place_of(seen, old_config, gone=gone, like=whole)
        if plan.files:
            self.notes.append(f"{plan.name}: {injected_words(plan.files)}")
        return replace(
            plan,
            body=new.body,
            networks=new.networks,
            left=new.left,
            not_root=self._named_user(seen, new.user),
            health_seconds=health_seconds({"Healthcheck": new.health}),
            command=command,
        )

    def from_journal(self, done: Progress) -> Replacement:
        """What is to be done so that a container is made again that a roll back has replaced.

        Nothing has its place now. Raises NotPossible.
        """
        whole = made_whole(done.configuration, {}, image=self._new_config)
        if whole is None:
            raise NotPossible(
                f"{done.name} cannot be made again: values that look secret are masked in the journal, and"
                f" neither {done.retired} nor what had its place is there any more"
            )
        config = mapping(whole.get("Config"))
        before = mapping(config.get("Labels")).get(CREATED_FROM)
        known = Container(
            done.made or done.container_id,
            done.name,
            done.target,
            created_from(before) or created_from(config.get("Image")),
        )
        podman = self._info.store is Store.PODMAN
        seen = _Seen(known, whole, LibpodTold() if podman else None)
        new = self._carried(seen, self._new_config, self._target, exact=True)
        self.notes.append(f"{done.name} is configured as the journal has it")
        self.notes += [f"{done.name}: {note}" for note in new.notes]
        self.risks += [f"{done.name} loses {lost}" for lost in new.lost]
        if service_of(seen.labels) is not None:
            self.risks.append(
                f"{done.name} loses what Compose had put into it: configs and secrets of content"
            )
        if podman:
            self.risks.append(
                f"{done.name} loses what only the podman command told that made it: the journal has what"
                " Podman's Docker-compatible API tells"
            )
        plan = self.in_empty_place(done, None)
        command = _command(seen, done.name + NEW_SUFFIX, new)
        return replace(plan, body=new.body, networks=new.networks, left=new.left, command=command)

    def in_empty_place(self, done: Progress, aside: Aside | None) -> Replacement:
        """What is to be done so that a container has its place again, which nothing has now."""
        self._aside = aside is not None
        names = [known.name for known in self._catalog.containers.values()]
        fixed = self._info.store is Store.PODMAN and not self._info.changes_restart
        return Replacement(
            done.made or done.container_id,
            done.name,
            done.running,
            done.target,
            done.origin,
            done.restart,
            retired_name(done.name, done.target, names),
            {},
            fixed_restart=fixed,
            aside=aside,
            stopped=done.running,
            absent=True,
        )

    def with_dependents(
        self, plans: Sequence[Replacement], *, declined: bool = False
    ) -> tuple[Replacement, ...]:
        """The plans in their order, with those for what shares their namespaces. Raises NotPossible."""
        gathered = gather(self._engine, self._catalog, plans, self._anew, declined=declined)
        self.notes += gathered.notes
        self.risks += gathered.risks
        self.told = gathered.told
        return gathered.containers

    def _anew(self, container_id: str) -> Replacement:
        """What is to be done so that a container is recreated on the image it runs. Raises NotPossible."""
        known = self._catalog.containers[container_id]
        planner = Planner(
            self._engine, self._recorder, self._info, self._catalog, known.image_id, self._tag, anew=True
        )
        plan = planner.replacement(container_id)
        self.changes += planner.changes
        self.notes += planner.notes
        self.risks += planner.risks
        return plan

    def by(self, container_id: str, aside: Aside, *, runs: bool) -> Replacement:
        """What is to be done for a container that stands aside to take the place of one. Raises NotPossible.

        `runs` is whether it shall run, also where the other one has ended.
        """
        self._aside = True
        seen = self._see(container_id)
        old_config, gone = self._config_before(seen)
        plan = self._in_place_of(seen, old_config, gone=gone)
        stopped = runs and not plan.running
        before = self._engine.inspect_container(aside.container_id)
        if before is not None:
            self.changes += (f"{plan.name}: {change}" for change in self._difference(seen, before))
        health = health_seconds(mapping((before or {}).get("Config")))
        running = plan.running or runs
        return replace(plan, aside=aside, running=running, stopped=stopped, files=(), health_seconds=health)

    def _named_user(self, seen: _Seen, after: str) -> str:
        """The user of the new one, where that is a name and the old one does not run as root."""
        now = str(mapping(seen.document.get("Config")).get("User") or "")
        name = named_user(after)
        return "" if not name or is_root(self._engine, seen.known.id, now) else name

    def _remembered(self, image_id: str) -> Document | None:
        """What an image that is not here gives to containers, as far as the state file has it."""
        document = remembered(self._recorder, self._info.store, image_id)
        return config_of(document) if document is not None else None

    def _difference(self, seen: _Seen, after: Document) -> tuple[str, ...]:
        """What is otherwise when a container configured as `after` takes its place."""
        api = api_number(self._info.api_version)
        return difference(seen.document, after, api, podman=self._info.store is Store.PODMAN)

    def _config_before(self, seen: _Seen) -> tuple[Document | None, bool]:
        """What the image of a container gave to it, as far as is known; whether that image is gone."""
        found = self._engine.image_config(seen.known.image_id)
        return (self._config_of_gone(seen), True) if found is None else (found, False)

    def _in_place_of(
        self, seen: _Seen, old_config: Document | None, *, gone: bool, like: Document | None = None
    ) -> Replacement:
        """What becomes of the container that is there; what takes its place may be `like` another one."""
        known = seen.known
        self._repositories[known.image_id] = self._repository_of(known)
        goes = seen.host.get("AutoRemove") is True and known.running
        if goes and gone:
            raise NotPossible(
                f"{known.name} goes when it is stopped (--rm), and {short(known.image_id)} is gone:"
                " it could not be put back"
            )
        spare = self._carried(seen, old_config, known.image_id) if goes else None
        retired = retired_name(
            known.name, known.image_id, [other.name for other in self._catalog.containers.values()]
        )
        discards = service_of(seen.labels) is not None
        files = written_files(self._engine, known, seen.document, None if discards else retired)
        self.risks += files.risks
        if not discards:
            self._note_restart(seen, retired)
        self._note_compose(seen, seen if like is None else replace(seen, document=like))
        patience = mapping(seen.document.get("Config")).get("StopTimeout")
        return Replacement(
            known.id,
            known.name,
            known.running or comes_back(self._engine, seen.document),
            known.image_id,
            self._target,
            mapping(seen.host.get("RestartPolicy")),
            retired,
            {},
            spare=spare.body if spare is not None else None,
            left=spare.left if spare is not None else (),
            spare_networks=spare.networks if spare is not None else {},
            spare_command=_command(seen, known.name + SPARE_SUFFIX, spare) if spare is not None else "",
            settings=settings_of(seen.document),
            fixed_restart=self._keeps_restart(seen),
            discards=discards,
            restarts=restarts_of(seen.document),
            ill=self._is_ill(seen),
            files=files.copied,
            stop_seconds=patience if isinstance(patience, int) else STOP_SECONDS,
            configuration=configuration_of(seen.document),
        )

    def keeping(self, containers: Sequence[Replacement], now: int) -> Plan | None:
        """Keeps of what runs now, and the pull of what is not here; None for nothing. Raises NotPossible."""
        plans = [] if self._here or self._aside else [self._pull()]
        for image_id in dict.fromkeys(each.origin for each in containers if each.origin != each.target):
            image = self._catalog.images.get(image_id)
            if image is None:
                self.notes.append(
                    f"{short(image_id)} is gone from the engine: only the container before can run it again"
                )
            elif not keeps_of(image):
                place = self._repositories.get(image_id)
                plans.append(plan_keep(self._catalog, image_id, place, now, by=KeptBy.ROLLBACK))
        return together(f"keep what runs before {short(self._target)}", plans) if plans else None

    def _config_of_gone(self, seen: _Seen) -> Document | None:
        """What an image that is gone gave to its containers, as the state file has it."""
        known = seen.known
        document = remembered(self._recorder, self._info.store, known.image_id)
        if document is None:
            return None
        note = f"{known.name}: what {short(known.image_id)} gave to it is known from the state file"
        masked = ", but for values that look secret: those in labels and commands stay"
        self.notes.append(note + (masked if MASK in document else ""))
        config = config_of(document)
        own = mapping(seen.document.get("Config"))
        return config and filled_in(config, own, ordered=self._info.store is not Store.PODMAN)

    def _pull(self) -> Plan:
        repository = next(filter(None, self._repositories.values()), None)
        return plan_pull(self._catalog, self._target, repository=repository)

    def _see(self, container_id: str) -> _Seen:
        found = self._engine.containers([container_id])
        document = self._engine.inspect_container(container_id)
        if not found or document is None:
            raise NotPossible("this container is gone by now")
        (known,) = found
        if known.image_id == self._target and not self._is_anew:
            raise NotPossible(f"{known.name} runs {short(self._target)} already")
        if known.state in {"paused", "removing", "dead"}:
            raise NotPossible(
                f"{known.name} is {known.state}: only one that runs or is stopped is rolled back"
            )
        told = None
        if self._info.store is Store.PODMAN:
            told = told_by_podman(self._engine.podman_document(known.id))
            if told.notes and known.replaces is not None:
                labels = mapping(mapping(document.get("Config")).get("Labels"))
                told = told_before(str(labels.get(CARRIED) or "")) or told
            if told.pod:
                raise NotPossible(
                    f"{known.name} is a member of a pod of Podman: podman kube play recreates that"
                )
        seen = _Seen(known, document, told)
        if manager := managed_by(seen.labels, self._pinned(self._repository_of(known)) or self._target):
            raise NotPossible(f"{known.name}: {manager}")
        for suffix in (NEW_SUFFIX, SPARE_SUFFIX):
            if self._engine.inspect_container(known.name + suffix) is not None:
                raise NotPossible(
                    f"{known.name}{suffix} is there: a roll back of {known.name} is not finished: take it up"
                    f" first (!, --unfinished); was it given up, then docker rm -f {known.name}{suffix}"
                )
        return seen

    def _pinned(self, repository: str | None) -> str | None:
        """The target's repo digest in a repository."""
        image = self._catalog.images.get(self._target)
        digests = image.repo_digests if image is not None else ()
        return next((name for name in digests if repository_of(name) == repository), None)

    def _carried(
        self, seen: _Seen, old_config: Document | None, image: str, *, exact: bool = False
    ) -> Carried:
        """With `exact` Compose's labels stay as they are, as for one that ran this image before."""
        labels = {REPLACES: seen.known.id}
        if seen.known.created_from is not None:
            labels[CREATED_FROM] = seen.known.created_from
        if image != seen.known.image_id and not exact:
            points_at = self._points_at(seen.known)
            labels |= labels_on(seen.labels, points_at, self._manifest_of(points_at))
        if seen.told is not None and (before := seen.told.to_label()):
            labels[CARRIED] = before
        return carried(
            seen.document,
            old_config,
            image=image,
            new_image=old_config if image == seen.known.image_id else self._new_config,
            labels=labels,
            api=api_number(self._info.api_version),
            store=self._info.store,
            told=seen.told,
        )

    def _is_ill(self, seen: _Seen) -> bool:
        """Whether its health check fails, which is said then."""
        ill = health_of(seen.document) == UNHEALTHY
        if ill:
            self.notes.append(
                f"{seen.known.name}: its health check fails now{said_by_check(seen.document)}: where that of"
                " the new one fails too, that is no reason to put it back"
            )
        return ill

    def _keeps_restart(self, seen: _Seen) -> bool:
        """Whether the engine cannot take its restart policy from it, nor give the new one another."""
        if self._info.store is not Store.PODMAN:
            return False
        return not self._info.changes_restart or refuses_update(seen.document)

    def _note_restart(self, seen: _Seen, retired: str) -> None:
        """podman-restart.service starts all that have this policy with the machine (podman-run(1))."""
        policy = restart_flag(mapping(seen.host.get("RestartPolicy")))
        if self._keeps_restart(seen) and policy == "always":
            self.notes.append(
                f"{retired} keeps the restart policy always, which Podman cannot take from it:"
                " remove it before the machine is started again, or podman-restart starts both"
            )

    def _note_compose(self, seen: _Seen, like: _Seen) -> None:
        """What Compose does next, and what would keep it from that; the new one is made `like` this."""
        known = seen.known
        if self._is_anew:
            self.notes += joining_notes(seen.labels, known.name, known.created_from)
            return
        points_at = self._points_at(known)
        now = noted(seen.labels, points_at, self._manifest_of(points_at)) if points_at else None
        self.notes += compose_notes(
            seen.labels,
            known.name,
            self._target,
            reference=known.created_from,
            points_at=points_at,
            outdated=like is not seen and like.labels.get(IMAGE_LABEL) != now,
        )
        service = service_of(seen.labels)
        if service is None:
            return
        pinned = self._pinned(self._repositories[known.image_id])
        replicas = [
            other
            for other in self._catalog.containers.values()
            if (other.compose_project, other.compose_service) == (service.project, service.name)
            and not self._catalog.is_spare(other)
        ]
        with suppress(NotPossible):  # then there is no file to offer
            made = override(seen.labels, self._target, repo_digest=pinned, containers=len(replicas))
            if made not in self.overrides:
                self.overrides.append(made)

    def _points_at(self, container: Container) -> str | None:
        """Where its tag points when all is done."""
        tag = container.created_from
        return self._target if tag == self._tag and tag is not None else self._catalog.tags.get(tag or "")

    def _manifest_of(self, image_id: str | None) -> str | None:
        """The platform manifest of an image, on the containerd store."""
        image = self._catalog.images.get(image_id or "")
        return image.manifest if image is not None and self._info.store is Store.CONTAINERD else None

    def _repository_of(self, container: Container) -> str | None:
        image = self._catalog.images.get(container.image_id)
        names = (*image.tags, *image.repo_digests) if image is not None else ()
        places = (repository_of(name) for name in (container.created_from, *names) if name is not None)
        return next((place for place in places if place), None)

    def _check_platform(self) -> None:
        """Whether the image is for this engine. What it can emulate is not known: a risk, no refusal."""
        document = self._engine.document(self._target) if self._here else None
        if document is None:
            return
        platform = read_facts(document).platform
        here = f"linux/{self._info.architecture}"
        if platform and self._info.architecture and not platform.startswith(here):
            self.risks.append(f"{short(self._target)} is for {platform}, this engine is {here}")
