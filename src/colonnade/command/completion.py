"""Completion of ``colonnade`` in a shell: words, the options of each as its help names them, files that it takes."""

from collections.abc import Mapping

from colonnade.errors import InputError

SHELLS = ("bash", "zsh", "fish")
BASH = """_colonnade() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}"
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{words}" -- "$word"))
    elif [[ "$word" == -* ]]; then
        COMPREPLY=($(compgen -W "$(colonnade "${{COMP_WORDS[1]}}" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)" -- "$word"))
    elif [ "${{COMP_WORDS[1]}}" = completion ]; then
        COMPREPLY=($(compgen -W "{shells}" -- "$word"))
    else
        local IFS=$'\\n'
        case "${{COMP_WORDS[1]}}" in
{cases}
            *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
    fi
}}
complete -o filenames -o default -F _colonnade colonnade
"""  # noqa: E501
CASE = '            {word}) COMPREPLY=($(compgen -d -- "$word"{files})) ;;'
FILES = "; compgen -f -X '!{pattern}' -- \"$word\""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + BASH
FISH_OPTIONS = (
    "complete -c colonnade -n '__fish_seen_subcommand_from completion' -f -a '" + " ".join(SHELLS) + "'\n"
    "complete -c colonnade -n 'not __fish_use_subcommand' -a "
    "\"(colonnade (commandline -opc)[2] --help 2>/dev/null | string match -ar -- '--[a-z][a-z-]*' | sort -u)\"\n"
)


def script(shell: str, words: Mapping[str, str], files: Mapping[str, tuple[str, ...]]) -> str:
    """Return the lines that teach ``shell`` (bash, zsh, fish) the ``words`` of the command, each with what it does.

    ``files`` are patterns of the files that a word takes; any file follows the other words. Fish offers all files.
    """
    if shell == "fish":
        lines = (
            f"complete -c colonnade -n __fish_use_subcommand -f -a {word} -d '{does}'" for word, does in words.items()
        )
        return "\n".join([*lines, FISH_OPTIONS])
    if shell not in SHELLS:
        raise InputError("no completion for this shell", value=shell, options=SHELLS)
    cases = (
        CASE.format(word=word, files="".join(FILES.format(pattern=pattern) for pattern in patterns))
        for word, patterns in files.items()
    )
    text = BASH if shell == "bash" else ZSH
    return text.format(words=" ".join(words), shells=" ".join(SHELLS), cases="\n".join(cases))
