# Upstream's board with our manifest:  make -C ports/rp2 BOARD_DIR=/path/to/boards/RPI_PICO_W
set(UPSTREAM_BOARD_DIR ${MICROPY_PORT_DIR}/boards/RPI_PICO_W)
include(${UPSTREAM_BOARD_DIR}/mpconfigboard.cmake)
set(MICROPY_FROZEN_MANIFEST ${CMAKE_CURRENT_LIST_DIR}/manifest.py)

# ROMFS is off in upstream's firmware:  ROMFS_BYTES=131072 make ...  (a multiple of 4096)
if(DEFINED ENV{ROMFS_BYTES})
    list(APPEND MICROPY_DEF_BOARD MICROPY_HW_ROMFS_BYTES=$ENV{ROMFS_BYTES})
endif()

# From here on upstream's folder is the board's: its mpconfigboard.h, pins.csv and variants.
set(MICROPY_BOARD_DIR ${UPSTREAM_BOARD_DIR})
