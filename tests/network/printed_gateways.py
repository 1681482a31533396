"""A dual-stack VPC with every gateway of its own, as `aws` prints it; see `printed`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asking import Asked
from printed import ANYWHERE, ANYWHERE6, Folder, Host, Region, Subnet, Thing, Vpc

__all__ = ["OUT", "OUT6", "Net", "net"]

OUT, OUT6 = "internet:8.8.8.8", "internet:2001:4860:4860::8888"


@dataclass
class Net:
    """A dual-stack VPC: a public and a private subnet, a host in each, all gateways."""

    folder: Folder
    region: Region
    vpc: Vpc
    igw: Thing
    eigw: Thing
    public: Subnet
    private: Subnet
    nat: Host
    web: Host
    app: Host

    def asked(self) -> Asked:
        return Asked(self.folder.write())


def net(tmp_path: Path) -> Net:
    folder = Folder(tmp_path)
    region = folder.region()
    vpc = region.vpc("main", "10.0.0.0/16", six="2600:1f16:abc:100::/56")
    igw, eigw = vpc.internet_gateway(), vpc.egress_only()
    public = vpc.subnet(
        "public",
        "10.0.0.0/24",
        {ANYWHERE: igw, ANYWHERE6: igw},
        six="2600:1f16:abc:100::/64",
        MapPublicIpOnLaunch=True,
    )
    nat = public.nat("out", "10.0.0.200", "3.0.0.200")
    private = vpc.subnet(
        "private", "10.0.1.0/24", {ANYWHERE: nat, ANYWHERE6: eigw}, six="2600:1f16:abc:101::/64"
    )
    group = vpc.group("web", [("tcp/443", [ANYWHERE, ANYWHERE6]), ("icmp/8", ANYWHERE)])
    web = public.instance(
        "web", "10.0.0.10", [group], public="3.0.0.10", six=["2600:1f16:abc:100::10"]
    )
    app = private.instance("app", "10.0.1.10", six=["2600:1f16:abc:101::10"])
    return Net(folder, region, vpc, igw, eigw, public, private, nat, web, app)
