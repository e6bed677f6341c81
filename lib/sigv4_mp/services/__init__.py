"""What applications call: operations on services, written once for every shell."""
