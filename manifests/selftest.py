# Made by tools/pieces.py: the self-test.
# Include these as well: core, device, net, chunked, presign.
package(
    "sigv4_mp",
    ("selftest.py",),
    base_path="../lib",
)
