# Made by tools/pieces.py: headers for an HTTP client of your own.
# Include these as well: core.
package(
    "sigv4_mp",
    ("own_client.py",),
    base_path="../lib",
)
