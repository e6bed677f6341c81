# Made by tools/pieces.py: why a server refused a signature.
# Include these as well: core.
package(
    "sigv4_mp",
    (
        "explain.py",
        "explain_checks.py",
        "explain_clock.py",
        "explain_codes.py",
        "explain_diff.py",
        "explain_head.py",
        "explain_ours.py",
        "explain_redact.py",
        "explain_remedies.py",
        "explain_report.py",
        "explain_said.py",
        "explain_watch.py",
        "explain_words.py",
    ),
    base_path="../lib",
)
