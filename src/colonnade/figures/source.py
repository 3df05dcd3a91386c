"""What the figures take from a result: chosen cells with their colours, and the settings that were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colonnade.analysis.activity import Activity
from colonnade.figures.style import colours_of

if TYPE_CHECKING:
    from colonnade.analysis.result import Result


def activities_and_colours(result: Result, settings: Mapping) -> tuple[list[Activity], dict[str, str]]:
    """Return the spikes of each chosen population, and the colours of all groups of the network."""
    group_by = settings.get("group_by", "pop_name")
    populations = result.populations(settings.get("population"))
    activities = [result.activity(name, group_by, settings.get("window")) for name in populations]
    return activities, colours_of(result.group_names(group_by), settings.get("colours"))


def chosen_settings(settings: Mapping, *keys: str) -> dict:
    """Return those of ``keys`` that are set, so that the drawing function's own defaults hold for the others."""
    return {key: settings[key] for key in keys if settings.get(key) is not None}


def group_names(activities: Sequence[Activity]) -> list[str]:
    """Return the names of all groups, in the order of the config."""
    return list(dict.fromkeys(name for activity in activities for name in activity.group_names))


def parts_by_group(activities: Sequence[Activity]) -> list[tuple[str, Activity]]:
    """Return each group of each population with its name; a group of several populations stands together."""
    return [
        (name, activity.group(name))
        for name in group_names(activities)
        for activity in activities
        if name in activity.group_names
    ]
