"""Completion of ``colonnade`` in a shell: words, the options of each as its help names them, and files."""

from collections.abc import Mapping

from colonnade.errors import InputError

BASH = """_colonnade() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}"
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{words}" -- "$word"))
    elif [[ "$word" == -* ]]; then
        COMPREPLY=($(compgen -W "$(colonnade "${{COMP_WORDS[1]}}" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}}
complete -o filenames -F _colonnade colonnade
"""  # noqa: E501
ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + BASH
FISH_OPTIONS = (
    "complete -c colonnade -n 'not __fish_use_subcommand' -a "
    "\"(colonnade (commandline -opc)[2] --help 2>/dev/null | string match -ar -- '--[a-z][a-z-]*' | sort -u)\"\n"
)


def script(shell: str, words: Mapping[str, str]) -> str:
    """Return the lines that teach ``shell`` (bash, zsh, fish) the ``words`` of the command, each with what it does."""
    if shell == "fish":
        lines = (
            f"complete -c colonnade -n __fish_use_subcommand -f -a {word} -d '{does}'" for word, does in words.items()
        )
        return "\n".join([*lines, FISH_OPTIONS])
    if shell not in ("bash", "zsh"):
        raise InputError("no completion for this shell", value=shell, options=["bash", "zsh", "fish"])
    return (BASH if shell == "bash" else ZSH).format(words=" ".join(words))
