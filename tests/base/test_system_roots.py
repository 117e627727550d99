"""What a sender's computer trusts, where it keeps that in files."""

from pathlib import Path

from cryptography import x509

from passbox_base.system_roots import context_of_files
from tests.builders.pki import Pki


def test_the_first_bundle_there_is_holds_the_systems_roots(tmp_path: Path) -> None:
    """Of the places where distributions keep roots one is read; a broken one trusts nobody."""
    (known, other), nowhere = (Pki(tmp_path, name) for name in ("known", "other")), tmp_path / "no"
    broken = tmp_path / "broken.pem"
    broken.write_text("nonsense")

    def trusted(*bundles: Path) -> list[str]:
        context = context_of_files(bundles, nowhere)
        return [
            x509.load_der_x509_certificate(der).subject.rfc4514_string()
            for der in context.get_ca_certs(binary_form=True)
        ]

    assert trusted(nowhere, known.ca_file, other.ca_file) == ["CN=Passbox known CA"]
    assert trusted(broken, known.ca_file) == []
    assert trusted() == []
