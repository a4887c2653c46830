"""The public check of papers, the kinds, and one-time codes of signing."""
