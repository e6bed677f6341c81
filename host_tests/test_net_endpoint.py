"""Endpoint profiles: each rule on every interpreter, AWS's own list of hosts, the docs' table."""

import ast
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import section
from sigv4_mp.net import endpoint
from sigv4_mp.net.region import redirect

ROOT = Path(__file__).resolve().parents[1]
PARTS = "profiles what_servers_take endpoints redirects_followed redirects_refused".split()


@pytest.mark.parametrize("part", PARTS)
def test_endpoint(target, part):
    assert section(target, "edge_endpoint.py", part)


@pytest.mark.parametrize(
    ("module", "wanted"), [("endpoint", ["..errors"]), ("region", [".endpoint"])]
)
def test_it_is_policy(module, wanted):
    """Floor 1 by nature, though it stands in net/: it imports nothing but floor 0 and itself."""
    tree = ast.parse((ROOT / "lib" / "sigv4_mp" / "net" / (module + ".py")).read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    found = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert ["." * node.level + node.module for node in found] == wanted


def aws_hosts():
    """Yield (host, region) of every S3 endpoint that botocore knows, dual-stack and FIPS too."""
    resolver = botocore.session.get_session().get_component("endpoint_resolver")
    for partition in resolver.get_available_partitions():
        for region in resolver.get_available_endpoints("s3", partition):
            for fips in (False, True):
                for dual in (False, True):
                    found = None
                    try:
                        found = resolver.construct_endpoint(
                            "s3",
                            region,
                            partition,
                            use_dualstack_endpoint=dual,
                            use_fips_endpoint=fips,
                        )
                    except botocore.exceptions.EndpointVariantError:
                        continue
                    if ".api." in found["hostname"]:  # not S3's: the partition's default pattern
                        continue
                    scope = found.get("credentialScope", {}).get("region", region)
                    yield found["hostname"], scope


def test_every_s3_endpoint_of_aws_is_known():
    hosts = {pair for pair in aws_hosts() if not pair[1].startswith("fips-")}
    assert len(hosts) > 100
    for host, region in hosts:
        url = "https://" + host
        found = endpoint.profile_of(url)
        assert found.name == "aws", host
        wanted = "us-east-1" if region == "aws-global" else region
        assert found.region_of(url) == wanted, host
        found.check_endpoint(url, wanted)


def test_regions_of_one_partition_reach_each_other_and_no_others():
    hosts = {
        host: region
        for host, region in aws_hosts()
        if host.startswith("s3.") and "dual" not in host
    }
    partitions = {}
    resolver = botocore.session.get_session().get_component("endpoint_resolver")
    for partition in resolver.get_available_partitions():
        for region in resolver.get_available_endpoints("s3", partition):
            partitions[region] = partition
    regional = {h: r for h, r in hosts.items() if "-" in h.split(".")[1] and r in partitions}
    for host, region in regional.items():
        for to_host, to in regional.items():
            found = redirect(
                endpoint.profile_of("https://" + host),
                "https://" + host,
                region,
                301,
                {"x-amz-bucket-region": to},
            )
            same = partitions[region] == partitions[to] and host != to_host
            assert found == (("https://" + to_host, to) if same else None), (host, to)


NASTY = st.text(st.sampled_from("abs3.-:/@#?%[]\\\r\n 019_"), max_size=40)


@given(st.sampled_from((301, 302, 307, 400)), NASTY, NASTY, st.none() | NASTY)
def test_no_answer_leads_out_of_the_family(status, region, location, named):
    """Whatever a server says: https, the same suffix, no port, a plain region."""
    start = "https://s3.eu-west-1.amazonaws.com"
    headers = {"x-amz-bucket-region": region, "location": location}
    code = "AuthorizationHeaderMalformed"
    profile = endpoint.profile_of(start)
    found = redirect(profile, start, "eu-west-1", status, headers, code, named)
    if found is not None:
        scheme, host, port = endpoint.split(found[0])
        assert (scheme, port) == ("https", "")
        assert host == "s3.%s.amazonaws.com" % found[1]
        assert found[1].replace("-", "").isalnum()


def test_the_table_of_the_docs_is_up_to_date():
    words = [sys.executable, ROOT / "tools" / "endpoints_table.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
