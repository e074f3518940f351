"""The one place for English: what outputs say of networks, sizes and differences; messages, and the door for
text from outside."""
