"""Spike trains of the virtual populations, and currents from tables and functions."""


rule generate_spikes:
    input:
        unpack(given("inputs/{input}")),
    output:
        **plan.outputs("inputs"),
        receipt=plan.receipt_output("inputs"),
    log:
        plan.log("inputs"),
    benchmark:
        plan.benchmark("inputs")
    group:
        groups.of("inputs/{input}")
    localrule: needs.are_light("inputs")
    conda:
        ENVIRONMENT
    resources:
        **needs.of("inputs/{input}"),
    params:
        settings=plan.settings_of("inputs/{input}"),
        code=plan.code_of("inputs/{input}"),
    message:
        "Generate the spikes of {wildcards.input}{wildcards.point}"
    shell:
        step("generate_spikes", "--nodes {input.nodes:q} --output {output.spikes:q}")


rule make_current:
    input:
        unpack(given("currents/{current}")),
    output:
        **plan.outputs("currents"),
        receipt=plan.receipt_output("currents"),
    log:
        plan.log("currents"),
    benchmark:
        plan.benchmark("currents")
    group:
        groups.of("currents/{current}")
    localrule: needs.are_light("currents")
    conda:
        ENVIRONMENT
    resources:
        **needs.of("currents/{current}"),
    params:
        settings=plan.settings_of("currents/{current}"),
        code=plan.code_of("currents/{current}"),
    message:
        "Make the current of {wildcards.current}{wildcards.point}"
    shell:
        step("make_current", "--output {output.current:q}")
