"""The network on NEURON or CoreNEURON."""


rule write_simulation_config:
    input:
        network=network_of("simulation"),
        program=program("write_simulation_config.py"),
        code=code_of("write_simulation_config.py"),
    output:
        config=report(
            f"{FOLDER}/simulation{{point}}/config.json",
            category=category_of("Simulation"),
            subcategory=page_of,
            caption="../report/simulation.rst",
            labels={"result": "simulation"},
        ),
        parts=[
            f"{FOLDER}/simulation{{point}}/{file}"
            for file in ("circuit_config.json", "simulation_config.json", "node_sets.json")
        ],
    log:
        f"{LOGS}/write_simulation_config{{point}}.log",
    benchmark:
        f"{BENCHMARKS}/write_simulation_config{{point}}.tsv"
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        settings=settings_of("simulation"),
        files=network_arguments,
        folder=f"{FOLDER}/simulation{{point}}",
    message:
        "Write the simulation config{wildcards.point}"
    shell:
        "python {input.program:q} --settings {params.settings:q} {params.files:q}"
        " --output {params.folder:q} > {log} 2>&1"


rule simulate:
    input:
        config=f"{FOLDER}/simulation{{point}}/config.json",
        network=network_of("simulation"),
        spikes=inputs_of_simulation,
        components=sum(COMPONENTS.values(), []),
        mechanisms=file_of("mechanisms", "mechanisms.json", "simulation"),
        library=file_of("mechanisms", "x86_64/libnrnmech.so", "simulation"),
        program=program("simulate.py"),
        code=code_of("simulate.py"),
    output:
        spikes=ensure(f"{FOLDER}/simulation{{point}}/output/spikes.h5", non_empty=True),
        reports=[f"{FOLDER}/simulation{{point}}/output/{name}.h5" for name in experiment.reports],
    log:
        f"{LOGS}/simulate{{point}}.log",
    benchmark:
        f"{BENCHMARKS}/simulate{{point}}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: experiment.config["simulation"]["threads"]
    resources:
        mem_mb=4000,
        runtime=120,
        tasks=1,
        mpi="",
    params:
        settings=settings_of("simulation"),
    message:
        "Simulate{wildcards.point}"
    shell:
        # More than one MPI rank where a launcher is set: --set-resources simulate:tasks=2 simulate:mpi=mpiexec
        "mpi={resources.mpi:q}; ${{mpi:+$mpi -n {resources.tasks}}}"
        " python {input.program:q} --config {input.config:q} --threads {threads} > {log} 2>&1"
