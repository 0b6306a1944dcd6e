"""A trace of liability as a file: PDF or sheet, made in a process apart and signed."""
