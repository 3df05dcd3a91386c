"""Tables of what was simulated, and of all points of a sweep together."""


rule compute_statistics:
    input:
        config=file_of("simulation", "config.json", "statistics"),
        network=network_of("statistics"),
        spikes=file_of("simulation", "output/spikes.h5", "statistics"),
        program=program("compute_statistics.py"),
        code=code_of("compute_statistics.py"),
    output:
        populations=report(
            f"{FOLDER}/statistics{{point}}/populations.csv",
            category=category_of("Tables"),
            subcategory=page_of,
            caption="../report/populations.rst",
            labels={"result": "groups of cells"},
        ),
        cells=report(
            f"{FOLDER}/statistics{{point}}/cells.csv",
            category=category_of("Tables"),
            subcategory=page_of,
            caption="../report/cells.rst",
            labels={"result": "each cell"},
        ),
        connections=report(
            f"{FOLDER}/statistics{{point}}/connection_probability.csv",
            category=category_of("Tables"),
            subcategory=page_of,
            caption="../report/connections.rst",
            labels={"result": "connections by distance"},
        ),
        tables=[f"{FOLDER}/statistics{{point}}/{table}.csv" for table in TABLES],
        summary=f"{FOLDER}/statistics{{point}}/statistics.json",
    log:
        f"{LOGS}/compute_statistics{{point}}.log",
    benchmark:
        f"{BENCHMARKS}/compute_statistics{{point}}.tsv"
    conda:
        "../../envs/environment.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        folder=f"{FOLDER}/statistics{{point}}",
        settings=settings_of("statistics"),
    message:
        "Compute statistics{wildcards.point}"
    shell:
        "python {input.program:q} --config {input.config:q} --settings {params.settings:q}"
        " --output {params.folder:q} > {log} 2>&1"


if experiment.has_sweep:

    rule gather_points:
        input:
            tables=all_files_of("statistics", "populations.csv"),
            program=program("gather_points.py"),
            code=code_of("gather_points.py"),
        output:
            points=report(
                f"{FOLDER}/statistics/points.csv",
                category="Sweep",
                caption="../report/points.rst",
                labels={"result": "all points"},
            ),
        log:
            f"{LOGS}/gather_points.log",
        benchmark:
            f"{BENCHMARKS}/gather_points.tsv"
        localrule: True
        conda:
            "../../envs/environment.yaml"
        params:
            settings=canonical_json(sweep_points()),
        message:
            "Gather all points of the sweep"
        shell:
            "python {input.program:q} --settings {params.settings:q} --output {output.points:q} > {log} 2>&1"

    rule summarise_sweep:
        input:
            points=f"{FOLDER}/statistics/points.csv",
            program=program("summarise_sweep.py"),
            code=code_of("summarise_sweep.py"),
        output:
            summary=report(
                f"{FOLDER}/statistics/sweep.csv",
                category="Sweep",
                caption="../report/sweep_table.rst",
                labels={"result": "means over replicates"},
            ),
        log:
            f"{LOGS}/summarise_sweep.log",
        benchmark:
            f"{BENCHMARKS}/summarise_sweep.tsv"
        localrule: True
        conda:
            "../../envs/environment.yaml"
        params:
            settings=canonical_json(interval_settings()),
        message:
            "Summarise the sweep"
        shell:
            "python {input.program:q} --points {input.points:q} --settings {params.settings:q} --output {output.summary:q} > {log} 2>&1"

    onerror:
        # The points that are done, and the names of those that failed.
        settings, table = canonical_json(sweep_points()), f"{FOLDER}/statistics/points.csv"
        shell("python {SCRIPTS}/gather_points.py --settings {settings:q} --output {table:q}")
