"""Figures of the paper, each as PDF, SVG and PNG; a rule for each kind in colonnade/figures/kinds/."""

for kind, names in plan.figures_by_kind().items():
    turnable = page_to_turn(kind)

    rule:
        name:
            f"plot_{kind}"
        input:
            unpack(given("figures/{figure}")),
        output:
            **plan.outputs("figures", but=["svg", "html"]),
            **turnable,
            receipt=plan.receipt_output("figures"),
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
            figure="|".join(names),
        group:
            groups.of("figures/{figure}")
        localrule: needs.are_light("figures")
        conda:
            ENVIRONMENT
        resources:
            **needs.of("figures/{figure}"),
        params:
            page=[plan.output("figures", label) for label in turnable],
            files=plan.arguments("figures/{figure}", "config", "points", "morphologies", "nodes", "edges"),
            settings=plan.settings_of("figures/{figure}"),
            origin=plan.origin_of("figures/{figure}"),
            code=plan.code_of("figures/{figure}"),
        message:
            "Draw {wildcards.figure}{wildcards.point}"
        shell:
            step(
                "plot",
                "{params.files:q} --provenance {params.origin:q}"
                " --output {output.pdf:q} {output.svg:q} {output.png:q} {params.page:q}",
            )
