"""The models of others: morphologies, biophysics and synapses, pinned by their checksums."""


rule fetch_component:
    input:
        source=source_model,
        program=program("fetch_component.py"),
        code=code_of("fetch_component.py"),
    output:
        file=f"{FOLDER}/components/{{kind}}/{{file}}",
        record=f"{FOLDER}/components/records/{{kind}}/{{file}}.json",
    log:
        f"{LOGS}/fetch_component/{{kind}}/{{file}}.log",
    benchmark:
        f"{BENCHMARKS}/fetch_component/{{kind}}/{{file}}.tsv"
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        settings=component_settings,
    message:
        "Obtain {wildcards.file}"
    shell:
        "python {input.program:q} --settings {params.settings:q} --output {output.file:q}"
        " --record {output.record:q} > {log} 2>&1"
