# Upstream's board with our manifest:  make -C ports/esp32 BOARD_DIR=/path/to/boards/ESP32_GENERIC
set(UPSTREAM_BOARD_DIR ${CMAKE_SOURCE_DIR}/boards/ESP32_GENERIC)
include(${UPSTREAM_BOARD_DIR}/mpconfigboard.cmake)
set(MICROPY_FROZEN_MANIFEST ${CMAKE_CURRENT_LIST_DIR}/manifest.py)

# From here on upstream's folder is the board's: its mpconfigboard.h, sdkconfig and variants.
set(MICROPY_BOARD_DIR ${UPSTREAM_BOARD_DIR})
