# Made by tools/pieces.py: credentials, the clock.
# Include these as well: core.
package(
    "sigv4_mp",
    (
        "device/__init__.py",
        "device/clock.py",
        "device/credentials.py",
        "device/dispute.py",
        "device/json_fields.py",
        "device/lifecycle.py",
        "device/refusal.py",
        "device/scoped.py",
        "device/scoped_credentials.py",
        "device/scrub.py",
        "device/secret_store.py",
        "device/store.py",
        "device/suspend.py",
        "device/trusted.py",
    ),
    base_path="../lib",
)
