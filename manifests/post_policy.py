# Made by tools/pieces.py: S3 POST policies.
# Include these as well: core, presign.
package(
    "sigv4_mp",
    ("post_policy.py",),
    base_path="../lib",
)
