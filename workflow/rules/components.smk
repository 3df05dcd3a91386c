"""The models of others: morphologies, biophysics and synapses, pinned by their checksums."""


rule fetch_component:
    input:
        unpack(given("components/{kind}/{file}")),
    output:
        **plan.outputs("components"),
        receipt=plan.receipt_output("components"),
    log:
        plan.log("components"),
    benchmark:
        plan.benchmark("components")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=plan.settings_of("components/{kind}/{file}"),
        code=plan.code_of("components/{kind}/{file}"),
    message:
        "Obtain {wildcards.file}"
    shell:
        step("fetch_component", "--output {output.file:q} --record {output.record:q}")
