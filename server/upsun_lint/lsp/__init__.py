"""The language server: diagnostics, hovers, completion and fixes in an editor.

- `start`: the first answer, from `greeting`, before the rest is imported; `late_types` makes that cheaper
- `server`: the wiring; `framing`, `transport` and `protocol`: messages and the life of a session
- `publishing`: diagnostics, with their JSON in `written`
- `garbage`: when garbage is collected
- `refreshing`, `searching`, `watching`: what else is sent to the client unasked
- `answers`: which function answers which request about a file
- `features`: one module for each kind of request; `hovers` and `completions`: their texts
- `session`: the client, the open files and the projects
"""
