"""NMODL files to the libraries that NEURON and CoreNEURON load."""


rule compile_mechanisms:
    input:
        mechanisms=mechanism_files,
        program=program("compile_mechanisms.py"),
        code=code_of("compile_mechanisms.py"),
    output:
        library=f"{FOLDER}/mechanisms{{point}}/x86_64/libnrnmech.so",
        manifest=f"{FOLDER}/mechanisms{{point}}/mechanisms.json",
    log:
        f"{LOGS}/compile_mechanisms{{point}}.log",
    benchmark:
        f"{BENCHMARKS}/compile_mechanisms{{point}}.tsv"
    priority: 10
    conda:
        "../../envs/environment.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        folder=f"{FOLDER}/mechanisms{{point}}",
        settings=settings_of("mechanisms", neuron=versions()["neuron"], compiler=compiler_version()),
    message:
        "Compile the mechanisms"
    shell:
        "python {input.program:q} {input.mechanisms:q} --settings {params.settings:q}"
        " --output {params.folder:q} > {log} 2>&1"
