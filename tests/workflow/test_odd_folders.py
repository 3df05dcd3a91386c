"""Folders whose names a shell would act on are folders like others."""

from workflow_runs import rules_to_run, snakemake


def test_a_results_folder_with_blanks_and_signs_of_the_shell_is_only_a_folder(small_experiment, edit_config):
    name = "my results; touch PWNED # `touch PWNED`"
    edit_config(small_experiment, lambda config: config.update(results=name))
    snakemake(small_experiment)
    assert (small_experiment / name / "small" / "figures" / "raster.pdf").is_file()
    assert not list(small_experiment.rglob("PWNED"))
    assert rules_to_run(small_experiment) == {}
