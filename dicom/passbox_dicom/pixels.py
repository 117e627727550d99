"""Where native pixel data lie and how a frame is laid out (PS3.5 section 8); reads no pixel."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """Uncompressed frames at ``offset``, ``length`` bytes, frame after frame without gaps.

    ``offset`` counts from the start of the file, or of the slice the layout was narrowed to.
    ``planar`` means all samples of one colour before the next (Planar Configuration 1).
    """

    offset: int
    length: int
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    frames: int
    planar: bool
    big_endian: bool = False

    @property
    def frame_bytes(self) -> int:
        """The bytes of one frame."""
        return self.rows * self.columns * self.samples * self.bits_allocated // 8

    def within(self, start: int, stop: int) -> "PixelLayout | None":
        """Return the whole frames inside bytes [start, stop) of the file, relative to ``start``.

        None when no frame is wholly inside.
        """
        size = self.frame_bytes
        first = max(0, -((self.offset - start) // size))
        last = min(self.frames, (stop - self.offset) // size)
        if last <= first:
            return None
        offset = self.offset + first * size - start
        return replace(self, offset=offset, length=(last - first) * size, frames=last - first)
