# Made by tools/pieces.py: ask NTP servers, and set a clock.
# Include these as well: core, device, net.
package(
    "sigv4_mp",
    (
        "device/agreement.py",
        "device/poll.py",
        "device/sntp.py",
        "net/clock.py",
        "net/ntp.py",
    ),
    base_path="../lib",
)
