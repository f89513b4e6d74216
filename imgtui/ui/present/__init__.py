"""Model to text and spans: pure, without Textual. Nothing here is ever parsed as markup."""
