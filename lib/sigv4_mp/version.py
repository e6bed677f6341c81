"""The one place that says which version this is."""

__version__ = "0.1.0"

BUILD_DATE = "20261122T000000Z"
"""amz_date of the release. A clock that is before it was never set."""
