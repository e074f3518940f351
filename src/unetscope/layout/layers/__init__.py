"""The layers of a strip: a row for each distinct residual block, a card for each distinct transformer."""
