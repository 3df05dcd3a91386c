"""The stages of an experiment, one module each: what it depends on, what it reads, which files it makes.

A module of this folder that has a ``STAGE`` is a stage; there is no list to keep.
"""

import pkgutil
from importlib import import_module

from colonnade.experiment.stages.stage import File, Stage, find_user_files, root_seed

__all__ = ["STAGES", "File", "Stage", "find_user_files", "root_seed"]


def _stages() -> dict[str, Stage]:
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    stages = [module.STAGE for module in modules if hasattr(module, "STAGE")]
    return {stage.kind: stage for stage in stages}


STAGES = _stages()
