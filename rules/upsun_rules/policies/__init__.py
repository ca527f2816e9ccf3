"""Policies: rules of an organization, written as JSON Schemas about what a part of a project effectively is."""
