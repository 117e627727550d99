"""English words for every code; see sentences.py."""

from typing import Final

from passbox_client.answer_words_en import ANSWERS

ERRORS: Final = {
    # A person has to choose
    "several_patients": (
        "There are {count} patients on this medium: {patients}.",
        "Choose whose images to send: one patient (--patient ID) or all of them (--all-patients).",
    ),
    "unknown_patient": (
        "The medium has no patient with the ID {patient}.",
        "Check the ID, or look at what is on the medium first.",
    ),
    "unknown_destination_name": (
        "The hospital's profile has no such destination. Known: {known}.",
        "Choose one of these.",
    ),
    "wrong_department": (
        "The hospital has no department called {department}. Known: {known}.",
        "Choose one of these, or leave the department out.",
    ),
    "wrong_recipient": (
        "{recipient} is not an address at this hospital. Allowed: {known}.",
        "Check the address, or leave it out: the images arrive without it, too.",
    ),
    "wrong_code": (
        "This is not a receipt code: it has a typing mistake.",
        "Compare it with your print-out letter by letter.",
    ),
    "nothing_to_resume": (
        "There is no unfinished transfer of exactly these files to this hospital.",
        "Send it as a new transfer: nothing arrives twice.",
    ),
    # The medium
    "medium_missing": (
        "There is nothing at this place.",
        "Check the drive or folder; insert the disc again.",
    ),
    "medium_empty": ("The folder or disc is empty.", "Choose the one with the images."),
    "medium_without_images": (
        "None of the {count} files here is a medical image.",
        "Choose the whole disc or the folder with the images.",
    ),
    "only_documents": (
        "There is no medical image here, only documents or pictures: {count}.",
        "Choose the whole disc; or say that just these are to be sent (--documents).",
    ),
    "medium_unreadable": (
        "The disc or stick cannot be read.",
        "Clean the disc, try another drive, or ask for a new copy.",
    ),
    "medium_gone": (
        "The disc or stick was taken out while it was being read.",
        "Put it in again and go on: what has arrived is kept.",
    ),
    "medium_changed": (
        "This is not the disc or stick of before, or its files have changed.",
        "Put in the right one, or look at this one from the start.",
    ),
    "medium_wanted": (
        "Disc {number} of this transfer has not been sent to its end.",
        "Insert it again and go on (--resume): what has arrived is kept.",
    ),
    "medium_twice": (
        "This disc or folder is part of this transfer already.",
        "Put in the next disc, or choose another folder.",
    ),
    "other_patient": (
        "The next disc is of somebody else: {patients}.",
        "Send it by itself; or say whose images go along (--patient ID, --all-patients).",
    ),
    # This computer
    "state_full": (
        "This computer's disk is full: the transfer cannot be remembered on it any more.",
        (
            "Free some space, then continue the transfer; what has arrived is kept and is not "
            "sent again."
        ),
    ),
    "state_failed": (
        "The folder in which transfers are remembered cannot be written.",
        (
            "Check its disk and that you may write there, then continue the transfer; what has "
            "arrived is kept (--state names another folder)."
        ),
    ),
    # The hospital's address card
    "profile_missing": (
        "The hospital's address file cannot be opened.",
        "Check where it is, or get it again from the hospital.",
    ),
    "profile_damaged": (
        "The hospital's address file is damaged.",
        "Get it again from the hospital.",
    ),
    "profile_unsigned": (
        "This is not a signed address file of a hospital.",
        "Get the file ending in .passbox from the hospital.",
    ),
    "profile_altered": (
        "The hospital's address file was changed after the hospital signed it.",
        "Do not use it. Get it again from the hospital and tell them.",
    ),
    "profile_expired": (
        "The hospital's address file has expired.",
        "Check this computer's date; if it is right, get a new file from the hospital.",
    ),
    "profile_too_few_pins": (
        "The hospital's address file names fewer than two keys of its server.",
        "Tell the hospital; it must make the file again.",
    ),
    "profile_other_signer": (
        "This address file was signed by somebody else than the one before.",
        "Compare the fingerprint with the referral letter before you use it.",
    ),
    "profile_older_serial": (
        "This address file is older than the one already in use.",
        "Use the newer one.",
    ),
    # The line
    "no_connection": (
        "The hospital's server cannot be reached.",
        "Check the internet connection and try again; what has arrived is kept.",
    ),
    "proxy_address": (
        "The address of the proxy cannot be used.",
        "HOST:PORT is needed, for example proxy.practice.example:3128 (--proxy).",
    ),
    "proxy_dead": (
        "The proxy {proxy} does not answer; it is the way to the internet here.",
        (
            "Try again, and ask your IT support if it stays so. Another proxy or none: "
            "under Connection (--proxy)."
        ),
    ),
    "proxy_kind": (
        "This computer is set to the proxy {proxy}; Passbox cannot use its kind (SOCKS).",
        (
            "Without it the hospital cannot be reached. Ask your IT support for another proxy, "
            "and type it in under Connection (--proxy)."
        ),
    ),
    "proxy_login": (
        "The proxy {proxy} wants a login (407).",
        (
            "Ask your IT support to let the hospital's address pass without one, or type "
            "NAME:PASSWORD@HOST:PORT under Connection (--proxy)."
        ),
    ),
    "proxy_refused": (
        "The proxy {proxy} does not let through to the hospital.",
        "Ask your IT support to allow the hospital's address.",
    ),
    "wrong_pin": (
        "The server at the hospital's address does not have the hospital's key. Nothing was sent.",
        "Somebody in between reads along, or the address file is out of date. Ask the hospital.",
    ),
    "not_trusted": (
        "The server at the hospital's address could not prove who it is. Nothing was sent.",
        (
            "A firewall may be looking into the connection, or the computer's clock is wrong. "
            "Ask your IT support."
        ),
    ),
    "inspected": (
        (
            "A box on the way opens encrypted connections and reads along; "
            "its certificate is from {issuer}. Nothing was sent."
        ),
        (
            "Usually it is a firewall or a virus scanner. Ask your IT support to let the "
            "hospital's address pass unopened. If nobody knows of such a box, call the hospital."
        ),
    ),
    "odd_answer": (
        "Something between here and the hospital answers in its place.",
        "Check whether the network asks for a log-in, and try again.",
    ),
    "pack_lost": (
        "The hospital's server no longer has what it had confirmed.",
        "Send again from the start and tell the hospital.",
    ),
    # The receipt
    "receipt_forged": (
        "The receipt does not carry the hospital's signature and was not accepted.",
        "Ask the hospital by telephone whether the images have arrived.",
    ),
    "receipt_replayed": (
        "An old receipt was shown again and was not accepted.",
        "Try again later, or ask the hospital by telephone.",
    ),
    "receipt_of_another": (
        "The receipt belongs to another transfer and was not accepted.",
        "Ask the hospital by telephone whether the images have arrived.",
    ),
    "no_receipt_yet": (
        "The hospital has not yet signed for this transfer.",
        "Try again later with the receipt code.",
    ),
    "report_kind": (
        "A report is saved as a PDF or as JSON; {name} is neither.",
        "Give it a name that ends in .pdf or .json.",
    ),
    "report_place": (
        "There is no folder {folder} to save the report in.",
        "Choose another folder.",
    ),
    "report_failed": (
        "The report could not be saved.",
        "Check the folder and its free space; with the receipt code it can be made again.",
    ),
    # What the hospital's server answers
    **ANSWERS,
}

OUTCOMES: Final = {
    "complete": ("All images have arrived. The hospital has signed for it.", ""),
    "partial": (
        "The images have arrived, but not all of them.",
        "The list says which are missing and why. The hospital knows about it.",
    ),
    "refused": ("The hospital has not taken the images.", "The list says why. Please call."),
    "unconfirmed": (
        "Everything was handed over; the hospital has not yet signed for it.",
        "Look it up later with the receipt code.",
    ),
    "interrupted": (
        "The transfer was interrupted. What has arrived is kept.",
        "Go on later with the same medium (--resume).",
    ),
}

SKIPPED: Final = {
    "directory": "table of contents",
    "duplicate": "exact copy of another image",
    "unreadable": "cannot be read",
    "not_dicom": "not a medical image",
    "program": "part of a viewer program",
    "empty": "empty file",
    "link": "only a link to another place",
    "special": "not an ordinary file",
    "damaged": "damaged beyond recognition",
    "hostile": "cannot be examined safely",
    "archive_refused": "packed file that cannot be opened",
    "locked": "packed file with a password",
    "too_deep": "in too many folders within folders",
}

REASONS: Final = {
    # ours
    **SKIPPED,
    "changed": "changed while it was being sent",
    "skipped": "not sent",
    "not finished": "not yet sent",
    # the inside's
    "pieces contradict each other": "arrived in pieces that contradict each other",
    "larger than claimed": "larger than announced",
    "in too many pieces": "arrived in too many pieces",
    "does not decode": "arrived damaged",
    "digest wrong": "arrived other than it was sent",
    "not DICOM": "not a medical image",
    "truncated": "ends in the middle",
    "malformed": "damaged",
    "over a reading limit": "could not be examined safely",
    "no instance a PACS can store": "an image archive cannot hold it",
    "took too long to check": "took too long to examine",
    "took too much memory to check": "too large to examine",
    "the check broke": "could not be examined",
    "the store refused it": "the hospital's store did not take it",
    "its transfer was deleted": "the hospital had deleted the transfer",
    "its transfer was never finished": "the transfer was never finished",
    "never came": "did not arrive",
    "missing": "did not arrive",
    "not yet here": "not yet arrived",
    "refused": "not taken by the hospital",
    "not in the manifest": "not in the closing list",
    "kind of image not allowed here": "the hospital does not take this kind of image",
    "kind of file not allowed here": "the hospital does not take this kind of file",
    "a program": "a program",
    "found by the virus scanner": "the hospital's virus scanner found something",
    "too large for the virus scanner": "too large for the hospital's virus scanner",
    "program in the preamble removed": "a program in front of it was removed",
    "released from quarantine": "taken by the hospital afterwards",
    "patient name differs inside the study": "different patient names within the study",
    "patient ID differs inside the study": "different patient IDs within the study",
    "birth date differs inside the study": "different birth dates within the study",
    "study date differs inside the study": "different study dates within the study",
}

RESULTS: Final = {
    "delivered": "arrived",
    "kept": "arrived, kept as a document",
    "refused": "not taken",
    "missing": "did not arrive",
    "not sent": "not sent",
}

DELIVERIES: Final = {
    "arriving": "The hospital is still checking.",
    "complete": "All images have arrived at the hospital and were checked.",
    "partial": "Some of the images have arrived at the hospital; what is missing is listed.",
    "refused": "The hospital has not accepted the transfer.",
    "abandoned": "The transfer was never finished.",
    "withdrawn": "The transfer was withdrawn.",
}

FORWARDS: Final = {
    "staged": "",
    "visible": "The hospital can look at them.",
    "forwarding": "The hospital is moving them into its image archive.",
    "in PACS": "They are in the hospital's image archive.",
    "failed": "Moving them into the image archive has not worked yet.",
    "refused": "The hospital has looked at them and not kept them.",
}

IN_PACS_PARTLY: Final = "{in_pacs} of {delivered} are in the hospital's image archive."

AS_OF: Final = "As of {time}."

UNKNOWN_ERROR: Final = (
    "Something unexpected happened.",
    "Try again; if it stays, give the hospital this code.",
)
UNKNOWN_REASON: Final = "{reason}"
HOSPITAL_SAYS: Final = "The hospital writes: {text}"
