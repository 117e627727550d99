"""What choosing a codec while sending costs against each single codec, in the same run."""

import os
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from passbox_client.coding import CodecChoice
from tests.bench import results

_SINGLE: Final = (CodecChoice.STORED, CodecChoice.ZSTD, CodecChoice.JPEGLS)


def single() -> Sequence[CodecChoice]:
    """Return the codecs to compare with; none with PASSBOX_BENCH_CODECS=0."""
    return () if os.environ.get("PASSBOX_BENCH_CODECS", "1") == "0" else _SINGLE


def against(chosen: Sequence[float], alone: Mapping[CodecChoice, Sequence[float]]) -> str:
    """Return a paragraph: the choice's median of seconds over the best single codec's."""
    if not alone:
        return ""
    best = min(alone, key=lambda codec: statistics.median(alone[codec]))
    return (
        f"Chosen codecs against the best single one ({best}): "
        f"{results.ratio(chosen, alone[best])} of its time. Must reach: at most 1.10.\n\n"
    )
