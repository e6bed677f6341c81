// A Pico for the emulator: its network is PPP on UART 1, which has no hardware to emulate but a FIFO.
// 2 MB of flash: firmware up to 944 KB, ROMFS, littlefs at the end.
#define MICROPY_HW_BOARD_NAME                   "Pico (emulated)"
#define MICROPY_HW_FLASH_STORAGE_BYTES          (848 * 1024)
#define MICROPY_HW_ROMFS_BYTES                  (256 * 1024)
#define MICROPY_PY_NETWORK                      (1)
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT     "pico-emulated"
#define MICROPY_PY_NETWORK_PPP_LWIP             (1)
