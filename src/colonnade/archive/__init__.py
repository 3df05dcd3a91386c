"""One zip of an experiment that reviewers and repositories take, and that a fresh machine runs again."""
