"""Everything that touches hostile DICOM: bounded reading, codecs, killable worker, previews."""
