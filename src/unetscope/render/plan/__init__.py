"""A plan as files: what a person reads, tables for a paper, code that makes the student."""
