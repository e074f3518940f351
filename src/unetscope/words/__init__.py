"""How text from outside is put into ours. The lowest layer: it imports nothing of the project."""
