"""The cases, a module an area. A case is a function whose name is a sentence."""
