"""The verbs of the command line that print: they never import Textual."""
