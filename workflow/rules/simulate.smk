"""The network on NEURON or CoreNEURON, from 0 ms or from a state that points of a sweep share."""


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
    group:
        groups.of("simulation_config")
    conda:
        ENVIRONMENT
    resources:
        **needs.of("simulation_config"),
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
    group:
        groups.of("simulation")
    conda:
        ENVIRONMENT
    threads: experiment.config["simulation"]["threads"]
    resources:
        **needs.of("simulation"),
        **ranks_of("simulate"),
        checkpoint_every=experiment.config["simulation"].get("checkpoint_every", 0),
        keep_state=int(experiment.config["simulation"]["keep_state"]),
    params:
        states=begin_from("simulation"),
        settings=plan.settings_of("simulation"),
        code=plan.code_of("simulation"),
    message:
        "Simulate{wildcards.point}"
    shell:
        SIMULATE


if "settle" in experiment.config["simulation"]:

    use rule generate_spikes as generate_settle_spikes with:
        input:
            unpack(given("settle_inputs/{input}")),
        output:
            **plan.outputs("settle_inputs"),
            receipt=plan.receipt_output("settle_inputs"),
        log:
            plan.log("settle_inputs"),
        benchmark:
            plan.benchmark("settle_inputs")
        group:
            groups.of("settle_inputs/{input}")
        resources:
            **needs.of("settle_inputs/{input}"),
        params:
            settings=plan.settings_of("settle_inputs/{input}"),
            code=plan.code_of("settle_inputs/{input}"),
        message:
            "Generate the spikes of {wildcards.input} until the simulations have settled{wildcards.point}"

    use rule write_simulation_config as write_settle_config with:
        input:
            unpack(given("settle_config")),
        output:
            **plan.outputs("settle_config"),
            receipt=plan.receipt_output("settle_config"),
        log:
            plan.log("settle_config"),
        benchmark:
            plan.benchmark("settle_config")
        group:
            groups.of("settle_config")
        resources:
            **needs.of("settle_config"),
        params:
            files=plan.arguments("settle_config", "nodes", "edges", "spikes", "currents"),
            components=f"{plan.folder}/components",
            mechanisms=plan.folder_of("mechanisms", beside="settle_config"),
            folder=plan.output_folder("settle_config"),
            settings=plan.settings_of("settle_config"),
            code=plan.code_of("settle_config"),
        message:
            "Write the config of the run that settles{wildcards.point}"

    use rule simulate as settle with:
        input:
            unpack(given("settle")),
        output:
            **plan.outputs("settle", but=["state"]),
            receipt=plan.receipt_output("settle"),
            state=directory(plan.output("settle", "state")),
        log:
            plan.log("settle"),
        benchmark:
            plan.benchmark("settle")
        group:
            groups.of("settle")
        resources:
            **needs.of("settle"),
            **ranks_of("settle", "simulate"),
            checkpoint_every=experiment.config["simulation"].get("checkpoint_every", 0),
            keep_state=0,
        params:
            states=lambda wildcards, output: ["--save-to", output.state, "--keep-state", 0],
            settings=plan.settings_of("settle"),
            code=plan.code_of("settle"),
        message:
            "Simulate until the points of the sweep may differ{wildcards.point}"
