"""The wire: I/O steps, HTTP/1.1 parser, one exchange, and the shells that drive them."""
