"""What the device knows: the time, and who it is."""
