"""The one command line; imports the programs lazily."""
