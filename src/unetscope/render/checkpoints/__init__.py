"""What a file of weights is and whether it fits, as text and as JSON."""
