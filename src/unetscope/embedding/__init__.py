"""Marked regions of documents, found and filled: text in, text out. The caller says what a region shows."""
