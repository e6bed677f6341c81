# Made by tools/pieces.py: HTTP and TLS, retries, endpoints.
# Include these as well: core, device.
package(
    "sigv4_mp",
    (
        "net/__init__.py",
        "net/_micropython.py",
        "net/attempt.py",
        "net/body.py",
        "net/clock.py",
        "net/endpoint.py",
        "net/evidence.py",
        "net/exchange.py",
        "net/http.py",
        "net/http1.py",
        "net/httpdate.py",
        "net/region.py",
        "net/retry.py",
        "net/shell.py",
        "net/steps.py",
    ),
    base_path="../lib",
)
