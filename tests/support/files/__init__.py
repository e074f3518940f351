"""Files of weights, and a server of them, made for tests."""
