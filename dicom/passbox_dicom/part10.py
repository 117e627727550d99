"""Any file we can read as a Part 10 file that is not deflated, so that pydicom reads it.

What is Part 10 and not deflated is handed back as it is. Others are made anew in memory, up to a
limit, with a file meta of our own (meta.py). Nothing is written.
"""

import io
import os
from dataclasses import replace
from typing import BinaryIO, Final

from passbox_dicom.form import Form, read_opening
from passbox_dicom.header import Header, read_header
from passbox_dicom.meta import file_meta
from passbox_dicom.sources import InflatingSource, ReadLimits
from passbox_dicom.uids import DEFLATED, EXPLICIT_LITTLE

MAX_REWRITTEN_BYTES: Final = 128 * 1024 * 1024


def as_part10(file: BinaryIO, header: Header) -> BinaryIO:
    """Return ``file`` from its first byte, or what it stands for.

    Raises:
        DicomError: it does not inflate, or to more than MAX_REWRITTEN_BYTES, or has no usable UIDs.

    """
    if header.form is Form.PART10 and header.transfer_syntax_uid != DEFLATED:
        file.seek(0)
        return file
    if header.transfer_syntax_uid == DEFLATED:
        limits = ReadLimits(max_inflated_bytes=MAX_REWRITTEN_BYTES)
        data_set = InflatingSource(file, header.data_set_offset, limits).rest()
        header = replace(header, transfer_syntax_uid=EXPLICIT_LITTLE)
    else:
        file.seek(header.data_set_offset)
        data_set = file.read(MAX_REWRITTEN_BYTES)
    return io.BytesIO(file_meta(header) + data_set)


def inflated(file: BinaryIO) -> BinaryIO:
    """Return a Part 10 file from its first byte, in memory when its data set is deflated.

    Raises:
        DicomError: see as_part10().

    """
    size = os.fstat(file.fileno()).st_size
    if read_opening(file, size).deflated:
        return as_part10(file, read_header(file, size))
    file.seek(0)
    return file
