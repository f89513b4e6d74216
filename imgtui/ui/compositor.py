"""What changed is sent from its first cell on.

Textual 8.2 sends a changed line from the left edge of its widget to the last cell that changed, whatever
the first one is ("TODO: crop to x extents" in `textual/_compositor.py`): an age at the end of a row cost the
whole row.
"""

from __future__ import annotations

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor


class ExactCompositor(Compositor):
    """A compositor whose partial updates are no wider than what changed."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What has to be painted; None where there is nothing."""
        update = super().render_partial_update()
        return update and _Exact(update.chops, update.spans, update.chop_ends)


class _Exact(ChopsUpdate):
    """The spans of lines that changed, cell for cell."""

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        sent: list[str] = []
        for y, first, last in self.spans:
            for end, (start, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(first, start), min(last, end)
                if strip is not None and left < right:
                    sent.append(f"\x1b[{y + 1};{left + 1}H")
                    sent.append(strip.crop(left - start, right - start).render(console))
        return "".join(sent)
