# Upstream's standard variant with our manifest:  make -C ports/unix VARIANT_DIR=/path/to/boards/unix
FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py
