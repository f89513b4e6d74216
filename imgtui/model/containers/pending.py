"""A roll back that was interrupted: what was begun, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from imgtui.model.containers.replacement import Journey, Progress, Stage
from imgtui.model.core.digest import short


@dataclass(frozen=True, slots=True)
class Pending:
    """A roll back that was interrupted, and what is to be done about it."""

    number: int
    act: str
    """The title of what was interrupted."""
    begun: int
    """Nanoseconds since the epoch."""
    journey: Journey

    @property
    def title(self) -> str:
        """What is done about it, in one line."""
        return f"{'finish' if self.journey.ready else 'put back'} what was interrupted: {self.act}"

    @property
    def words(self) -> str:
        """One line for people."""
        names = ", ".join(progress.name for progress in self.journey.containers)
        way = "be finished" if self.journey.ready else "put everything back as it was"
        return f"{self.act}: interrupted; it can {way} ({names})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known before."""
        if self.journey.ready:
            return ("all new containers were well: what is left to do is done now",)
        return ("what it has done is put back; imgtui rollback --give-up leaves all as it is",)

    @property
    def risks(self) -> tuple[str, ...]:
        """What goes with the containers that it has made."""
        if self.journey.ready:
            return ()
        return tuple(
            f"{each.name} loses what it has written outside of volumes since {short(each.target)} started"
            for each in self.journey.containers
            if each.running and each.made and not each.aside and each.stage not in {Stage.MAKE, Stage.STOP}
        )

    @property
    def steps(self) -> tuple[str, ...]:
        """What will be done to each container."""
        return tuple(map(self._step, self.journey.containers))

    @property
    def commands(self) -> tuple[str, ...]:
        """None: what has to be done depends on what is there by then."""
        return ()

    def _step(self, each: Progress) -> str:
        if self.journey.ready:
            return f"{each.name}  {short(each.target)}  has its name and its tag"
        made = f"{short(each.target)} is {'stopped' if each.aside else 'removed'}, " if each.made else ""
        before = "is started again" if each.ran else "is as it was"
        return f"{each.name}  {made}{short(each.origin)} {before}"
