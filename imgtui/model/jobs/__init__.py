"""Jobs that run in the background, such as a build, a pull or a push."""
