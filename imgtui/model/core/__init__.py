"""What everything else speaks of: digests, references, images, layers, events, instructions."""
