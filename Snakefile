"""Colonnade: from one YAML file to a network's spikes, statistics, figures and report."""

from snakemake.utils import min_version

min_version("9.0")


report: "workflow/report/experiment.rst"


# The config, config/config.yaml if no other is given, and the plan that follows from it.
include: "workflow/rules/common.smk"
include: "workflow/rules/components.smk"
include: "workflow/rules/mechanisms.smk"
include: "workflow/rules/network.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/manuscript.smk"


rule all:
    default_target: True
    input:
        plan.targets(),
    localrule: True
    message:
        "All results are there"


rule network:
    input:
        plan.results("nodes", "edges"),
    localrule: True
    message:
        "The network is there"


rule inputs:
    input:
        plan.results("inputs"),
    localrule: True
    message:
        "The inputs are there"


rule simulations:
    input:
        plan.results("simulation"),
    localrule: True
    message:
        "The simulations are done"
