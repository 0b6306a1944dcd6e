"""Each grading of a risk object, kept for ever."""
