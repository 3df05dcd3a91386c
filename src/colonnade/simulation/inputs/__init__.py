"""What comes into a simulation: spike trains, clamps, sources that stand in for simulated cells."""
