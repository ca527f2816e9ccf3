"""What is read from every shell text in a file; run in Pyodide, too."""

import json

from upsun_rules.shell.parsing import script_of_tree

with open("/checked/scripts.json", encoding="utf-8") as file:
    texts = json.load(file)
"\n".join(repr(script_of_tree(text)) for text in texts)
