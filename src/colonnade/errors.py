"""Errors that name the file, the key, the value, what was expected and the nearest right name."""

import contextlib
import difflib
from collections.abc import Iterable, Iterator


class ColonnadeError(Exception):
    """Base of all errors that a user can mend. Its text is complete: no traceback is needed to act on it."""


class InputError(ColonnadeError):
    """A value in a file, a config or a call is not what it has to be.

    ``file`` is the path the value came from (or an object whose ``at(key)`` knows the line, too), ``key`` its place in
    there (``simulation.dt``), ``value`` what was found, ``expected`` what has to stand there with its unit, and
    ``options`` the allowed names, from which the nearest to ``value`` is offered.
    """

    def __init__(self, message, *, file=None, key=None, value=None, expected=None, options=()):
        self.message, self.file, self.key, self.value, self.expected = message, file, key, value, expected
        self.options = list(options)
        where = file.at(key) if hasattr(file, "at") else file
        place = ": ".join(str(part) for part in (where, key) if part is not None)
        text = f"{place}: {message}" if place else message
        if value is not None:
            text += f" (found {value!r})"
        if expected is not None:
            text += f"; expected {expected}"
        hint = did_you_mean(value, self.options)
        super().__init__(text.removesuffix(".") + hint if hint else text)

    def at(self, file, place: str) -> "InputError":
        """Return the same error of a value at ``place``, or below it, in ``file``."""
        own = str(self.key or "")
        key = own if own.startswith(place) else ".".join(part for part in (place, own.lstrip(".")) if part)
        return type(self)(self.message, file=file, key=key, value=self.value, expected=self.expected,
                          options=self.options)  # fmt: skip


class InputErrors(InputError):
    """Several values that are wrong: ``errors``, each of which is complete in itself."""

    def __init__(self, errors: list[InputError]):
        super().__init__(f"{len(errors)} problems:\n" + "\n".join(f"  {error}" for error in errors))
        self.errors = errors

    def at(self, file, place: str) -> "InputErrors":
        return InputErrors([error.at(file, place) for error in self.errors])


def raise_all(errors: Iterable[InputError]) -> None:
    """Raise the one error of ``errors``, or all of them as one; do nothing where there is none."""
    found = list(errors)
    if len(found) == 1:
        raise found[0]
    if found:
        raise InputErrors(found)


class MissingFile(InputError):
    """A file that something refers to is not there."""


class UnsupportedError(InputError):
    """A valid request that Colonnade cannot carry out; it is refused by name, never dropped."""


class Signalled(SystemExit):
    """A signal has asked the program to end at once; ``code`` is its exit code."""


class SimulationError(ColonnadeError):
    """The simulation produced something that no result may be made from, such as a NaN voltage."""


@contextlib.contextmanager
def within(place: str) -> Iterator[None]:
    """Put ``place`` (``networks.mcortex.nodes[0]``) before the message of an error raised in the block."""
    try:
        yield
    except ColonnadeError as error:
        if not str(error).startswith(place):
            error.args = (f"{place}: {error}",)
        raise


@contextlib.contextmanager
def in_file(file) -> Iterator[None]:
    """Let an error raised in the block name ``file``, if it names none."""
    try:
        yield
    except InputError as error:
        if error.file is None and not isinstance(error, InputErrors):
            raise error.at(file, "") from error
        raise


def did_you_mean(word, options: Iterable[str]) -> str:
    """Return '. Did you mean ...?' with the nearest option to ``word``, else the list of options; '' for none."""
    names = [str(option) for option in options]
    if not names:
        return ""
    near = nearest(word, names)
    return f". Did you mean {near!r}?" if near else f". Known: {', '.join(sorted(names))}"


def nearest(word, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that ``word`` may be a misspelling of; None where there is none."""
    return next(iter(difflib.get_close_matches(str(word), list(names), n=1, cutoff=0.6)), None)
