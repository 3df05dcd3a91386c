"""The network of a simulation: its populations and global ids, the cells of this rank, their synapses as arrays."""
