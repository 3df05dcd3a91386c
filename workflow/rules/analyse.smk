"""Tables of what was simulated, and of all points of a sweep together."""

SHOWN_TABLES = {
    "populations": ("populations", "groups of cells"),
    "cells": ("cells", "each cell"),
    "connection_probability": ("connections", "connections by distance"),
}


rule compute_statistics:
    input:
        unpack(plan.inputs("statistics")),
    output:
        **{name: table_of(name, *shown) for name, shown in SHOWN_TABLES.items()},
        **plan.outputs("statistics", but=SHOWN_TABLES),
    log:
        plan.log("statistics"),
    benchmark:
        plan.benchmark("statistics")
    conda:
        ENVIRONMENT
    resources:
        mem_mb=2000,
        runtime=20,
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
            unpack(plan.inputs("points")),
        output:
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
            step("gather_points", "--keys {params.varied:q} --output {output.points:q}")

    rule summarise_sweep:
        input:
            unpack(plan.inputs("sweep_summary")),
        output:
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

    onerror:
        # The points that are done, and the names of those that failed.
        settings, keys, table = (
            plan.settings_of("points")({}),
            plan.keys("statistics"),
            plan.output("points", "points"),
        )
        shell(
            'python "$COLONNADE_PROGRAMS/gather_points.py" --settings {settings:q} --keys {keys:q}'
            " --output {table:q}"
        )
