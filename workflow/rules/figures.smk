"""Figures of the paper: one rule for each kind, each as PDF, SVG and PNG."""

SIMULATED_KINDS = ("raster", "traces", "distributions", "correlations", "spectrum", "panel")
NETWORK_KINDS = ("placement", "connection_probability", "connectivity_matrix")

for kind in (*SIMULATED_KINDS, *NETWORK_KINDS, "sweep"):
    figures = [name for name, figure in experiment.figures.items() if figure["kind"] == kind]
    if not figures:
        continue

    rule:
        name:
            f"plot_{kind}"
        input:
            unpack(plan.inputs("figures/{figure}")),
        output:
            **plan.outputs("figures", but=["svg"]),
            svg=report(
                plan.output("figures", "svg"),
                category=category_of("Figures"),
                subcategory=page_of,
                caption=f"../report/{kind}.rst",
                labels={"result": "{figure}"},
            ),
        log:
            plan.log("figures"),
        benchmark:
            plan.benchmark("figures")
        wildcard_constraints:
            figure="|".join(figures),
        conda:
            ENVIRONMENT
        resources:
            mem_mb=2000,
            runtime=20,
        params:
            program=f"plot_{kind}",
            files=plan.arguments("figures/{figure}", "config", "points", "nodes", "edges"),
            settings=plan.settings_of("figures/{figure}"),
            origin=plan.origin_of("figures/{figure}"),
            code=plan.code_of("figures/{figure}"),
        message:
            "Draw {wildcards.figure}{wildcards.point}"
        shell:
            step("{params.program}", "{params.files:q} --provenance {params.origin:q} --output {output:q}")
