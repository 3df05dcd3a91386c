"""What a paper takes from the experiment, and the paper, whose figures and numbers are those of this workflow."""

if plan.names("manuscript"):

    rule write_manuscript:
        input:
            unpack(given("manuscript")),
        output:
            **plan.outputs("manuscript"),
            receipt=plan.receipt_output("manuscript"),
        log:
            plan.log("manuscript"),
        benchmark:
            plan.benchmark("manuscript")
        conda:
            ENVIRONMENT
        params:
            folder=plan.output_folder("manuscript"),
            results=plan.folder,
            files=plan.arguments("manuscript", "sweep", "models", "tex"),
            settings=plan.settings_of("manuscript"),
            code=plan.code_of("manuscript"),
        message:
            "Write the manuscript"
        shell:
            step(
                "write_manuscript",
                "--results {params.results:q} --tables {input.populations:q} {input.degrees:q} --figures {input.drawn:q}"
                " {params.files:q} --output {params.folder:q}",
            )
