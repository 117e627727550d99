"""A short run of the fuzzer; the long one is `python -m tests.dicom.fuzz`."""

from tests.dicom.fuzz import fuzz


def test_no_mutated_file_crashes_or_hangs_a_reader() -> None:
    """Thousands of broken files: facts or a typed error each, and no reader takes seconds."""
    outcome = fuzz(inputs=4000, seed=20260102)
    assert outcome.failures == []
    assert outcome.ends["header facts"] > 100
    assert outcome.ends["directory facts"] > 100
