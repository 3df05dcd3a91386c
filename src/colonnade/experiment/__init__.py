"""Experiments: the YAML file, checked and completed; its sweep; the plan of all steps of the workflow."""

from colonnade.experiment.config import load_config, resolve
from colonnade.experiment.experiment import Experiment
from colonnade.experiment.plan import Plan
from colonnade.experiment.sweep import Point, points_of

__all__ = ["Experiment", "Plan", "Point", "load_config", "points_of", "resolve"]
