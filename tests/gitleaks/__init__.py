"""Takes gitleaks' rules in as data: `python -m tests.gitleaks FOLDER VERSION`, of its repository."""
