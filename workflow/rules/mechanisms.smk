"""NMODL files to the libraries that NEURON and CoreNEURON load."""


rule compile_mechanisms:
    input:
        unpack(given("mechanisms")),
    output:
        receipt=plan.receipt_output("mechanisms"),
        libraries=directory(plan.output("mechanisms", "libraries")),
        mod_files=directory(plan.output("mechanisms", "mod_files")),
        manifest=plan.output("mechanisms", "manifest"),
    log:
        plan.log("mechanisms"),
    benchmark:
        plan.benchmark("mechanisms")
    priority: 10
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        folder=plan.output_folder("mechanisms"),
        settings=plan.settings_of("mechanisms"),
        code=plan.code_of("mechanisms"),
    message:
        "Compile the mechanisms"
    shell:
        step("compile_mechanisms", "--output {params.folder:q}")
