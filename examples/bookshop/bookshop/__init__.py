"""A small shop that sells books: the project that the demo, the README and the tests run on."""
