"""What every stage of the workflow tells of itself. The graph of an experiment is told here, and nowhere else."""

from string import Formatter
from typing import NamedTuple

from colonnade.code_facts import with_local_modules
from colonnade.user_functions import LISTED, REFERENCE, words_of


class File(NamedTuple):
    """A file of a stage: the job's name such as ``nodes/mcortex``, and the file's label there."""

    job: str
    label: str
    at_all_points: bool = False  # of a sweep


class Stage:
    """One kind of step. Its jobs are named ``kind``, or ``kind/name`` where there are several in an experiment.

    The settings of a job are a pure choice from the config, so that an edit elsewhere cannot change them, and a sweep
    value that changes neither them nor those of a stage before does not appear in the job's folder. ``config`` is the
    resolved config of one point of a sweep everywhere below.
    """

    kind: str
    program: str  # in scripts/, without its ending
    folder: str  # below the experiment's folder
    pattern: str  # a job's name with the wildcards of its rule: nodes/{network}
    log_name = ""  # of the folder of its logs, where that is not the program's name
    folders: tuple[str, ...] = ()  # labels of its files that are folders
    wanted = True  # its files are what an experiment is run for, not only what others need

    def names(self, config: dict) -> list[str]:
        """Return the names of the stage's jobs; [''] where there is one."""
        return [""]

    def settings(self, config: dict, name: str) -> dict:
        """Return exactly the settings that the job depends on."""
        raise NotImplementedError

    def reads(self, config: dict, name: str) -> dict[str, list[File]]:
        """Return the files of other stages that the job reads, by the labels of the rule's input."""
        return {}

    def files(self, config: dict, name: str) -> dict[str, str]:
        """Return the files that the job makes, by label, relative to its folder; ``name`` may hold wildcards."""
        raise NotImplementedError

    def user_files(self, config: dict, name: str) -> dict[str, list[str]]:
        """Return files of the user that the job reads, by the labels of the rule's input."""
        functions = find_user_files(self.settings(config, name))
        return {"functions": functions} if functions else {}

    def user_code(self, config: dict, name: str) -> list[str]:
        """Return files with the user's functions of which only the code counts, as of the modules: no comment."""
        return []

    def mentions(self, config: dict, name: str) -> dict[str, list[File]]:
        """Return the files of other stages whose paths stand in the job's files, though it reads nothing in them."""
        return {}

    def wildcards(self, config: dict) -> dict[str, list[str]]:
        """Return the values that each wildcard of ``pattern`` can have."""
        return {field: self.names(config) for _, field, _, _ in Formatter().parse(self.pattern) if field}

    def stands_once(self, config: dict, name: str) -> bool:
        """Return whether one job serves all points of a sweep, whatever it varies."""
        return False

    def modules(self, config: dict, name: str) -> list[str]:
        """Return the modules of Colonnade that the job runs, where its program imports them by name at run time."""
        return []

    def project_files(self) -> str | None:
        """Return a pattern for files of the project, beside code, that every job of the stage uses."""
        return None

    def job(self, name: str) -> str:
        """Return the name of a job of this stage."""
        return f"{self.kind}/{name}" if name else self.kind

    def all_files(self, config: dict, name: str) -> list[File]:
        """Return all files of a job, as those after it name them."""
        return [File(self.job(name), label) for label in self.files(config, name)]


def root_seed(config: dict, section: str) -> int:
    """Return the root seed of a section of the config: its own, else the experiment's."""
    return config["seeds"].get(section, config["seed"])


def find_user_files(value, listed: bool = False) -> list[str]:
    """Return the files behind each ``file.py:function`` anywhere in ``value``, in their order, with what they import
    from their own folders.

    ``listed``: a text in it holds several words, as that of ``model_processing`` does, also where a sweep names it.
    """
    if isinstance(value, str):
        matches = map(REFERENCE.fullmatch, words_of(LISTED if listed else None, value))
        files = (found["file"] for found in matches if found and found["name"].isidentifier())
        return [path for file in files for path in with_local_modules(file)]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (find_user_files(part, listed or str(key).rpartition(".")[2] == LISTED) for key, part in pairs)
    return list(dict.fromkeys(path for each in found for path in each))
