"""What a paper takes from an experiment: numbers, methods in words, the tables of Nordlie et al. (2009), figures."""

TEX = "pdflatex"  # makes the paper, on a machine that has it
