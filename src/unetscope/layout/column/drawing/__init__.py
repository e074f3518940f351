"""A column drawn: what was read of a network, as boxes, cards, rails and words in their places."""
