"""What the programs that read a result share: arguments which name its files."""

import argparse

import _program  # noqa: F401  finds the library

from colonnade.analysis.result import Result
from colonnade.errors import InputError


def add_result_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a result: its simulation config, or its files one by one."""
    group = parser.add_argument_group("the result", "its simulation config, or its files one by one")
    group.add_argument("--config", metavar="JSON", help="SONATA simulation config; names all the files below")
    group.add_argument("--nodes", nargs="+", action="extend", metavar="FILE", help="nodes and their types: H5 CSV ...")
    group.add_argument("--edges", nargs="+", action="extend", metavar="FILE", help="edges and their types: H5 CSV ...")
    group.add_argument("--spikes", action="append", metavar="FILE", help="spikes, SONATA or CSV")
    group.add_argument("--report", action="append", metavar="NAME=FILE", help="a SONATA report and its name")
    group.add_argument("--tstop", type=float, metavar="MS", help="end of the run, ms (default: the last spike)")


def result_of(arguments: argparse.Namespace) -> Result:
    """Return the result that the arguments name; files named one by one replace those of the config."""
    named = (arguments.config, arguments.nodes, arguments.spikes, arguments.report, getattr(arguments, "points", None))
    if not any(named):
        raise InputError("no result named", expected="--config, or --nodes, --edges, --spikes, --report")
    result = Result.from_config(arguments.config) if arguments.config else Result()
    result.node_files = _pairs("--nodes", arguments.nodes) or result.node_files
    result.edge_files = _pairs("--edges", arguments.edges) or result.edge_files
    result.spike_files = arguments.spikes or result.spike_files
    if arguments.report:
        for entry in arguments.report:
            if "=" not in entry:
                raise InputError("a report without a name", key="--report", value=entry, expected="NAME=FILE")
        result.report_files = dict(entry.split("=", 1) for entry in arguments.report)
    result.tstop = arguments.tstop if arguments.tstop is not None else result.tstop
    return result


def _pairs(option: str, paths: list[str] | None) -> list[tuple[str, str]]:
    """Return the pairs of an HDF5 and a CSV file that follow each other."""
    if len(paths or ()) % 2:
        raise InputError("a file without its pair", key=option, value=paths[-1], expected="H5 CSV, as often as needed")
    return list(zip((paths or ())[::2], (paths or ())[1::2], strict=True))
