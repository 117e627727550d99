"""Named windows for a series: those of CT, else steps from the image's own. Pure."""

from dataclasses import dataclass
from typing import Final

from passbox_viewer.previews import Window
from passbox_viewer.study import Series


@dataclass(frozen=True, slots=True)
class Preset:
    """A named window."""

    name: str
    window: Window


CT_PRESETS: Final = (
    Preset("soft", Window(40.0, 400.0)),
    Preset("lung", Window(-600.0, 1500.0)),
    Preset("bone", Window(500.0, 2000.0)),
    Preset("brain", Window(40.0, 80.0)),
)
"""In Hounsfield units."""


def presets_of(series: Series | None, own: Window | None) -> tuple[Preset, ...]:
    """Return the named windows of CT; elsewhere units mean nothing: steps from the image's own."""
    if series is None or own is None:
        return ()
    if series.modality == "CT":
        return CT_PRESETS
    return (
        Preset("brighter", Window(own.center - own.width / 4, own.width)),
        Preset("darker", Window(own.center + own.width / 4, own.width)),
        Preset("harder", Window(own.center, own.width / 2)),
        Preset("softer", Window(own.center, own.width * 2)),
    )
