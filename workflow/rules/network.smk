"""Populations of cells, and the connections between them with every synapse's site."""


rule build_nodes:
    input:
        unpack(given("nodes/{network}")),
    output:
        receipt=plan.receipt_output("nodes"),
        nodes=plan.output("nodes", "nodes"),
        node_types=report(
            plan.output("nodes", "node_types"),
            category="Network",
            subcategory=page_of,
            caption="../report/node_types.rst",
            labels={"result": "cell types of {network}"},
        ),
    log:
        plan.log("nodes"),
    benchmark:
        plan.benchmark("nodes")
    group:
        groups.of("nodes/{network}")
    localrule: needs.are_light("nodes")
    conda:
        ENVIRONMENT
    resources:
        **needs.of("nodes/{network}"),
    params:
        settings=plan.settings_of("nodes/{network}"),
        code=plan.code_of("nodes/{network}"),
    message:
        "Build the cells of {wildcards.network}{wildcards.point}"
    shell:
        step("build_nodes", "--nodes {output.nodes:q} --node-types {output.node_types:q}")


rule build_edges:
    input:
        unpack(given("edges/{source}_{target}")),
    output:
        receipt=plan.receipt_output("edges"),
        edges=plan.output("edges", "edges"),
        edge_types=report(
            plan.output("edges", "edge_types"),
            category="Network",
            subcategory=page_of,
            caption="../report/edge_types.rst",
            labels={"result": "connections from {source} to {target}"},
        ),
    log:
        plan.log("edges"),
    benchmark:
        plan.benchmark("edges")
    group:
        groups.of("edges/{source}_{target}")
    localrule: needs.are_light("edges")
    conda:
        ENVIRONMENT
    resources:
        **needs.of("edges/{source}_{target}"),
    params:
        morphologies=f"{plan.folder}/components/morphologies",
        settings=plan.settings_of("edges/{source}_{target}"),
        code=plan.code_of("edges/{source}_{target}"),
    message:
        "Connect {wildcards.source} to {wildcards.target}{wildcards.point}"
    shell:
        step(
            "build_edges",
            "--source {input.source_nodes:q} --target {input.target_nodes:q} --morphologies {params.morphologies:q}"
            " --edges {output.edges:q} --edge-types {output.edge_types:q} --workers {threads}",
        )
