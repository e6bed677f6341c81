"""What tools/compat.py is made of: probes of an S3-compatible server, and what is made of them.

place     where the server is, and who signs        wire      bytes out, an answer back
finding   what one probe found; the registry        profile   the endpoint profile that follows
show      the table on a terminal                   record    what is kept, and the page in docs/
servers   our own servers, to be probed by name     listing   the bucket, and how it is left
probe_*   the probes, one file per matter
"""
