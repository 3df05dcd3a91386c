"""Mistakes in the config of the small experiment, one a row: each is named before any job runs."""

import copy
import shutil

import pytest
import yaml
from test_config_mistakes import put

from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.chain import estimate
from colonnade.experiment.user_file_checks import missing_files
from colonnade.places import project_folder

FILES = {
    "bad.csv": b"timestamps population node_ids\n1.0 sources\n",
    "bad.h5": b"\x89HDF\r\n\x1a\nrubbish",
    "other.csv": b"timestamps population node_ids\n1.0 other 0\n",
    "late.csv": b"timestamps population node_ids\n5000.0 sources 0\n",
    "stranger.csv": b"timestamps population node_ids\n5.0 sources 77\n",
    "rubbish.csv": b"x: 1\n",
    "empty.csv": b"",
    "models/synaptic_models/third.json": b'{"level_of_detail": "exp2syn", "tau1": 1, "tau2": 3, "erev": 0, "tau3": 5}',
    "models/synaptic_models/both.json": b'{"tau1": 1.0, "tau2": 3.0, "erev": 0.0, "e": -70.0}',
    "models/synaptic_models/quoted.json": b'{"tau1": "1.0", "tau2": 3.0, "erev": 0.0}',
    "models/synaptic_models/nmda.json": b'{"level_of_detail": "NMDA", "tau1": 1.0, "tau3": 3.0}',
    "backwards.csv": b"timestamps amps\n0 0.1\n5 0.2\n3 0.1\n",
    "nan.csv": b"timestamps,amps\n0,0.1\n5,nan\n9,0\n",
    "columns.csv": b"time amps\n0 0.1\n5 0.2\n",
    "words.csv": b"timestamps amps\n0 0.1\n5 x\n",
    "flat.txt": b"% x y z V (V)\n1 2\n",
    "twomod/a.mod": b"NEURON { SUFFIX same }\n",
    "twomod/b.mod": b"NEURON { SUFFIX same }\n",
}
GONE = object()  # the key is taken away
NODES, EDGES, REPORT = "networks.cells.nodes.0", "networks.cells.edges.0", "simulation.reports.v_report"
RULE = {"d_weight_min": 0.0, "d_weight_max": 1.0, "d_max": 500.0, "nsyn_min": 1, "nsyn_max": 4}
COLUMN = {"function": "positions_columinar"}
TRAINS = {"type": "poisson", "firing_rate": 60.0, "times": [0.0, 0.2]}
CLAMP = {"type": "current_clamp", "population": "cells", "amp": 0.1, "delay": 1.0, "duration": 9.0}
ARRAY = {"type": "array", "population": "cells"}
SINE = {"type": "sine", "population": "cells", "amp": 0.1, "frequency": 10.0}
WAVE = {"type": "sine", "amp": 1.0, "frequency": 10.0}
FIELD = {"type": "extracellular", "population": "cells", "waveform": WAVE}
RUN = {"tstop": 200.0, "v_init": -75.0, "threads": 1}
OF_V = {"variable": "v", "cells": "cells"}
RASTER = {"kind": "raster", "population": "cells"}

SYNAPSE = {"connection_rule": 1, "syn_weight": 1e-3, "delay": 2.0, "distance_range": [0.0, 250.0],
           "target_sections": ["basal"]}  # fmt: skip

# Path in the config, what is put there, where the error is (what begins with a dot is below that path), its words.
TRIALS = [
    ('seed', 1180591620717411303424, '', 'wrong value'),
    ('seeds', {'networks': 18446744073709551616}, '.networks', 'wrong value'),
    ('results', 'bad.csv', '', 'results cannot go there'),
    ('results', 'a\x00b', '', 'a control character'),
    ('components.sha256', {'ball_and_stick.swc': "0" * 64},
     '.ball_and_stick.swc', 'the file is not the one that the config demands'),
    (f"{NODES}.N", 3.0, f"{NODES}.positions.N", 'is no number of cells'),
    (f"{NODES}.pop_name", '', '', "stands for nothing in SONATA's tables"),
    (f"{NODES}.pop_name", 'a\nb', '', 'does not fit into a line of a table'),
    (f"{NODES}.pop_name", 'nan', '', "stands for nothing in SONATA's tables"),
    (f"{NODES}.pop_name", 'None', '', "stands for nothing in SONATA's tables"),
    (f"{NODES}.pop_name", '5', '', "would be read from SONATA's tables as a number or truth valu"),
    (f"{NODES}.pop_name", 'True', '', "would be read from SONATA's tables as a number or truth valu"),
    (f"{NODES}.pop_name", 'NA', '', "stands for nothing in SONATA's tables"),
    (f"{NODES}.model_template", 'nrn:IntFire1', '', 'unknown template for model_type biophysical'),
    (f"{NODES}.model_template", 'ctdb:', '', 'unknown template for model_type biophysical'),
    (f"{NODES}.model_processing", 'aibs_perisomatik', '', 'unknown processing'),
    (f"{NODES}.positions", 5, '', 'are no positions'),
    (f"{NODES}.positions", 'x', '', 'are no positions'),
    (f"{NODES}.positions", [], '', 'are no positions'),
    (f"{NODES}.positions", [[0, 0, 0]], '', 'are no positions'),
    (f"{NODES}.positions", [[0, 0], [0, 0], [0, 0]], '', 'are no positions'),
    (f"{NODES}.positions", [[0, 0, 'a'], [0, 0, 'a'], [0, 0, 'a']], '', 'are no positions'),
    (f"{NODES}.positions", [0, 1, 2], '', 'are no positions'),
    (f"{NODES}.positions", {'function': 'nonsense'}, '.function', 'is no function'),
    (f"{NODES}.positions", {**COLUMN, 'N': 3, 'max_radius': 1.0, 'height': 1.0},
     '', 'is no parameter of positions_columinar'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': -20.0, 'height': 1.0}, '.max_radius', 'is below min_radius'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': 20.0, 'height': -1.0}, '.height', 'is no length'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': 20.0, 'min_radius': 30.0, 'height': 1.0},
     '.max_radius', 'is below min_radius'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': 20.0, 'height': 1.0, 'center': [0, 0]}, '.center', 'is no point'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': 20.0, 'height': 1.0, 'center': [0, 0, 'a']},
     '.center', 'is no point'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': '20', 'height': 1.0}, '.max_radius', 'is below min_radius'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': 20.0, 'hieght': 1.0},
     '', 'is no parameter of positions_columinar'),
    (f"{NODES}.positions", {**COLUMN, 'max_radius': 20.0, 'height': None}, '.height', 'is no length'),
    (f"{NODES}.rotation_angle_yaxis", 'a', '', 'no angle'),
    (f"{NODES}.rotation_angle_yaxis", [1, 2], '', 'has 2 values for 3 nodes'),
    (f"{NODES}.rotation_angle_yaxis", {'function': 'xiter_random', 'min_x': 5.0, 'max_x': 1.0},
     '.max_x', 'is below min_x'),
    (f"{NODES}.rotation_angle_yaxis", {'function': 'xiter_random', 'min_x': 'a', 'max_x': 1.0},
     '.min_x', 'is no number'),
    (f"{NODES}.rotation_angle_yaxis", [1, 'b', 2], '', 'no angle'),
    (f"{NODES}.node_id", [0, 0, 1], '', 'are no node ids'),
    (f"{NODES}.node_id", [1, 2], '', 'has 2 values for 3 nodes'),
    (f"{NODES}.node_id", [-1, 0, 1], '', 'are no node ids'),
    (f"{NODES}.node_id", [0, 1, 9223372036854775808], '', 'are no node ids'),
    (f"{NODES}.node_id", ['a', 'b', 'c'], '', 'are no node ids'),
    (f"{NODES}.node_id", 3, '', 'has 1 values for 3 nodes'),
    (f"{NODES}.node_type_id", -1, '', 'is no free type id'),
    (f"{NODES}.node_type_id", 'a', '', 'is no free type id'),
    (f"{NODES}.node_type_id", [1, 2, 3], '', 'is one number for all nodes that are added together'),
    (f"{NODES}.x/y", [1, 2, 3], NODES, 'wrong value'),
    (f"{NODES}.a b", [1, 2, 3], NODES, 'wrong value'),
    (f"{NODES}.", 5, NODES, 'wrong value'),
    (f"{EDGES}.connection_rule", 'distance_conector', '', 'is no connection rule'),
    (f"{EDGES}.connection_rule", 'positions_columinar', '', 'is no connection rule'),
    (f"{EDGES}.connection_rule", [], '', 'has 0 numbers for 3 sources and 3 targets (one_to_one)'),
    (f"{EDGES}.connection_rule", [1, 2], '', 'has 2 numbers for 3 sources and 3 targets (one_to_one)'),
    (f"{EDGES}.connection_rule", [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
     '', 'has 9 numbers for 3 sources and 3 targets (one_to_one)'),
    (f"{EDGES}.connection_rule", ['a'], '', 'has 1 numbers for 3 sources and 3 targets (one_to_one)'),
    (f"{EDGES}.connection_params", {}, '.d_weight_min', 'is missing for distance_connector'),
    (f"{EDGES}.connection_params", {**RULE, 'nsyn_min': 5, 'nsyn_max': 2},
     '.nsyn_max', 'is no range of synapse numbers'),
    (f"{EDGES}.connection_params", {**RULE, 'nsyn_min': 1.5}, '.nsyn_min', 'is no whole number'),
    (f"{EDGES}.connection_params", {**RULE, 'd_max': 0}, '.d_max', 'is no distance'),
    (f"{EDGES}.connection_params", {**RULE, 'd_max': -5}, '.d_max', 'is no distance'),
    (f"{EDGES}.connection_params", {**RULE, 'd_weight_max': 5.0}, '.d_weight_max', 'is no probability'),
    (f"{EDGES}.connection_params", {**RULE, 'd_weight_max': -5.0}, '.d_weight_max', 'is no probability'),
    (f"{EDGES}.connection_params", {**RULE, 'd_weight_max': 'x'}, '.d_weight_max', 'is no number'),
    (f"{EDGES}.connection_params", {**RULE, 'nsyn_max': '4'}, '.nsyn_max', 'is no whole number'),
    (f"{EDGES}.connection_params", {**RULE, 'foo': 1}, '', 'is no parameter of distance_connector'),
    (f"{EDGES}.connection_params", {'d_weight_min': 0.0, 'd_weight_max': 1.0, 'nsyn_min': 1, 'nsyn_max': 4},
     '.d_max', 'is missing for distance_connector'),
    (f"{EDGES}.connection_params", {**RULE, 'nsyn_min': -3}, '.nsyn_max', 'is no range of synapse numbers'),
    (f"{EDGES}.connection_params", {**RULE, 'nsyn_max': None}, '.nsyn_max', 'is no whole number'),
    (f"{EDGES}.connection_params", {**RULE, 'd_max': [1]}, '.d_max', 'is no number'),
    (f"{EDGES}.syn_weight", GONE, '', 'is needed for synapses on biophysical cells'),
    (f"{EDGES}.delay", GONE, '', 'is needed for synapses on biophysical cells'),
    (f"{EDGES}.delay", 1000000000.0, '', 'no spike would arrive within the run'),
    (f"{EDGES}.delay", 1e+300, '', 'no spike would arrive within the run'),
    (f"{EDGES}.distance_range", GONE, '', 'is needed to place synapses on biophysical cells'),
    (f"{EDGES}.distance_range", [100, 10], '', 'is no range'),
    (f"{EDGES}.distance_range", [1000000000.0, 2000000000.0],
     '', "leaves no place for a synapse on ['basal', 'apical']"),
    (f"{EDGES}.target_sections", GONE, '', 'is needed to place synapses on biophysical cells'),
    (f"{EDGES}.target_sections", ['basl'], '', 'no such section'),
    (f"{EDGES}.dynamics_params", GONE, f"{EDGES}.erev", 'a synapse of Exp2Syn needs this parameter'),
    (f"{EDGES}.source", {'node_id': 99}, '', 'chooses none of the 3 nodes of cells'),
    (f"{EDGES}.source", {'node_id': 'a'}, '', 'chooses none of the 3 nodes of cells'),
    (f"{EDGES}.source", {'pop_name': ['stick', 'stik']}, '.pop_name', 'no cell has this value'),
    (f"{EDGES}.syn_wieght", 1.0, EDGES, 'is no key'),
    (f"{EDGES}.iterator", 'all_to_one', '', 'is not for this rule'),
    (f"{EDGES}.nsyns", -1, f"{EDGES}.connection_rule", 'int gave no number of synapses'),
    (f"{EDGES}.nsyns", 'a', f"{EDGES}.connection_rule", 'is no rule'),
    (f"{EDGES}.nsyns", 1.5, f"{EDGES}.connection_rule", 'float gave no number of synapses'),
    (f"{EDGES}.add_properties", [{}], '.0', "the key 'names' is missing"),
    (f"{EDGES}.add_properties", [{'names': 'a'}], '.0', 'needs either rule or values'),
    (f"{EDGES}.add_properties", [{'names': ['a b'], 'values': [1]}], '.0', 'is no name of a column'),
    (f"{EDGES}.add_properties", [{'names': ['syn_weight'], 'values': -1.0}], '.0', 'no syn_weight of a synapse'),
    (f"{EDGES}.add_properties", [{'names': ['delay'], 'values': 0.0001}], '.0', 'no delay of a synapse'),
    (f"{EDGES}.weight_function", 'nope', '', 'unknown weight function'),
    (f"{EDGES}.weight_function", 'gaussianLL', f"{EDGES}.tuning_angle", 'is needed by gaussianLL'),
    ("networks.sources.edges.0.is_gap_junction", True, 'networks.sources.edges.0.target_network', 'of one network'),
    (f"{EDGES}.afferent_section_id", 5000, '', 'has no effect'),
    (f"{EDGES}.afferent_section_id", -1, '', 'has no effect'),
    (f"{EDGES}.sec_id", 1, '', 'has no effect'),
    (f"{EDGES}.edge_type_id", -1, '', 'no type id'),
    (f"{EDGES}.edge_type_id", 'a', '', 'no type id'),
    ('inputs.sources', {**TRAINS, 'times': [5.0, 6.0]}, '.times', 'no spike would come within the run'),
    ('inputs.sources', {**TRAINS, 'node_ids': []}, '.node_ids', 'wrong value'),
    ('inputs.sources', {**TRAINS, 'node_ids': [0, 0]}, '.node_ids', 'wrong value'),
    ('inputs.sources', {'type': 'spikes', 'file': 'rubbish.csv'},
     'rubbish.csv: timestamps', 'is missing from the header'),
    ('inputs.sources', {'type': 'spikes', 'file': 'bad.csv'}, 'bad.csv', 'line 2'),
    ('inputs.sources', {'type': 'spikes', 'file': 'bad.h5'},
     'bad.h5', 'cannot be read as HDF5 (Unable to synchronously open file (b'),
    ('inputs.sources', {'type': 'spikes', 'file': 'other.csv'}, 'other.csv', 'has no spikes of that population'),
    ('inputs.sources', {'type': 'spikes', 'file': 'late.csv'}, 'late.csv', 'has no spike within the run'),
    ('inputs.sources', {'type': 'spikes', 'file': 'stranger.csv'},
     'stranger.csv', 'has spikes of nodes that sources does not have'),
    ('inputs.sources', {'type': 'spikes', 'file': 'empty.csv'}, 'empty.csv', 'is empty'),
    ('inputs.clamp', {**CLAMP, 'delay': 5000.0}, '.delay', 'the current would begin after the run'),
    ('inputs.clamp', {**CLAMP, 'node_ids': []}, '.node_ids', 'wrong value'),
    ('inputs.clamp', {**CLAMP, 'node_ids': [0, 0]}, '.node_ids', 'wrong value'),
    ('inputs.clamp', {**CLAMP, 'amp': 1e9}, '.amp', 'no cell bears such a current'),
    ('inputs.clamp', {**CLAMP, 'amp': -150}, '.amp', 'at most 100 nA, of either sign, or a higher limits.current'),
    ('inputs.clamp', {'type': 'ramp', 'population': 'cells', 'amp_start': 0.0, 'amp_end': 2e3, 'delay': 1.0,
                      'duration': 9.0}, '.amp_end', 'no cell bears such a current'),
    ('inputs.wave', {**ARRAY, 'file': 'backwards.csv'}, 'backwards.csv', 'timestamps, row 2: the times have to be two '
     'or more, ascending, from 0 ms on (found 3.0)'),
    ('inputs.wave', {**ARRAY, 'file': 'nan.csv'}, 'nan.csv', 'amps, row 1: is no number (found nan)'),
    ('inputs.wave', {**ARRAY, 'file': 'columns.csv'}, 'columns.csv', 'the file has no such column'),
    ('inputs.wave', {**ARRAY, 'file': 'words.csv'}, 'words.csv', 'the current cannot be read'),
    ('inputs.wave', {**ARRAY, 'file': 'bad.h5'}, 'bad.h5', 'the current cannot be read'),
    ('inputs.wave', {**SINE, 'frequency': 9e3}, '.frequency', 'faster than simulation.dt shows'),
    ('inputs.wave', {**SINE, 'type': 'pulse_train', 'width': 0.01}, '.width', 'shorter than simulation.dt'),
    ('inputs.field', {**FIELD, 'file': 'flat.txt'}, 'flat.txt', 'not a field'),
    ('inputs.field', {**FIELD, 'field': [0, 1, 0], 'waveform': {**WAVE, 'amp': 'a'}}, '.waveform.amp', 'wrong value'),
    ('inputs.field', {**FIELD, 'field': [0, 1, 0], 'waveform': {**WAVE, 'frequency': -1.0}},
     '.waveform.frequency', 'wrong value'),
    ('inputs.sources', {'type': 'replay', 'file': 'other.csv', 'source': 'other', 'window': [9.0, 2.0]},
     '', 'the window ends before it begins'),
    ('inputs.sources', {'type': 'replay', 'file': 'other.csv', 'source': 'other', 'window': [5.0, 9.0]},
     'other.csv', 'has no spike within the window'),
    ('simulation', {**RUN, 'clamp_currents': ['sources']}, '.clamp_currents.0', 'no input that is a clamp'),
    ('simulation', {**RUN, 'engine': 'lockstep', 'reports': {'v_report': {**OF_V, 'variable': 'vext'}}},
     '.engine', 'the extracellular layer, which the report v_report (vext) needs'),
    ('inputs.clamp', {'type': 'voltage_clamp', 'population': 'cells', 'voltages': [-70.0, 7e4], 'durations': [1, 1]},
     '.voltages', 'no potential of a clamp'),
    (f"{EDGES}.dynamics_params", 'third.json', 'third.json: tau3', 'is no parameter of this synapse'),
    (f"{EDGES}.dynamics_params", 'both.json', 'both.json: erev', 'stands for e, which is given, too'),
    (f"{EDGES}.dynamics_params", 'quoted.json', 'quoted.json: tau1', 'is a text'),
    (f"{EDGES}.dynamics_params", {'tau1': 1.0, 'tau2': 3.0, 'erev': 0.0, 'tau_2': 5.0},
     f"{EDGES}.tau_2", "Did you mean 'tau2'?"),
    ("networks.cells.edges", [{**SYNAPSE, 'model_template': 'NMDA', 'dynamics_params': 'nmda.json'}], 'nmda.json: tau3',
     "NMDA has no such parameter"),
    ('simulation.tstop', 1e+308, '', 'too many steps'),
    ('simulation.dL', 1e-09, '', 'the cells would have far too many segments'),
    ('simulation.dL', 0.01, '', 'the cells would have far too many segments'),
    ('simulation.celsius', 1000.0, '', 'no cell lives there'),
    ('simulation.celsius', 200.0, '', 'no cell lives there'),
    ('simulation.threads', 1000000000, '', 'wrong value'),
    ('simulation.largest_potential', 1.0, '', 'the run would end as it begins, at simulation.v_init'),
    ('simulation.largest_potential', 50.0, '', 'the run would end as it begins, at simulation.v_init'),
    (REPORT, {**OF_V, 'variable': 'v[0]'}, '.variable', 'no element of a variable'),
    (REPORT, {**OF_V, 'variable': 'v[5]'}, '.variable', 'no element of a variable'),
    (REPORT, {**OF_V, 'variable': 'v['}, '.variable', 'no element of a variable'),
    (REPORT, {**OF_V, 'sections': 'dendrite'}, '.sections', 'no such section'),
    (REPORT, {**OF_V, 'sections': []}, '.sections', 'no such section'),
    (REPORT, {**OF_V, 'sections': [5]}, '.sections', 'no such section'),
    (REPORT, {**OF_V, 'cells': {'population': 'cells', 'node_id': []}},
     '.cells', 'chooses no cell that has something to record'),
    (REPORT, {**OF_V, 'cells': {'pop_name': 'sticks'}}, '.cells', 'chooses no cell that has something to record'),
    (REPORT, {**OF_V, 'cells': {'pop_nam': 'stick'}}, '.cells', "no node has the attribute 'pop_nam'"),
    (REPORT, {**OF_V, 'cells': {'population': 'sources'}}, '.cells', 'chooses no cell that has something to record'),
    (REPORT, {**OF_V, 'cells': {'population': ['cells', 'x']}}, '.cells.population', 'there is no such population'),
    (REPORT, {**OF_V, 'cells': {'node_id': {'$gt': 5}}}, '.cells', 'chooses no cell that has something to record'),
    (REPORT, {**OF_V, 'cells': {'pop_name': {'$regex': '('}}},
     '.cells.pop_name', 'no regular expression (missing ), unterminated subpattern at'),
    (REPORT, {**OF_V, 'cells': {'node_id': 'a'}}, '.cells', 'chooses no cell that has something to record'),
    (REPORT, {**OF_V, 'dt': 500.0}, '.dt', 'longer than what is recorded'),
    (REPORT, {**OF_V, 'variable': 'tau_pas'}, '.variable', 'no mechanism has such a variable'),
    ('figures.traces', {**RASTER, 'kind': 'traces', 'report': 'v_report', 'population': 'sources'},
     '.population', 'the report v_report has no cells of this network'),
    ('statistics', {'window': [10, 5]}, '.window', 'no time of the run'),
    ('statistics', {'window': [500, 600]}, '.window', 'no time of the run'),
    ('sweep', {'values': {'simulation.v_init': []}}, '.values.simulation.v_init', 'wrong value'),
    ('sweep', {'design': 'random', 'n': 3, 'values': {'simulation.v_init': {'min': 5, 'max': 1}}},
     '.values.simulation.v_init', 'wrong bounds'),
    ('sweep', {'design': 'random', 'n': 3, 'values': {'simulation.v_init': {'min': 'a', 'max': 1}}},
     '.values.simulation.v_init', 'wrong bounds'),
    ('sweep', {'design': 'random', 'n': 3, 'values': {'simulation.v_init': []}},
     '.values.simulation.v_init', 'wrong value'),
    ('sweep', {'values': {'networks.cells.nodes.0': {'a': {}}, 'networks.cells.nodes.0.N': [3, 4]}},
     '.values', 'one of networks.cells.nodes.0 and networks.cells.nodes.0.N w'),
    ('sweep', {'values': {'networks.cells.nodes.0.N': [3, 4], 'networks.cells.nodes.0': {'a': {}}}},
     '.values', 'one of networks.cells.nodes.0 and networks.cells.nodes.0.N w'),
    ('sweep', {'values': {'simulation.reports.v_report.variable': ['v', 'vv']}},
     f"{REPORT}.variable", 'no mechanism has such a variable'),
    ('sweep', {'values': {'networks.cells.edges.0.model_template': ['exp2syn', 'exp2sin']}},
     f"{EDGES}.model_template", 'no synapse has this name'),
    ('mechanisms', {'directory': 'twomod'}, 'twomod/b.mod', 'has the mechanism of a.mod, too'),
    ('title', '日本\x00', '', 'a control character'),
]  # fmt: skip

# What looks odd, and can be meant: no error.
MEANT = [
    ("results", "my results"), ("results", "résultats"), (f"{NODES}.pop_name", "a b"), (f"{NODES}.pop_name", "a'b"),
    (f"{NODES}.pop_name", 'a"b'), (f"{NODES}.pop_name", "日本"), (f"{NODES}.node_id", [5, 6, 7]),
    (f"{NODES}.colour", {"function": "xiter_random"}), (f"{EDGES}.syn_weight", 0),
    (f"{EDGES}.target_sections", ["axon"]), (f"{EDGES}.model_template", GONE), ("inputs", {}),
    ("inputs.clamp", {**CLAMP, "amp": 0}), (f"{NODES}.model_processing", "aibs_perisomatic,extracellular"),
    (REPORT, {**OF_V, "sections": ["soma", "basal"]}), (REPORT, {**OF_V, "variable": "gbar_NaTs", "sections": "all"}),
    (REPORT, {**OF_V, "variable": "i_pas"}), (REPORT, {**OF_V, "variable": "vext"}),
    ("statistics", {"window": [0, 0.01]}),
    ("sweep", {"values": {"simulation.engine": ["neuron", "coreneuron"]}}),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    shutil.copytree(project_folder() / "tests" / "workflow" / "models", folder / "models")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def small() -> dict:
    return yaml.safe_load((project_folder() / "tests" / "workflow" / "experiment.yaml").read_text())


def said_of(config: dict, path: str, value) -> str:
    """Return all that is said before any job of a config with ``value`` at ``path``."""
    config = copy.deepcopy(config)
    put(config, path, value)
    if value is GONE:
        *parents, last = path.split(".")
        place = config
        for part in parents:
            place = place[int(part)] if isinstance(place, list) else place[part]
        del place[last]
    try:
        plan = Plan(Experiment(config, file="experiment.yaml"), project_folder())
        found = "\n".join(map(str, missing_files(plan)))
        estimate(plan)
        return found
    except InputError as error:
        return str(error)


@pytest.mark.parametrize(("path", "value", "where", "words"), TRIALS)
def test_a_mistake_is_named_before_any_job(path, value, where, words, small, folder, monkeypatch):
    monkeypatch.chdir(folder)
    found = said_of(small, path, value)
    assert f"{path}{where}: " in found if where[:1] in ("", ".") else f"{where}: " in found
    assert words in found


def test_an_electrode_in_a_soma_is_named_before_any_job(small, folder, monkeypatch):
    monkeypatch.chdir(folder)
    config = copy.deepcopy(small)
    config["networks"]["cells"]["nodes"][0]["positions"] = [[0, 0, 0], [100, 0, 0], [0, 0, 100]]
    field = {**FIELD, "positions": [[0, 300, 0], [100, 5, 0]]}
    said = said_of(config, "inputs.field", field)
    assert "inputs.field.positions.1: is too close to the soma of node 1 (found [100, 5, 0])" in said
    assert said_of(config, "inputs.field", {**field, "node_ids": [0, 2]}) == ""


@pytest.mark.parametrize(("path", "value"), MEANT)
def test_what_can_be_meant_is_no_mistake(path, value, small, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert said_of(small, path, value) == ""
