"""Figures of the paper: one rule for each kind, each as PDF, SVG and PNG."""

SIMULATED_KINDS = ("raster", "traces", "distributions", "correlations", "spectrum", "panel")
NETWORK_KINDS = ("placement", "connection_probability", "connectivity_matrix")

for kind in (*SIMULATED_KINDS, *NETWORK_KINDS, "sweep"):
    if not figures_of(kind):
        continue

    rule:
        name:
            f"plot_{kind}"
        input:
            result=files_of_figure,
            program=program(f"plot_{kind}.py"),
            code=code_of(f"plot_{kind}.py"),
        output:
            pdf=f"{FOLDER}/figures{{point}}/{{figure}}.pdf",
            png=f"{FOLDER}/figures{{point}}/{{figure}}.png",
            svg=report(
                f"{FOLDER}/figures{{point}}/{{figure}}.svg",
                category=category_of("Figures"),
                subcategory=page_of,
                caption=f"../report/{kind}.rst",
                labels={"result": "{figure}"},
            ),
        log:
            f"{LOGS}/figures{{point}}/{{figure}}.log",
        benchmark:
            f"{BENCHMARKS}/figures{{point}}/{{figure}}.tsv"
        wildcard_constraints:
            figure="|".join(figures_of(kind)),
        conda:
            "../../envs/environment.yaml"
        resources:
            mem_mb=2000,
            runtime=20,
        params:
            files=arguments_of_figure,
            settings=settings_of("figures/{figure}"),
            origin=origin_of("figures/{figure}"),
        message:
            "Draw {wildcards.figure}{wildcards.point}"
        shell:
            "python {input.program:q} {params.files:q} --settings {params.settings:q} --provenance {params.origin:q}"
            " --output {output:q} > {log} 2>&1"
