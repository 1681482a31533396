# Every run applies to a mocked provider: no AWS, no credentials, no network.
# Tables are compared whole, so that a missing row fails as well as an extra one.

mock_provider "aws" {}

variables {
  offline = true
  ami_ids = {
    "Amazon Linux 2023"  = "ami-0a100000000002023"
    "ubuntu-noble-24.04" = "ami-0b000000000002404"
  }
}

run "network" {
  assert {
    condition = [module.network.vpc.tags.Name, module.network.vpc.cidr_block] == [
      "hackathon_vpc_infra", "192.168.0.0/16",
    ]
    error_message = "The VPC must be hackathon_vpc_infra with 192.168.0.0/16."
  }

  assert {
    condition = { for key, subnet in module.network.subnets : key => [
      subnet.tags.Name, subnet.availability_zone, subnet.cidr_block, subnet.map_public_ip_on_launch,
      ] } == {
      hackathon_jenkins_public   = ["hackathon_jenkins_public", "ap-northeast-2a", "192.168.0.0/24", true]
      hackathon_jenkins_private  = ["hackathon_jenkins_private", "ap-northeast-2a", "192.168.1.0/24", false]
      hackathon_network_public1  = ["hackathon_network_public1", "ap-northeast-2b", "192.168.2.0/24", true]
      hackathon_network_private1 = ["hackathon_network_private1", "ap-northeast-2b", "192.168.3.0/24", false]
      hackathon_network_public2  = ["hackathon_network_public2", "ap-northeast-2c", "192.168.4.0/24", true]
      hackathon_network_private2 = ["hackathon_network_private2", "ap-northeast-2c", "192.168.5.0/24", false]
    }
    error_message = "The six subnets must have the given names, zones, ranges and public addresses."
  }

  assert {
    condition = { for key, table in module.network.route_tables : key => table.tags.Name } == {
      hackathon_rtb_public   = "hackathon_rtb_public"
      hackathon_rtb_private1 = "hackathon_rtb_private1"
      hackathon_rtb_private2 = "hackathon_rtb_private2"
      hackathon_rtb_private3 = "hackathon_rtb_private3"
    }
    error_message = "There must be the four route tables, by name."
  }

  assert {
    condition = {
      for name, subnet in module.network.subnets : name => [
        for link in module.network.associations : [
          for table in module.network.route_tables : table.tags.Name if table.id == link.route_table_id
        ] if link.subnet_id == subnet.id
      ]
      } == {
      hackathon_jenkins_public   = [["hackathon_rtb_public"]]
      hackathon_jenkins_private  = [["hackathon_rtb_private1"]]
      hackathon_network_public1  = [["hackathon_rtb_public"]]
      hackathon_network_private1 = [["hackathon_rtb_private2"]]
      hackathon_network_public2  = [["hackathon_rtb_public"]]
      hackathon_network_private2 = [["hackathon_rtb_private3"]]
    }
    error_message = "Each subnet must use its decided route table, and only that."
  }

  assert {
    condition = {
      for name, table in module.network.route_tables : name => [
        for route in module.network.routes : [route.destination_cidr_block,
          try(route.gateway_id == module.network.internet_gateway.id, false),
          try(route.nat_gateway_id == module.network.nat_gateway.id, false),
        ] if route.route_table_id == table.id
      ]
      } == {
      hackathon_rtb_public   = [["0.0.0.0/0", true, false]]
      hackathon_rtb_private1 = [["0.0.0.0/0", false, true]]
      hackathon_rtb_private2 = [["0.0.0.0/0", false, true]]
      hackathon_rtb_private3 = [["0.0.0.0/0", false, true]]
    }
    error_message = "hackathon_rtb_public must lead to hackathon_igw, the three private tables to hackathon_nat."
  }

  assert {
    condition     = length(module.network.routes) == 4 && length(module.network.associations) == 6
    error_message = "There must be four routes and six associations, and no more."
  }

  assert {
    condition = [
      module.network.internet_gateway.tags.Name, module.network.internet_gateway.vpc_id == module.network.vpc.id,
    ] == ["hackathon_igw", true]
    error_message = "hackathon_igw must be attached to the VPC."
  }

  assert {
    condition = [
      module.network.nat_gateway.tags.Name,
      module.network.nat_gateway.subnet_id == module.network.subnets["hackathon_network_public1"].id,
      module.network.nat_gateway.allocation_id == module.network.nat_address.id,
      module.network.nat_address.domain,
    ] == ["hackathon_nat", true, true, "vpc"]
    error_message = "hackathon_nat must stand in hackathon_network_public1 with an Elastic IP address."
  }

  assert {
    condition = alltrue(concat(
      [for subnet in module.network.subnets : subnet.vpc_id == module.network.vpc.id],
      [for table in module.network.route_tables : table.vpc_id == module.network.vpc.id],
    ))
    error_message = "Subnets and route tables must be in the VPC."
  }

  assert {
    condition = [
      module.network.default_security_group.vpc_id == module.network.vpc.id,
      length(module.network.default_security_group.ingress), length(module.network.default_security_group.egress),
    ] == [true, 0, 0]
    error_message = "The VPC's default security group must have no rules."
  }

  assert {
    condition     = output.vpc_id == module.network.vpc.id && output.subnet_ids == { for name, subnet in module.network.subnets : name => subnet.id }
    error_message = "The outputs must give the ids by name."
  }
}
