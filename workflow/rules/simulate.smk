"""The network on NEURON or CoreNEURON."""


rule write_simulation_config:
    input:
        unpack(given("simulation_config")),
    output:
        **plan.outputs("simulation_config", but=["config"]),
        receipt=plan.receipt_output("simulation_config"),
        config=report(
            plan.output("simulation_config", "config"),
            category=category_of("Simulation"),
            subcategory=page_of,
            caption="../report/simulation.rst",
            labels={"result": "simulation"},
        ),
    log:
        plan.log("simulation_config"),
    benchmark:
        plan.benchmark("simulation_config")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        files=plan.arguments("simulation_config", "nodes", "edges", "spikes", "currents"),
        components=f"{plan.folder}/components",
        mechanisms=plan.folder_of("mechanisms", beside="simulation_config"),
        folder=plan.output_folder("simulation_config"),
        settings=plan.settings_of("simulation_config"),
        code=plan.code_of("simulation_config"),
    message:
        "Write the simulation config{wildcards.point}"
    shell:
        step(
            "write_simulation_config",
            "{params.files:q} --components {params.components:q} --mechanisms {params.mechanisms:q}"
            " --output {params.folder:q}",
        )


rule simulate:
    input:
        unpack(given("simulation")),
    output:
        **plan.outputs("simulation", but=["spikes"]),
        receipt=plan.receipt_output("simulation"),
        spikes=ensure(plan.output("simulation", "spikes"), non_empty=True),
    log:
        plan.log("simulation"),
    benchmark:
        plan.benchmark("simulation")
    conda:
        ENVIRONMENT
    threads: experiment.config["simulation"]["threads"]
    resources:
        mem_mb=4000,
        runtime=120,
        tasks=1,
        mpi="",
    params:
        settings=plan.settings_of("simulation"),
        code=plan.code_of("simulation"),
    message:
        "Simulate{wildcards.point}"
    shell:
        # More than one MPI rank where a launcher is set: --set-resources simulate:tasks=2 simulate:mpi=mpiexec
        "mpi={resources.mpi:q}; ${{mpi:+$mpi -n {resources.tasks}}}"
        ' python "$COLONNADE_PROGRAMS/simulate.py" --config {input.config[0]:q} --threads {threads}'
        " --step {params.code} {params.settings:q} --made {output:q} --from {input:q} > {log:q} 2>&1"
