"""Experiments: the YAML file, checked and completed; its sweep; what each stage of the workflow depends on."""

from colonnade.experiment.config import load_config, resolve
from colonnade.experiment.stages import Experiment
from colonnade.experiment.sweep import Point, points_of

__all__ = ["Experiment", "Point", "load_config", "points_of", "resolve"]
