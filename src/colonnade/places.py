"""Where the project's own files are: at the top of a clone, or inside the installed package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def project_folder() -> Path:
    """Return the folder with Snakefile, config/, envs/, mechanisms/, profiles/, scripts/ and workflow/.

    Raises ``FileNotFoundError`` where they are neither beside the library, as in a clone, nor in the package, as in a
    wheel: that installation is broken.
    """
    for folder in (PACKAGE / "bundled", PACKAGE.parent.parent):
        if (folder / "workflow" / "schemas").is_dir():
            return folder
    raise FileNotFoundError(f"the workflow's files are missing beside {PACKAGE}: install Colonnade again")


def project_file(*parts: str) -> Path:
    """Return the path of a file or folder of the project, such as ``project_file("mechanisms")``."""
    return project_folder().joinpath(*parts)
