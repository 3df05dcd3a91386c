"""``python -m colonnade``, where no command of that name is on the path."""

from colonnade.command.main import main

main()
