"""Spike trains of the virtual populations."""


rule generate_spikes:
    input:
        nodes=nodes_of_input,
        program=program("generate_spikes.py"),
        code=code_of("generate_spikes.py", *(f"inputs/{name}" for name in experiment.spike_inputs)),
        spikes=spike_file_of_input,
    output:
        f"{FOLDER}/inputs{{point}}/{{input}}_spikes.h5",
    log:
        f"{LOGS}/generate_spikes{{point}}/{{input}}.log",
    benchmark:
        f"{BENCHMARKS}/generate_spikes{{point}}/{{input}}.tsv"
    conda:
        "../../envs/environment.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=settings_of("inputs/{input}"),
    message:
        "Generate the spikes of {wildcards.input}{wildcards.point}"
    shell:
        "python {input.program:q} --settings {params.settings:q} --nodes {input.nodes:q}"
        " --output {output:q} > {log} 2>&1"
