# Made by tools/pieces.py: ask an NTP server.
# Include these as well: core, device, net.
package(
    "sigv4_mp",
    (
        "device/sntp.py",
        "net/ntp.py",
    ),
    base_path="../lib",
)
