"""Engines: each turns a ``Model`` into spikes and recorded rows; nothing outside this folder knows how."""
