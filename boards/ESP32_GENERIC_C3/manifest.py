# What upstream freezes, and the library.
include("$(PORT_DIR)/boards/manifest.py")
include("../../manifest.py")
