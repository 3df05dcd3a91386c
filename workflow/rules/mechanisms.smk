"""NMODL files to the libraries that NEURON and CoreNEURON load, and to the kernels of the engine lockstep."""


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
    group:
        groups.of("mechanisms")
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        **needs.of("mechanisms"),
    params:
        folder=plan.output_folder("mechanisms"),
        settings=plan.settings_of("mechanisms"),
        code=plan.code_of("mechanisms"),
    message:
        "Compile the mechanisms"
    shell:
        step("compile_mechanisms", "--output {params.folder:q}")


rule compile_kernels:
    input:
        unpack(given("kernels")),
    output:
        **plan.outputs("kernels"),
        receipt=plan.receipt_output("kernels"),
    log:
        plan.log("kernels"),
    benchmark:
        plan.benchmark("kernels")
    priority: 9
    group:
        groups.of("kernels")
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        **needs.of("kernels"),
    params:
        folder=plan.output_folder("kernels"),
        mechanisms=plan.folder_of("mechanisms", beside="kernels"),
        settings=plan.settings_of("kernels"),
        code=plan.code_of("kernels"),
    message:
        "Compile the kernels"
    shell:
        step("compile_kernels", "{params.mechanisms:q} --output {params.folder:q}")
