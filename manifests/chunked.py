# Made by tools/pieces.py: signed chunks, checksums.
# Include these as well: core.
package(
    "sigv4_mp",
    (
        "checksum.py",
        "chunked.py",
    ),
    base_path="../lib",
)
