"""Populations of cells, and the connections between them with every synapse's site."""


rule build_nodes:
    input:
        program=program("build_nodes.py"),
        code=code_of("build_nodes.py", *NODES),
    output:
        nodes=f"{FOLDER}/network{{point}}/{{network}}_nodes.h5",
        node_types=report(
            f"{FOLDER}/network{{point}}/{{network}}_node_types.csv",
            category="Network",
            subcategory=page_of,
            caption="../report/node_types.rst",
            labels={"result": "cell types of {network}"},
        ),
    log:
        f"{LOGS}/build_nodes{{point}}/{{network}}.log",
    benchmark:
        f"{BENCHMARKS}/build_nodes{{point}}/{{network}}.tsv"
    conda:
        "../../envs/environment.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=settings_of("nodes/{network}"),
    message:
        "Build the cells of {wildcards.network}{wildcards.point}"
    shell:
        "python {input.program:q} --settings {params.settings:q} --nodes {output.nodes:q}"
        " --node-types {output.node_types:q} > {log} 2>&1"


rule build_edges:
    input:
        source_nodes=file_of("nodes/{source}", "{source}_nodes.h5", "edges/{source}_{target}"),
        source_node_types=file_of("nodes/{source}", "{source}_node_types.csv", "edges/{source}_{target}"),
        target_nodes=file_of("nodes/{target}", "{target}_nodes.h5", "edges/{source}_{target}"),
        target_node_types=file_of("nodes/{target}", "{target}_node_types.csv", "edges/{source}_{target}"),
        morphologies=MORPHOLOGIES,
        program=program("build_edges.py"),
        code=code_of("build_edges.py", *EDGES),
    output:
        edges=f"{FOLDER}/network{{point}}/{{source}}_{{target}}_edges.h5",
        edge_types=report(
            f"{FOLDER}/network{{point}}/{{source}}_{{target}}_edge_types.csv",
            category="Network",
            subcategory=page_of,
            caption="../report/edge_types.rst",
            labels={"result": "connections from {source} to {target}"},
        ),
    log:
        f"{LOGS}/build_edges{{point}}/{{source}}_{{target}}.log",
    benchmark:
        f"{BENCHMARKS}/build_edges{{point}}/{{source}}_{{target}}.tsv"
    conda:
        "../../envs/environment.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        settings=settings_of("edges/{source}_{target}"),
        morphologies=morphologies_folder,
    message:
        "Connect {wildcards.source} to {wildcards.target}{wildcards.point}"
    shell:
        "python {input.program:q} --settings {params.settings:q}"
        " --source-nodes {input.source_nodes:q} --source-node-types {input.source_node_types:q}"
        " --target-nodes {input.target_nodes:q} --target-node-types {input.target_node_types:q}"
        " --morphologies {params.morphologies:q} --edges {output.edges:q} --edge-types {output.edge_types:q}"
        " > {log} 2>&1"
