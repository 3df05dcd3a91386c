"""Words of a config that a shell would run or split stay words."""

from workflow_runs import rules_to_run, snakemake


def test_a_results_folder_with_blanks_and_signs_of_the_shell_is_only_a_folder(small_experiment, edit_config):
    name = "my results; touch PWNED # `touch PWNED`"
    edit_config(small_experiment, lambda config: config.update(results=name))
    snakemake(small_experiment)
    assert (small_experiment / name / "small" / "figures" / "raster.pdf").is_file()
    assert not list(small_experiment.rglob("PWNED"))
    assert rules_to_run(small_experiment) == {}


def test_compiler_flags_with_a_command_are_refused_before_any_job(small_experiment, edit_config):
    edit_config(small_experiment, lambda config: config.update(mechanisms={"flags": "-O3; touch PWNED #"}))
    answer = snakemake(small_experiment, check=False)
    assert answer.returncode != 0
    assert "mechanisms.flags" in answer.stdout + answer.stderr
    assert not (small_experiment / "PWNED").exists()
