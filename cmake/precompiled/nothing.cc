// Targets need a source.
