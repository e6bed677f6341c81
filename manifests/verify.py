# Made by tools/pieces.py: verify requests that others signed.
# Include these as well: core, chunked.
package(
    "sigv4_mp",
    (
        "replay.py",
        "verified.py",
        "verify.py",
        "verify_auth.py",
        "verify_body.py",
        "verify_chunks.py",
        "verify_claim.py",
        "verify_date.py",
        "verify_error.py",
        "verify_head.py",
        "verify_key.py",
        "verify_rules.py",
    ),
    base_path="../lib",
)
