"""Acts on tags and keeps, and the journal of all acts."""
