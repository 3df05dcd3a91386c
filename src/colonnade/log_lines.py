"""Lines of logs in which a warning is called one, so that a report can find it."""

import logging

WARNING = "warning:"  # before the message


class LogLine(logging.Formatter):
    """Formats log lines; those of warnings begin with ``WARNING``."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        if record.levelno >= logging.WARNING:
            record.message = f"{WARNING} {record.message}"
        return super().formatMessage(record)


class Collected(logging.Handler):
    """Keeps the messages of warnings, as ``messages``."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
