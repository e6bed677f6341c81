"""The parts of tools/flash.py: from a bare board to the first upload.

device     device.toml: what this one device is to know, secrets among it
programs   mpremote, esptool and picotool as programs; their failures, with advice
board_code what is run on the board to ask and to set things
ports      which serial port, which BOOTSEL volume
firmware   esptool, or a UF2 file to the BOOTSEL volume
files      the files of each way to ship, what is there already, what is to be copied
store      certificate and keys into the board's SecretStore, with tools/provision.py
steps      the whole job, step by step
"""
