"""Many files of weights: found, read one by one into rows of a table, and the table read again."""
