"""What the benchmark adds to a copy of ``samples/bookstore``: settings per peer, and a page with one query."""
