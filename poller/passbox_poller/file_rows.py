"""A file's row in the ledger and what it says, there and back."""

from typing import Any

from passbox_poller.verdict import CountedFile, Result
from passbox_wire.ids import TransferId
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult


def file_row(transfer: TransferId, result: Result) -> dict[str, Any]:
    """Return the row of a result that no verdict has counted yet."""
    return {
        "transfer": transfer,
        "position": result.index,
        "result": result.result,
        "reason": result.reason,
        "sop_instance_uid": result.sop_instance_uid,
        "file_sha256": result.file_sha256,
        "data_set_sha256": result.data_set_sha256,
        "identity": result.identity,
        "judged": False,
        "counted": True,
        "kind": "",
        "part": 0,
        "study": None,
    }


def result_of(row: Any) -> Result:
    """Return the result of a row."""
    return Result(
        row.position,
        FileResult(row.result),
        row.reason,
        row.sop_instance_uid,
        row.file_sha256,
        row.data_set_sha256,
        row.identity,
    )


def counted_of(row: Any) -> CountedFile:
    """Return a row that a verdict has counted."""
    return CountedFile(row.part, row.study, FileKind(row.kind), row.counted, result_of(row))
