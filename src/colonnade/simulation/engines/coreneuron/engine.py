"""CoreNEURON as an engine: the cells and connections of NEURON, solved by CoreNEURON's compiled kernels."""

import os

from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.engines.neuron.engine import NeuronEngine
from colonnade.simulation.model import ConductanceSteps, FieldRecording, VoltageClamp, VoltageSteps
from colonnade.simulation.network.gap_junctions import MECHANISM as GAP_JUNCTION
from colonnade.simulation.network.local_cells import FIELD_SUM

BUILT_IN = frozenset(["pas", "hh", "ExpSyn", "Exp2Syn"])  # what CoreNEURON has without a compiled library

# So often a thread looks for the others' end of a step before it sleeps (GNU OpenMP): about as long as two threads of
# even work differ. Sleeping at once costs a wake-up in every step; spinning on takes the core from other programs.
SPINS = "20000"


class CoreNeuronEngine(NeuronEngine):
    """Runs a ``Model`` in CoreNEURON, on ``threads`` threads of this process (and of each other MPI rank)."""

    # Each block is handed to CoreNEURON and back, which costs as much as some 100 steps: blocks must not shrink for it.
    name = "coreneuron"
    first_block = 20
    least_block = 200
    block_seconds = 5.0
    gathers = False

    def load(self) -> None:
        if "OMP_WAIT_POLICY" not in os.environ:
            os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
        self._refuse_clamps()
        super().load()
        self._refuse_mechanisms()

    def initialise(self) -> None:
        from neuron import coreneuron

        coreneuron.enable = True
        coreneuron.verbose = 0
        super().initialise()

    def _solve(self, until: float) -> None:
        from neuron import coreneuron

        arguments = coreneuron.nrncore_arg(until)
        # psolve writes six digits of the time, so that it could leave out a step; all of them are needed.
        coreneuron.nrncore_arg = lambda tstop: arguments.replace(f"--tstop {until:g}", f"--tstop {until!r}")
        try:
            self._context.psolve(until)
        finally:
            del coreneuron.nrncore_arg

    def _fit_to_delays(self, shortest: float) -> None:
        if self._shortest < 2:
            raise refusal("a delay shorter than two time steps")

    def _separate_events(self) -> None:
        """CoreNEURON gives events back one a connection, and has no connections that are switched off."""

    def unload(self) -> None:
        from neuron import coreneuron

        coreneuron.enable = False
        super().unload()

    def _process_on(self, gid: int) -> list:
        """Return a synapse of the cell: CoreNEURON knows no mark."""
        if not self._anchors:
            processes = zip(self.model.synapses.target.tolist(), self.processes.of_synapse, strict=True)
            self._anchors = {
                target: process for target, process in processes if process is not self.cells[target].point
            }
        return [self._anchors[gid]] if gid in self._anchors else []

    def _refuse_clamps(self) -> None:
        if any(isinstance(clamp, (VoltageClamp, VoltageSteps)) for clamp in self.model.clamps):
            raise refusal("a voltage clamp")
        if self.model.fields:
            raise refusal("a potential outside the cells, as inputs of the module xstim or comsol make")
        if self.model.extracellular:
            raise refusal("the extracellular layer, which reports of i_membrane and vext need")

    def _refuse_mechanisms(self) -> None:
        """Refuse mechanisms that are in NEURON's library but not in CoreNEURON's."""
        compiled = [library for library in self.model.mechanisms if library.mechanisms]
        if len(compiled) > 1:
            raise refusal("mechanisms of several folders", [str(library.directory) for library in compiled])
        known, reasons = set(BUILT_IN), {}
        for library in compiled:
            if library.coreneuron_library is None and not library.refusals:
                raise InputError("these mechanisms are compiled for NEURON alone", file=library.directory, key="engine",
                                 value="coreneuron", expected="mechanisms that are loaded for CoreNEURON, too, as "
                                 "load_config_mechanisms(config, coreneuron=True) does; or engine neuron")  # fmt: skip
            if library.coreneuron_library is None:
                raise refusal(f"the mechanisms of this config ({library.refusal})")
            known |= library.coreneuron_mechanisms
            reasons |= library.refusals
        strange = sorted(self._used_mechanisms() - known)
        if strange:
            why = f" ({reasons[strange[0]]})" if strange[0] in reasons else ""
            raise refusal(f"the mechanism {strange[0]}{why}", strange)

    def _used_mechanisms(self) -> set[str]:
        """Return the names of the mechanisms and point processes of all cells and synapses."""
        used = set(self.processes.mechanisms)
        if any(isinstance(clamp, ConductanceSteps) for clamp in self.model.clamps):
            used.add("ConductanceSource")
        if len(self.model.gap_junctions):
            used.add(GAP_JUNCTION)
        if any(isinstance(recording, FieldRecording) for recording in self.model.recordings):
            used.add(FIELD_SUM)
        one_of_each = dict(zip(self.model.prototypes, self.model.gids.tolist(), strict=True))
        for gid in one_of_each.values():
            cell = self.cells[gid]
            if cell.point is not None:
                used.add(cell.point.hname().partition("[")[0])
            for section in cell.sections:
                used |= set(section.psection()["density_mechs"])
        return used


def refusal(what: str, value=None) -> UnsupportedError:
    """Return the error that CoreNEURON cannot do ``what``, with the word to change."""
    return UnsupportedError(
        f"CoreNEURON cannot simulate {what}", key="engine", value=value, expected="engine neuron (--engine neuron)"
    )
