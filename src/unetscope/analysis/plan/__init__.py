"""From words like "R1,2" or "mid" to a student: what goes, what follows from it, which config says it."""
