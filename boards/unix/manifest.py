# What upstream freezes into its standard variant, and the library.
include("$(PORT_DIR)/variants/standard/manifest.py")
include("../../manifest.py")
