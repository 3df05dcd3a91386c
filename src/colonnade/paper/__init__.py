"""What a paper takes from an experiment: numbers, methods in words, the tables of Nordlie et al. (2009), figures."""
