"""The account of a medium by study: what its table of contents claims and what is there. Pure.

For the people of an archive; the words for everybody else are in the findings.
"""

from dataclasses import dataclass

from passbox_client.found import AffectedStudy, Listing, ScanResult
from passbox_dicom.directory import Context


@dataclass(slots=True)
class StudyAccount:
    """Counts of files of one study.

    ``listed`` = listed and found + ``missing`` + listed and unreadable; ``elsewhere`` are those of
    the missing whose image was found under another name.
    """

    study: AffectedStudy
    found: int = 0
    listed: int = 0
    missing: int = 0
    elsewhere: int = 0
    unlisted: int = 0
    unreadable: int = 0


def by_study(result: ScanResult) -> list[StudyAccount]:
    """Return one account a study, those that only a table of contents knows last."""
    accounts: dict[str, StudyAccount] = {}
    for study in result.studies:
        patient = result.patients[study.patient]
        named = AffectedStudy(
            study.study_instance_uid, patient.name, study.study_date, study.description, 0
        )
        accounts.setdefault(study.study_instance_uid, StudyAccount(named))
    for file in result.found:
        account = accounts[result.studies[result.series[file.series].study].study_instance_uid]
        account.found += 1
        account.listed += file.listing is Listing.LISTED
        account.unlisted += file.listing is Listing.UNLISTED
    for lost in result.unreadable:
        if lost.claimed is not None:
            account = _of_claim(accounts, lost.claimed)
            account.listed += 1
            account.unreadable += 1
    for missing in result.missing:
        account = _of_claim(accounts, missing.claimed)
        account.listed += 1
        account.missing += 1
        account.elsewhere += missing.elsewhere is not None
    return list(accounts.values())


def _of_claim(accounts: dict[str, StudyAccount], claimed: Context) -> StudyAccount:
    uid = claimed.study_instance_uid or ""
    named = AffectedStudy(
        uid, claimed.patient.name, claimed.study_date, claimed.study_description, 0
    )
    return accounts.setdefault(uid, StudyAccount(named))
