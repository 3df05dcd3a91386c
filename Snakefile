"""Colonnade: from one YAML file to a network's spikes, statistics, figures and report."""

import threading

from snakemake.utils import min_version

min_version("9.0")

if "experiment" not in config:

    configfile: "config/config.yaml"


report: "workflow/report/experiment.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/components.smk"
include: "workflow/rules/mechanisms.smk"
include: "workflow/rules/network.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/figures.smk"


rule all:
    default_target: True
    input:
        SPIKES,
        STATISTICS,
        FIGURES,
    localrule: True


rule network:
    input:
        NETWORK,
    localrule: True


rule inputs:
    input:
        INPUTS,
    localrule: True


rule simulations:
    input:
        SPIKES,
    localrule: True


onsuccess:
    # Snakemake would wait at its end, a second for nothing, for the timers that limit the jobs a second.
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.cancel()
