"""The language server: what an editor is told while a person types.

`server` is the wiring; each feature is a module with one function from a place in a project to what the protocol
calls it. Nothing of the analysis is written again here.
"""
