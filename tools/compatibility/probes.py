"""Importing this registers all probes. They are asked in the order of GROUPS."""

from . import (  # noqa: F401
    probe_address,
    probe_checksum,
    probe_form,
    probe_key,
    probe_object,
    probe_payload,
    probe_refusal,
    probe_time,
)
from .finding import GROUPS, all_probes, run_all

__all__ = ["GROUPS", "all_probes", "run_all"]
