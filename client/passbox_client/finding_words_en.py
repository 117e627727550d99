"""English words for what is odd on a medium; see finding_words.py."""

from typing import Final

from passbox_client.finding_words import Affected, Told

AFFECTED: Final = Affected("Concerned: {studies}.", "not named", "%Y-%m-%d", "and more")
_NEW_COPY: Final = "Ask for a new copy if these images are needed."

FINDINGS: Final = {
    "nothing_there": Told(
        "There is not a single file here.",
        "There is not a single file here.",
        "Choose the drive or folder with the images. If the disc is empty, ask for a new one.",
    ),
    "no_images": Told(
        "The file here is not a medical image.",
        "None of the {count} files here is a medical image.",
        "Choose the whole disc instead of one folder. If it holds only photos or documents, ask "
        "for the original images of the examination.",
    ),
    "medium_gone": Told(
        "The medium was taken out while it was being looked at. {count} file was seen until then; "
        "what comes after is unknown.",
        "The medium was taken out while it was being looked at. {count} files were seen until "
        "then; what comes after is unknown.",
        "Insert it again and look at it once more.",
    ),
    "too_many_files": Told(
        "There are more files than can be looked at. Only the first was taken.",
        "There are more files than can be looked at. Only the first {count} were taken.",
        "Choose the folder with the images instead of the whole drive.",
    ),
    "several_patients": Told(
        "There is {count} patient on this medium: {detail}.",
        "There are {count} patients on this medium: {detail}.",
        "Before sending, choose whose images are meant.",
    ),
    "perhaps_one_patient": Told(
        "Same name and birth date, but {count} number: {detail}.",
        "Same name and birth date, but {count} numbers: {detail}.",
        "It is probably one person. Tell the hospital if you know.",
    ),
    "one_id_several_names": Told(
        "One patient number stands for {count} different entry: {detail}.",
        "One patient number stands for {count} different entries: {detail}.",
        "Check whether all images belong to your patient.",
    ),
    "several_spellings": Told(
        "One patient is written in {count} way: {detail}.",
        "One patient is written in {count} ways: {detail}.",
    ),
    "name_is_a_guess": Told(
        "A name may not be shown as it is meant: {detail}.",
        "Names may not be shown as they are meant: {detail}.",
        "The images are sent unchanged. Compare the name with the order.",
    ),
    "study_of_several_patients": Told(
        "One examination carries {count} patient: {detail}.",
        "One examination carries {count} different patients: {detail}.",
        "Ask whoever made the disc whose examination it is.",
    ),
    "folder_missing": Told(
        "The disc's table of contents names {count} file in the folder {detail}. There is no such "
        "folder on the medium.",
        "The disc's table of contents names {count} files in the folder {detail}. There is no "
        "such folder on the medium.",
        "So every file was looked at by itself; what was found is listed above.",
    ),
    "listed_missing": Told(
        "{count} file is in the disc's table of contents but not on the medium.",
        "{count} files are in the disc's table of contents but not on the medium.",
        "If only a part of the disc was copied, choose the disc itself. Otherwise ask for a new "
        "one.",
    ),
    "listed_elsewhere": Told(
        "{count} image is in another place than the table of contents says. It was found.",
        "{count} images are in another place than the table of contents says. They were found; "
        "none of them is missing.",
    ),
    "listed_broken": Told(
        "{count} file is listed as an image but holds none: it is empty or overwritten.",
        "{count} files are listed as images but hold none: they are empty or overwritten.",
        _NEW_COPY,
    ),
    "listed_outside": Told(
        "The table of contents names {count} place outside the medium. Nothing was opened there.",
        "The table of contents names {count} places outside the medium. Nothing was opened there.",
        "This does not happen on a proper disc. Ask where this one comes from.",
    ),
    "other_patient_listed": Told(
        "By its content, {count} image belongs to another patient than the table of contents "
        "says: {detail}.",
        "By their content, {count} images belong to another patient than the table of contents "
        "says: {detail}.",
        "Before sending, check whose images they are.",
    ),
    "not_listed": Told(
        "{count} image is on the medium but not in its table of contents. It is sent, too.",
        "{count} images are on the medium but not in its table of contents. They are sent, too.",
    ),
    "directory_damaged": Told(
        "The table of contents is damaged. All files were looked at instead.",
        "{count} tables of contents are damaged. All files were looked at instead.",
    ),
    "unreadable": Told(
        "{count} file cannot be read. It is missing from the transfer.",
        "{count} files cannot be read. They are missing from the transfer.",
        "Clean the disc, try another drive, or ask for a new one.",
    ),
    "cut_short": Told(
        "{count} file is damaged: it ends in the middle. The hospital will probably not take it.",
        "{count} files are damaged: they end in the middle. The hospital will probably not take "
        "them.",
        _NEW_COPY,
    ),
    "hostile": Told(
        "{count} file could not be examined safely and is not sent.",
        "{count} files could not be examined safely and are not sent.",
        "This does not happen on a proper disc. Ask where this one comes from.",
    ),
    "too_deep": Told(
        "{count} folder is in too many other folders and was not looked at.",
        "{count} folders are in too many other folders and were not looked at.",
        "Look at these folders one by one.",
    ),
    "archive_refused": Told(
        "{count} packed file (ZIP or the like) cannot be opened here.",
        "{count} packed files (ZIP or the like) cannot be opened here.",
        "Unpack them into a folder and look at that.",
    ),
    "locked": Told(
        "{count} file is in a ZIP with a password.",
        "{count} files are in a ZIP with a password.",
        "Give the password (--password), or unpack the files first.",
    ),
    "links": Told(
        "{count} entry is not a file but a link or a device. It was not opened.",
        "{count} entries are not files but links or devices. They were not opened.",
    ),
    "duplicates": Told(
        "{count} file is the exact copy of another one. Each image is sent once.",
        "{count} files are exact copies of others. Each image is sent once.",
    ),
    "same_uid_other_bytes": Told(
        "{count} image carries the identity of another one and yet has another content.",
        "{count} images share identities but differ in content. All are sent.",
        "The hospital sees them side by side and decides; nothing is overwritten.",
    ),
    "series_gap": Told(
        "In one series the image number {detail} is missing.",
        "In one series {count} image numbers are missing: {detail}.",
        "Not every gap is a loss. Ask if the series has to be complete.",
    ),
    "without_header": Told(
        "{count} image lacks the usual file header. It was recognised and is sent as it is.",
        "{count} images lack the usual file header. They were recognised and are sent as they are.",
    ),
    "old_format": Told(
        "{count} image is in a format of the 1980s. It goes along, but an image archive cannot "
        "hold it.",
        "{count} images are in a format of the 1980s. They go along, but an image archive cannot "
        "hold them.",
    ),
    "without_uids": Told(
        "{count} file lacks what identifies an image. It goes along, but an image archive cannot "
        "hold it.",
        "{count} files lack what identifies an image. They go along, but an image archive cannot "
        "hold them.",
    ),
    "vendor_objects": Told(
        "{count} file is in a format of the device's maker. It is sent; not every image archive "
        "takes it.",
        "{count} files are in a format of the device's maker. They are sent; not every image "
        "archive takes them.",
    ),
    "named_as_image": Told(
        "{count} file is named like an image but is none.",
        "{count} files are named like images but are none.",
        "If an image is missing, ask for a new copy.",
    ),
    "documents": Told(
        "{count} document or photo is not an image of the examination. It can go along.",
        "{count} documents or photos are not images of the examination. They can go along.",
    ),
    "other_files": Told(
        "{count} other file is not a medical image and is not sent.",
        "{count} other files are not medical images and are not sent.",
    ),
}
