"""Put what states cost and spare, as measured, between the two marks of the page on going on."""

import argparse
import json
from pathlib import Path

from write_report import insert, machine

BEGIN, END = "<!-- measured: start -->", "<!-- measured: end -->"


def states_table(measured: list[dict]) -> list[str]:
    """Return the lines of a Markdown table: what one state costs, a row for each size of the network."""
    lines = [
        "| cells | one state | written | with its checksum | read, to go on | a step | steps in a second |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in measured:
        seconds = row["seconds"]
        lines.append(
            f"| {row['cells']:,} | {row['MB']:,.3g} MB | {seconds['save']:.2g} s "
            f"| {seconds['save'] + seconds['checksum']:.2g} s | {seconds['restore']:.2g} s "
            f"| {1000 * seconds['steps'] / row['steps']:.2g} ms | {row['steps_of_a_block']:,} |"
        )
    return lines


def settle_lines(measured: dict) -> list[str]:
    """Return a paragraph on the sweep with ``settle`` and without."""
    seconds, cells = measured["seconds"], measured["cells"]
    same = "the same to the byte" if measured["same"] else "NOT the same"
    return [
        f"A sweep of {measured['conditions']} conditions of {cells:,} cells for {measured['tstop']:g} ms, of which "
        f"they have the first {measured['until']:g} ms in common, took {seconds['from_0']:g} s without `settle` and "
        f"{seconds['settled']:g} s with it, all steps of the workflow after network and inputs counted; the "
        f"{measured['files']} files of spikes and reports were {same}."
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=Path, required=True, help="lines of checkpoint_cost.py")
    parser.add_argument("--settle", type=Path, required=True, help="line of settle_sweep.py")
    parser.add_argument("--page", type=Path, required=True, help="Markdown file with the two marks")
    arguments = parser.parse_args()
    states = [json.loads(line) for line in arguments.states.read_text().splitlines()]
    settle = json.loads(arguments.settle.read_text())
    engines = sorted({row["engine"] for row in states} | {settle["engine"]})
    lines = [
        f"Engine {', '.join(engines)}. Machine: {machine()}. Programs that waited for a core meanwhile (load average): "
        f"{min(row['load_average'] for row in states):.2g} to {max(row['load_average'] for row in states):.2g}.",
        "",
        *states_table(states),
        "",
        *settle_lines(settle),
    ]
    insert(arguments.page, lines, BEGIN, END)


if __name__ == "__main__":
    main()
