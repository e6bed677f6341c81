# The same firmware without the library: what it is compared with.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
freeze("modules", opt=3)
