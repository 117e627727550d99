"""All discs: importing this module registers them."""

from tests.discs import damaged, good, hostile, not_dicom, people, tables
from tests.discs.making import MAKERS, Maker

__all__ = ["MAKERS", "Maker", "damaged", "good", "hostile", "not_dicom", "people", "tables"]
