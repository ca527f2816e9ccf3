"""The rules about a change, one topic per module. They are imported only when a change is judged."""
