"""Removals, done: each image is looked at once more right before it goes, and after it that it is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, raise_if_lost
from imgtui.model.acts.begun import Begun
from imgtui.model.acts.changes import RemovedForGood
from imgtui.model.core.digest import short
from imgtui.model.core.reference import repository_of
from imgtui.model.removal.build_cache import CacheRemoval
from imgtui.model.removal.bytes import Freed
from imgtui.model.removal.plan import Doomed, Removal, needed_by
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.acts import PlanOutdated
from imgtui.operations.acts.names import Names
from imgtui.operations.protocol.cancellation import Tell
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import Remembering
from imgtui.store.tag_log import Recorded
from imgtui.words import at_least, plural, size


@dataclass(frozen=True, slots=True)
class Stayed:
    """An image that was to go, and did not."""

    image_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of a removal."""

    removal: Removal
    gone: tuple[str, ...]
    """Image IDs, intermediate ones too."""
    stayed: tuple[Stayed, ...] = ()
    stopped: bool = False
    """Whether somebody stopped it before its end."""
    moves: tuple[Move, ...] = ()
    """What it is in the tag log."""

    @property
    def whole(self) -> bool:
        """Whether all was done as planned."""
        return not self.stayed and not self.stopped

    @property
    def freed(self) -> Freed:
        """The bytes that are free now."""
        return self.removal.freed_by(self.gone)

    @property
    def words(self) -> str:
        """One line."""
        versions = [image for image in self.removal.versions if image.image_id in self.gone]
        told = f"{plural(len(versions), 'version')} removed, {at_least(*self.freed)} freed"
        if self.stopped:
            told = f"stopped by hand: {told}"
        if self.stayed:
            first = self.stayed[0]
            more = f", and {len(self.stayed) - 1} more stayed" if len(self.stayed) > 1 else ""
            told += f"; {short(first.image_id)} stays: {first.reason}{more}"
        return told


class Removing:
    """Removes images from the engine that a recorder follows."""

    def __init__(
        self, engine: Engine, recorder: Recorder, moved: Callable[[tuple[Move, ...]], None] = lambda _: None
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._moved = moved
        self._names = Names(engine)

    def perform(
        self, removal: Removal, tell: Tell = lambda _: None, stop: threading.Event | None = None
    ) -> Removed:
        """Remove exactly these images, one after the other; one that cannot go keeps no other from it.

        Raises Unavailable: the act stays open then, and what it did is recorded when the engine is back.
        """
        if (info := self._recorder.info) is not None:
            doomed = [image.image_id for image in removal.versions]
            Remembering(self._engine, self._recorder, asks=True).save_these(info.store, doomed)
        with self._journal.at_work():
            return self._perform(removal, tell, stop)

    def _perform(self, removal: Removal, tell: Tell, stop: threading.Event | None) -> Removed:
        begun = Begun(removal=removal)
        number = self._journal.begin(removal.title, removal.commands, steps=removal.steps, begun_as=begun)
        gone: list[str] = []
        stayed: list[Stayed] = []
        stopped = False
        for place, image in enumerate(removal.images, 1):
            if stopped := stop is not None and stop.is_set():
                break
            tell(f"removing {short(image.image_id)}, {place} of {len(removal.images)}")
            try:
                self._remove(image)
            except EngineError as error:
                raise_if_lost(error)
                stayed.append(Stayed(image.image_id, str(error)))
            else:
                gone.append(image.image_id)
        names = tuple(step.reference for step in removal.steps)
        try:
            recorded = self._recorder.look_at(names)
            self._moved(recorded.moves)
        except EngineError as error:
            raise_if_lost(error)
            recorded = Recorded(unsettled=names)  # the next look records its moves
        done = Removed(removal, tuple(gone), tuple(stayed), stopped, recorded.moves)
        final = final_of(removal.part(gone))
        outcome = "done" if done.whole else done.words
        self._journal.end(number, outcome, progress=final, unrecorded=recorded.unsettled)
        return done

    def free_cache(self, removal: CacheRemoval) -> int:
        """Free the build cache; the bytes that the engine says it freed. Raises EngineError."""
        with self._journal.at_work():
            number = self._journal.begin(removal.title, removal.commands, begun_as=Begun())
            try:
                freed = self._engine.prune_build_cache()
            except EngineError as error:
                raise_if_lost(error)
                self._journal.end(number, f"failed: {error}")
                raise
            self._journal.end(number, f"done: {size(freed)} freed")
            return freed

    def _remove(self, image: Doomed) -> None:
        """Raises PlanOutdated where it is not as planned any more, EngineError where the engine refused.

        Then the image has the names again that it had.
        """
        if not image.intermediate:
            self._check(image)
        try:
            self._take_all(image)
        except EngineError as error:
            raise_if_lost(error)
            if self._engine.image(image.image_id) is None:
                return  # whatever was answered
            _, left = self._names.put_back(image.steps)
            if left:
                raise EngineError(f"{error}; {left}") from error
            raise

    def _take_all(self, image: Doomed) -> None:
        for name in image.names:
            self._take_name(image.image_id, name)
        self._take_last(image.image_id)
        if self._engine.image(image.image_id) is not None:
            raise EngineError("the engine took it, and still has it")

    def _check(self, image: Doomed) -> None:
        here = self._engine.image(image.image_id)
        if here is None:
            raise PlanOutdated("it was gone already")
        names = {*here.tags, *here.keeps}
        if names != set(image.names):
            new, lost = sorted(names - set(image.names)), sorted(set(image.names) - names)
            raise PlanOutdated(f"it {'got' if new else 'lost'} the name {(new or lost)[0]} meanwhile")
        users = [
            user
            for user in self._engine.containers()
            if user.image_id == image.image_id or {*user.mounts} & {image.image_id, *image.names}
        ]
        if users:
            raise PlanOutdated(f"container {needed_by(users)} needs it by now")

    def _take_name(self, image_id: str, name: str) -> None:
        found = self._engine.find_images([name])
        if not found or found[0].id != image_id:
            raise PlanOutdated(f"{name} points elsewhere by now")
        self._engine.untag(name)

    def _take_last(self, image_id: str) -> None:
        """Take away what was left without a tag: by its repo digests, else by its ID.

        With its last tag an image goes; Podman removes the intermediate images of a build with it (4.3).
        """
        left = self._engine.image(image_id)
        if left is None:
            return
        if names := (*left.tags, *left.keeps):
            raise PlanOutdated(f"it got the name {names[0]} meanwhile")
        for name in left.repo_digests if len(left.repo_digests) > 1 else ():
            self._engine.untag(name)
            if self._engine.image(image_id) is None:
                return
        self._engine.remove_image(image_id)


def final_of(removal: Removal) -> str | None:
    """What the journal tells of what is gone to who wants it undone.

    None where nothing is gone, and where the moves of its tags tell it.
    """
    if not removal.versions or any(image.tags for image in removal.versions):
        return None
    former = (repository_of(tag) for image in removal.versions for tag in image.former)
    places = tuple(dict.fromkeys(name for name in former if name))
    return RemovedForGood(0, 0, removal.title, places).to_json()
