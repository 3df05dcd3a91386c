"""Fit what a step takes to its size: from measurements of measure_needs.py to the model in needs.json.

Each coefficient is at least 0 (Lawson and Hanson's non-negative least squares), and the errors are relative, so that
small and large sizes count the same. Where two terms always grew together the fit may give all to one of them.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from scipy.optimize import nnls

# The terms that a step can depend on; see needs.terms.
SIMULATION = {
    "memory": ("start", "compartments", "channels", "synapses", "held", "transfer"),
    "seconds": ("start", "synapses", "recorded", "transfer", "compartment_steps", "channel_steps"),
}
TERMS = {
    "nodes": {"memory": ("start", "cells"), "seconds": ("start", "cells")},
    "edges": {"memory": ("start", "cells", "synapses"), "seconds": ("start", "cells", "synapses")},
    "inputs": {"memory": ("start", "spikes"), "seconds": ("start", "spikes")},
    "mechanisms": {"memory": ("start",), "seconds": ("start",)},
    "kernels": {"memory": ("start",), "seconds": ("start",)},
    "statistics": {"memory": ("start", "cells", "synapses", "recorded"), "seconds": ("start", "synapses", "recorded")},
    "figures": {"memory": ("start", "cells", "recorded"), "seconds": ("start", "cells", "recorded")},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path, help="CSV file of measure_needs.py")
    parser.add_argument("--output", type=Path, required=True, help="needs.json")
    arguments = parser.parse_args()
    table = pd.read_csv(arguments.measurements)
    model = {}
    for step, rows in table.groupby("step"):
        model[step] = {}
        for which, names in (SIMULATION if step.startswith("simulation.") else TERMS[step]).items():
            columns, goal = rows[list(names)].to_numpy(), rows[which].to_numpy()
            largest = columns.max(axis=0)
            largest[largest == 0] = 1.0
            factors, _ = nnls(columns / largest / goal[:, None], goal / goal)
            found = factors / largest
            given = columns @ found
            model[step][which] = {
                name: float(f"{value:.3g}") for name, value in zip(names, found, strict=True) if value
            }
            print(f"{step} {which}: from {min(given / goal):.2f} to {max(given / goal):.2f} of what was measured")
    arguments.output.write_text(json.dumps(model, indent=2) + "\n")


if __name__ == "__main__":
    main()
