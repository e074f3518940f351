"""The one place for English: wordings that several outputs share, standard library only."""
