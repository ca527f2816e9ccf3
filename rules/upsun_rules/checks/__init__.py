"""The rules, one module per topic. They are found by themselves."""
