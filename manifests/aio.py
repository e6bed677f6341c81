# Made by tools/pieces.py: the same for asyncio.
# Include these as well: core, device, net.
package(
    "sigv4_mp",
    ("net/aio.py",),
    base_path="../lib",
)
