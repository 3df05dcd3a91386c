"""Run programs in turn, several times, and record how long they took and how much memory they had.

Contenders take turns within a round, and the first of a round changes from round to round, so that a slow moment of the
machine falls on all of them. A program prints one line of JSON last: seconds by phase, and anything else by name.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIELDS = ["benchmark", "size", "contender", "round", "phase", "value"]


def run(command: list[str], log: Path) -> dict:
    """Run one program; return what it printed, with its wall time in s and its peak memory in MB."""
    with tempfile.TemporaryFile("w+") as printed, log.open("a") as errors:
        load_average = os.getloadavg()[0]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=printed, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        lines = printed.read().strip().splitlines()
    if process.returncode:
        sys.exit(f"{' '.join(command)}\nexit code {process.returncode}; its messages are in {log}")
    try:
        result = json.loads(lines[-1])
    except (IndexError, ValueError):
        result = {}
    return {**result, "wall": wall, "peak_mb": usage.ru_maxrss / 1024, "load_average": load_average}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--plan", type=json.loads, required=True, help="JSON: benchmark, size, contenders (name: words)"
    )
    parser.add_argument("--rounds", type=int, required=True, help="how often each contender runs")
    parser.add_argument("--output", type=Path, required=True, help="CSV file of the measurements")
    parser.add_argument("--log", type=Path, required=True, help="file for what the programs say")
    arguments = parser.parse_args()
    plan = arguments.plan
    names = list(plan["contenders"])
    rows = []
    for turn in range(arguments.rounds):
        order = names[turn % len(names) :] + names[: turn % len(names)]
        for name in order:
            for phase, value in run(plan["contenders"][name], arguments.log).items():
                rows.append([plan["benchmark"], plan["size"], name, turn, phase, value])
            print(f"{plan['benchmark']} {plan['size']} round {turn}: {name} done", file=sys.stderr, flush=True)
    with arguments.output.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
