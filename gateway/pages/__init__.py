"""The API for human readers: plain pages from the same document, without a script and without the internet."""
