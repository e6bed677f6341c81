# The emulated Pico: the port's own modules, asyncio, its network's start-up, and our library.
include("manifest_bare.py")
include("../../manifest.py")
