"""What a simulation records: reports of membranes, of synapses and of extracellular potentials."""
