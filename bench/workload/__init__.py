"""Made-up projects and repositories to measure on, and the measuring itself."""
