"""A project as the platform sees it: files merged, includes resolved, values inherited."""
