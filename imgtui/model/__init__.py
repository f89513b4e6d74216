"""What images, tags, layers and containers are: pure, standard library only, no I/O, no clock."""
