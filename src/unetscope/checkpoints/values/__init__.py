"""The values of two files of weights, compared. Needs numpy, which is imported where it is used."""
