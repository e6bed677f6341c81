# Made by tools/pieces.py: presigned URLs.
# Include these as well: core.
package(
    "sigv4_mp",
    ("presign.py",),
    base_path="../lib",
)
