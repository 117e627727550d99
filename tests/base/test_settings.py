from pathlib import Path

import pytest

from passbox_base.errors import SettingsError
from passbox_base.settings import Section, Settings, SettingsPath, load


class Limits(Section):
    per_source: int = 3
    admins: tuple[str, ...] = ()


class Department(Section):
    name: str
    mail: str | None = None


class Example(Settings):
    port: int
    store: SettingsPath
    limits: Limits = Limits()
    departments: tuple[Department, ...] = ()


def _load(folder: Path, toml: str, **environment: str) -> Example:
    (folder / "receiver.toml").write_text(toml)
    return load(Example, folder / "receiver.toml", program="receiver", environment=environment)


def _faults(folder: Path, toml: str, **environment: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        _load(folder, toml, **environment)
    return caught.value.faults


def test_file_over_default_and_environment_over_file(tmp_path: Path) -> None:
    """Each layer wins over the one below, key by key."""
    found = _load(
        tmp_path,
        'port = 1\nstore = "s"\n[limits]\nper_source = 4\nadmins = ["a"]\n',
        PASSBOX_RECEIVER__PORT="2",
        PASSBOX_RECEIVER__LIMITS__ADMINS='["b", "c"]',
        PASSBOX_POLLER__PORT="9",
        PATH="/bin",
    )

    assert (found.port, found.limits) == (2, Limits(per_source=4, admins=("b", "c")))


def test_relative_paths_are_beside_the_file(tmp_path: Path) -> None:
    """A program may be started from anywhere."""
    assert _load(tmp_path, 'port = 1\nstore = "a/b"').store == tmp_path / "a" / "b"
    assert _load(tmp_path, 'port = 1\nstore = "/a"').store == Path("/a")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """An operator mends a file once, not once per fault."""
    faults = _faults(
        tmp_path,
        'port = "x"\n[limits]\nper_sorce = 3\n[[departments]]\nname = "Radiology"\nmial = "a"\n',
        PASSBOX_RECEIVER__PROT="1",
        PASSBOX_RECEIVER__PORT__DEEPER="1",
    )

    assert faults == (
        "PASSBOX_RECEIVER__PORT__DEEPER: goes below a key that is no section",
        "port: input should be a valid integer, unable to parse string as an integer",
        "store: is missing",
        "limits.per_sorce: is not a setting; did you mean per_source?",
        "departments.0.mial: is not a setting; did you mean mail?",
        "prot: is not a setting; did you mean port?",
    )


def test_a_key_nothing_is_like_lists_what_there_is(tmp_path: Path) -> None:
    """Where no guess is close the known keys are named."""
    (fault,) = _faults(tmp_path, 'port = 1\nstore = "s"\n[limits]\nzzz = 1\n')

    assert fault == "limits.zzz: is not a setting; known here: admins, per_source"


def test_faults_do_not_repeat_values(tmp_path: Path) -> None:
    """A secret put in the wrong place does not end on the screen."""
    faults = _faults(tmp_path, 'port = "hunter2"\nstore = "s"\n')

    assert "hunter2" not in "".join(faults)


@pytest.mark.parametrize("toml", ["port = x\n", "port = 1\nport = 2\n"])
def test_what_is_no_toml_is_told(tmp_path: Path, toml: str) -> None:
    """A syntax error names the file and the place."""
    (fault,) = _faults(tmp_path, toml)

    assert fault.startswith(str(tmp_path / "receiver.toml"))
    assert "line" in fault


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    """No file is one clear fault."""
    with pytest.raises(SettingsError, match="no such file"):
        load(Example, tmp_path / "none.toml", program="receiver", environment={})


def test_a_credential_is_where_systemd_put_it(tmp_path: Path) -> None:
    """credential:NAME is a file of the service's credentials; without any it is a fault."""
    toml = 'port = 1\nstore = "credential:{}"\n'
    found = _load(tmp_path, toml.format("key.pem"), CREDENTIALS_DIRECTORY="/run/credentials/p")
    assert found.store == Path("/run/credentials/p/key.pem")
    (fault,) = _faults(tmp_path, toml.format("key.pem"))
    assert "systemd handed none" in fault
    for name in ("", "../etc/passwd", "..", "a/b"):
        assert _faults(tmp_path, toml.format(name), CREDENTIALS_DIRECTORY="/run/credentials/p")
