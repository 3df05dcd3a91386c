"""Signals that ask a run to stop: it saves its state first, and its program leaves with a code of its own."""

import signal

from colonnade.errors import Signalled, SimulationError

STOPPED = 85  # the exit code of a run that was stopped and has saved its state; HTCondor's word for the same
NAMES = ("SIGTERM", "SIGINT", "SIGUSR1")


class Stopped(SimulationError):
    """The run was asked to stop. ``exit_code`` is ``STOPPED`` where its state is saved, else that of the signal."""

    def __init__(self, message: str, exit_code: int):
        self.exit_code = exit_code
        super().__init__(message)


class StopSignals:
    """Takes note of the first signal; a second one, or one before ``listening``, ends the program at once."""

    def __init__(self):
        self.number: int | None = None
        self.listening = False

    def install(self) -> "StopSignals":
        """Take the signals from now on; in the main thread of a program."""
        for name in NAMES:
            signal.signal(getattr(signal, name), self._take)
        return self

    def pass_over(self) -> None:
        """Pass over all signals from now on: the run has stopped."""
        for name in NAMES:
            signal.signal(getattr(signal, name), signal.SIG_IGN)

    def _take(self, number: int, frame) -> None:
        if not self.listening or self.number is not None:
            raise Signalled(128 + number)
        self.number = number
