"""The keys that SONATA's and BMTK's simulation configs have, by section, to find the misspelt ones among others.

Sources: the SONATA developer guide (AllenInstitute/sonata), Blue Brain's SONATA extension, BMTK 1.2's documentation.
"""

import difflib
import logging
from collections.abc import Iterable, Iterator
from functools import partial

from colonnade.errors import InputError

log = logging.getLogger(__name__)
NEAR = 0.8  # likeness from which a name is taken for a misspelling
KNOWN = {
    "": "version manifest target_simulator run conditions inputs reports output components component networks network "
    "circuit simulation node_sets node_sets_file colonnade gid_mapping_file mechanisms_dir output_dir_as_written "
    "metadata population populations config_path config_dir",
    "colonnade": "engine threads merge_synapses weight_functions largest_potential report_precision checkpoint_every "
    "keep_state waves_until cell_models cell_processors synapse_models spikes_generators",
    "run": "tstart tstop duration dt dL spike_threshold nsteps_block overwrite_output_dir random_seed seed calc_ecp "
    "start_from_state save_state save_state_dir integration_method stimulus_seed ionchannel_seed minis_seed "
    "synapse_seed electrodes_file celsius v_init",
    "output": "output_dir log_file log_level log_format log_to_console quiet_simulator overwrite_output_dir "
    "spikes_file spikes_file_csv spikes_file_nwb spikes_sort_order spikes_ascii_file state_dir",
    "conditions": "celsius v_init extracellular_calcium randomize_gaba_rise_time spike_location mechanisms "
    "modifications list_modification_names",
    "reports": "module cells node_set variable_name sections file_name start_time end_time dt type unit units enabled "
    "by_population "
    "transform electrode_positions electrode_channels contributions_dir ecp_file minimum_distance syn_type "
    "section_name section_index section_dist edges source target compartments scaling buffer_size population "
    "tmp_dir to_h5 gids method probes input_name buffer_data network_dir single_file",
    "inputs": "module input_type node_set source source_node_set target_node_set input_file file spike_file enabled "
    "amp amp_start amp_end delay duration resistance trial section_name section_index section_dist "
    "separator edges spikes_file node_ids timestamps timestamps_column amplitudes_column downsample sweep_window "
    "sweep_id syn_type "
    "precell_filter postcell_filter population random_seed frequency width amp_cell weight rate mean std tau sigma "
    "mean_percent sd_percent percent_start percent_end percent_less series_resistance represents_physical_electrode "
    "voltage_levels duration_levels reversal phase offset frequency_start frequency_end course "
    "positions field resistivity comsol_files waveforms amplitudes cells mesh_files_dir set_nrn_mechanisms "
    "voltage positions_file rotation_angles_file waveform cache_file ramp_up_time spikes_function",
}  # fmt: skip


def misspelt(values: dict, file) -> Iterator[InputError]:
    """Yield an error for each key of a simulation config that is nearly a known one; warn of other unknown keys."""
    yield from _in(values, "", "", file)
    for section in ("run", "output", "conditions", "colonnade"):
        yield from _in(values.get(section), section, section, file)
    for section in ("reports", "inputs"):
        entries = values.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            yield from _in(entry, section, f"{section}.{name}", file)


def _in(entry, section: str, place: str, file) -> Iterator[InputError]:
    known = KNOWN[section].split()
    for key in _unknown(entry, known):
        where = f"{place}.{key}".lstrip(".")
        error = partial(InputError, "unknown key", file=file, key=where, value=key)
        if difflib.get_close_matches(key, known, n=1, cutoff=NEAR):
            yield error(options=known)
        else:
            log.warning("%s: %s: this key is not known and has no effect", file, where)


def _unknown(entry, known: Iterable[str]) -> list[str]:
    return [key for key in entry if key not in known] if isinstance(entry, dict) else []
