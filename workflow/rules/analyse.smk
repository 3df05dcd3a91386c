"""Tables of what was simulated, and of all points of a sweep together."""

SHOWN_TABLES = {
    "populations": ("populations", "groups of cells"),
    "cells": ("cells", "each cell"),
    "connection_probability": ("connections", "connections by distance"),
}


rule compute_statistics:
    input:
        unpack(given("statistics")),
    output:
        **{name: table_of(name, *shown) for name, shown in SHOWN_TABLES.items()},
        **plan.outputs("statistics", but=SHOWN_TABLES),
        receipt=plan.receipt_output("statistics"),
    log:
        plan.log("statistics"),
    benchmark:
        plan.benchmark("statistics")
    group:
        groups.of("statistics")
    localrule: needs.are_light("statistics")
    conda:
        ENVIRONMENT
    resources:
        **needs.of("statistics"),
    params:
        folder=plan.output_folder("statistics"),
        settings=plan.settings_of("statistics"),
        code=plan.code_of("statistics"),
    message:
        "Compute statistics{wildcards.point}"
    shell:
        step("compute_statistics", "--config {input.config:q} --output {params.folder:q}")


if experiment.has_sweep:

    rule gather_points:
        input:
            unpack(given("points")),
        output:
            receipt=plan.receipt_output("points"),
            points=report(
                plan.output("points", "points"),
                category="Sweep",
                caption="../report/points.rst",
                labels={"result": "all points"},
            ),
        log:
            plan.log("points"),
        benchmark:
            plan.benchmark("points")
        localrule: True
        conda:
            ENVIRONMENT
        params:
            varied=plan.keys("statistics"),
            settings=plan.settings_of("points"),
            code=plan.code_of("points"),
        message:
            "Gather all points of the sweep"
        shell:
            step(
                "gather_points",
                "--keys {params.varied:q} --output {output.points:q}",
                # It says itself what it has read: so many files are too long for a command line.
                "--step {params.code} --made {output:q} --from",
            )

    rule summarise_sweep:
        input:
            unpack(given("sweep_summary")),
        output:
            receipt=plan.receipt_output("sweep_summary"),
            summary=report(
                plan.output("sweep_summary", "summary"),
                category="Sweep",
                caption="../report/sweep_table.rst",
                labels={"result": "means over replicates"},
            ),
        log:
            plan.log("sweep_summary"),
        benchmark:
            plan.benchmark("sweep_summary")
        localrule: True
        conda:
            ENVIRONMENT
        params:
            settings=plan.settings_of("sweep_summary"),
            code=plan.code_of("sweep_summary"),
        message:
            "Summarise the sweep"
        shell:
            step("summarise_sweep", "--points {input.points:q} --output {output.summary:q}")
