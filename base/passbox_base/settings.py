"""One TOML file a program, read once, checked whole.

Why here: an operator meets four programs and should meet one way of configuring and one tone of
voice when something is wrong.

The rule: the environment PASSBOX_<PROGRAM>__SECTION__KEY wins over the file, the file over the
defaults. Unknown keys are errors in both, with a guess at what was meant. All faults are told
together. Relative paths are relative to the file's folder; "credential:NAME" is the file that
systemd hands to the service under that name (LoadCredential=, systemd.exec(5)). Secrets are never
values but paths of files (keys.py reads them), so a fault, a log or `show` cannot print one.

pydantic does the checking; its companion pydantic-settings does not do the reading, because it
passes over unknown variables in silence and reads the process's environment by itself.

It does not change settings while running: that is a ledger row of the program.
"""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from passbox_base.errors import SettingsError

_SEPARATOR: Final = "__"
_CREDENTIAL: Final = "credential:"


class Section(BaseModel):
    """A table of the TOML file: frozen, and without room for unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Settings(Section):
    """A whole configuration; each program subclasses it and calls load()."""


def _beside_file(path: Path, info: ValidationInfo) -> Path:
    context = info.context or {}
    if str(path).startswith(_CREDENTIAL):
        return _credential(str(path).removeprefix(_CREDENTIAL), context.get("credentials"))
    folder = context.get("folder")
    return Path(folder) / path if folder is not None else path


def _credential(name: str, folder: str | None) -> Path:
    if not name or "/" in name or name in {".", ".."}:
        raise ValueError("is not the name of a credential")
    if not folder:
        raise ValueError("is a credential, but systemd handed none over (CREDENTIALS_DIRECTORY)")
    return Path(folder) / name


SettingsPath = Annotated[Path, AfterValidator(_beside_file)]
"""A path in a Section, relative to the folder of the TOML file, or "credential:NAME"."""

SettingsT = TypeVar("SettingsT", bound=Settings)


def load(
    kind: type[SettingsT], path: Path, *, program: str, environment: Mapping[str, str]
) -> SettingsT:
    """Return the settings of ``program`` from ``path`` and ``environment`` (pass os.environ).

    Raises SettingsError with every fault in words.
    """
    values = _read(path)
    faults = _overlay(values, program, environment)
    context = {
        "folder": path.absolute().parent,
        "credentials": environment.get("CREDENTIALS_DIRECTORY"),
    }
    try:
        settings = kind.model_validate(values, context=context)
    except ValidationError as error:
        faults += [_words(fault, kind) for fault in error.errors(include_url=False)]
        raise SettingsError(faults) from None  # pydantic's own text would repeat values
    if faults:
        raise SettingsError(faults)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError([f"{path}: there is no such file"]) from error
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror})"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: is not TOML: {error}"]) from error


def _overlay(values: dict[str, Any], program: str, environment: Mapping[str, str]) -> list[str]:
    """Put variables over the file's values in place; return faults."""
    prefix = f"PASSBOX_{program.upper()}{_SEPARATOR}"
    faults = []
    for name in sorted(environment):
        if name.startswith(prefix):
            keys = name.removeprefix(prefix).lower().split(_SEPARATOR)
            if not _put(values, keys, _variable(environment[name])):
                faults.append(f"{name}: goes below a key that is no section")
    return faults


def _put(values: dict[str, Any], keys: Sequence[str], value: Any) -> bool:
    *sections, last = keys
    table: Any = values
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            return False
    table[last] = value
    return True


def _variable(text: str) -> Any:
    """Return lists and tables from JSON, all else as text, which pydantic converts."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _words(fault: Mapping[str, Any], kind: type[BaseModel]) -> str:
    place = ".".join(str(part) for part in fault["loc"]) or "the whole"
    if fault["type"] == "missing":
        return f"{place}: is missing"
    if fault["type"] == "extra_forbidden":
        return f"{place}: is not a setting{_guess(fault['loc'], kind)}"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message[:1].lower()}{message[1:]}"


def _guess(loc: Sequence[int | str], kind: type[BaseModel]) -> str:
    model: type[BaseModel] | None = kind
    for part in loc[:-1]:
        model = _model_below(model, part) if model is not None else None
    known = list(model.model_fields) if model is not None else []
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(sorted(known))}" if known else ""


def _model_below(model: type[BaseModel], part: int | str) -> type[BaseModel] | None:
    if isinstance(part, int):  # an item of a list: the list's own name led here
        return model
    field = model.model_fields.get(part)
    return next(_models_in(field.annotation), None) if field is not None else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
