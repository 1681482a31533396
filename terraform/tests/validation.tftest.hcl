# What the variables refuse. Each run breaks one rule and expects that variable
# to be named.

mock_provider "aws" {}

variables {
  offline = true
  ami_ids = {
    "Amazon Linux 2023"  = "ami-0a100000000002023"
    "ubuntu-noble-24.04" = "ami-0b000000000002404"
  }
}

run "region_of_another_partition" {
  command = plan
  variables {
    region = "cn-north-1"
  }
  expect_failures = [var.region]
}

run "region_that_is_a_zone" {
  command = plan
  variables {
    region = "ap-northeast-2a"
  }
  expect_failures = [var.region]
}

run "tags_with_name" {
  command = plan
  variables {
    tags = { Name = "mute" }
  }
  expect_failures = [var.tags]
}

run "tags_with_reserved_prefix" {
  command = plan
  variables {
    tags = { "aws:mute" = "x" }
  }
  expect_failures = [var.tags]
}

run "vpc_cidr_without_mask" {
  command = plan
  variables {
    vpc_cidr = "192.168.0.0"
  }
  expect_failures = [var.vpc_cidr]
}

run "vpc_cidr_with_host_bits" {
  command = plan
  variables {
    vpc_cidr = "192.168.1.0/16"
  }
  expect_failures = [var.vpc_cidr]
}

run "vpc_cidr_of_ipv6" {
  command = plan
  variables {
    vpc_cidr = "2001:db8::/32"
  }
  expect_failures = [var.vpc_cidr]
}

run "vpc_cidr_too_wide" {
  command = plan
  variables {
    vpc_cidr = "192.0.0.0/8"
  }
  expect_failures = [var.vpc_cidr]
}

run "subnet_missing" {
  command = plan
  variables {
    subnet_cidrs = {
      hackathon_jenkins_public   = "192.168.0.0/24"
      hackathon_jenkins_private  = "192.168.1.0/24"
      hackathon_network_public1  = "192.168.2.0/24"
      hackathon_network_private1 = "192.168.3.0/24"
      hackathon_network_public2  = "192.168.4.0/24"
    }
  }
  expect_failures = [var.subnet_cidrs]
}

run "subnet_unknown" {
  command = plan
  variables {
    subnet_cidrs = {
      hackathon_jenkins_public   = "192.168.0.0/24"
      hackathon_jenkins_private  = "192.168.1.0/24"
      hackathon_network_public1  = "192.168.2.0/24"
      hackathon_network_private1 = "192.168.3.0/24"
      hackathon_network_public2  = "192.168.4.0/24"
      hackathon_network_private2 = "192.168.5.0/24"
      hackathon_network_private3 = "192.168.6.0/24"
    }
  }
  expect_failures = [var.subnet_cidrs]
}

run "subnet_not_a_network" {
  command = plan
  variables {
    subnet_cidrs = {
      hackathon_jenkins_public   = "192.168.0.0/24"
      hackathon_jenkins_private  = "192.168.1.0/24"
      hackathon_network_public1  = "192.168.2.0/24"
      hackathon_network_private1 = "192.168.3.0/24"
      hackathon_network_public2  = "192.168.4.0/24"
      hackathon_network_private2 = "192.168.5.0/240"
    }
  }
  expect_failures = [var.subnet_cidrs]
}

run "subnet_with_host_bits" {
  command = plan
  variables {
    subnet_cidrs = {
      hackathon_jenkins_public   = "192.168.0.0/24"
      hackathon_jenkins_private  = "192.168.1.0/24"
      hackathon_network_public1  = "192.168.2.0/24"
      hackathon_network_private1 = "192.168.3.0/24"
      hackathon_network_public2  = "192.168.4.0/24"
      hackathon_network_private2 = "192.168.5.1/24"
    }
  }
  expect_failures = [var.subnet_cidrs]
}

run "subnet_outside_of_the_vpc" {
  command = plan
  variables {
    subnet_cidrs = {
      hackathon_jenkins_public   = "192.168.0.0/24"
      hackathon_jenkins_private  = "192.168.1.0/24"
      hackathon_network_public1  = "192.168.2.0/24"
      hackathon_network_private1 = "192.168.3.0/24"
      hackathon_network_public2  = "192.168.4.0/24"
      hackathon_network_private2 = "192.169.5.0/24"
    }
  }
  expect_failures = [var.subnet_cidrs]
}

run "subnet_that_overlaps" {
  command = plan
  variables {
    subnet_cidrs = {
      hackathon_jenkins_public   = "192.168.0.0/24"
      hackathon_jenkins_private  = "192.168.1.0/24"
      hackathon_network_public1  = "192.168.2.0/24"
      hackathon_network_private1 = "192.168.3.0/24"
      hackathon_network_public2  = "192.168.4.0/24"
      hackathon_network_private2 = "192.168.4.128/25"
    }
  }
  expect_failures = [var.subnet_cidrs]
}

run "route_table_of_a_subnet_missing" {
  command = plan
  variables {
    subnet_route_tables = {
      hackathon_jenkins_public   = "hackathon_rtb_public"
      hackathon_jenkins_private  = "hackathon_rtb_private1"
      hackathon_network_public1  = "hackathon_rtb_public"
      hackathon_network_private1 = "hackathon_rtb_private2"
      hackathon_network_public2  = "hackathon_rtb_public"
    }
  }
  expect_failures = [var.subnet_route_tables]
}

run "route_table_unknown" {
  command = plan
  variables {
    subnet_route_tables = {
      hackathon_jenkins_public   = "hackathon_rtb_public"
      hackathon_jenkins_private  = "hackathon_rtb_private1"
      hackathon_network_public1  = "hackathon_rtb_public"
      hackathon_network_private1 = "hackathon_rtb_private2"
      hackathon_network_public2  = "hackathon_rtb_public"
      hackathon_network_private2 = "hackathon_rtb_private4"
    }
  }
  expect_failures = [var.subnet_route_tables]
}

run "nat_in_a_private_subnet" {
  command = plan
  variables {
    nat_subnet = "hackathon_network_private1"
  }
  expect_failures = [var.nat_subnet]
}

run "nat_in_an_unknown_subnet" {
  command = plan
  variables {
    nat_subnet = "hackathon_network_public3"
  }
  expect_failures = [var.nat_subnet]
}

run "admins_are_the_internet" {
  command = plan
  variables {
    admin_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admins_are_half_the_internet" {
  command = plan
  variables {
    admin_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admins_with_host_bits" {
  command = plan
  variables {
    admin_cidrs = ["203.0.113.7/24"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admins_without_mask" {
  command = plan
  variables {
    admin_cidrs = ["203.0.113.7"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admins_of_ipv6" {
  command = plan
  variables {
    admin_cidrs = ["2001:db8::/32"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admins_twice" {
  command = plan
  variables {
    admin_cidrs = ["203.0.113.0/24", "203.0.113.0/24"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admins_nowhere" {
  command = plan
  variables {
    admin_cidrs = []
  }
  expect_failures = [var.admin_cidrs]
}

run "egress_not_a_network" {
  command = plan
  variables {
    egress_cidrs = ["anywhere"]
  }
  expect_failures = [var.egress_cidrs]
}

run "ingress_with_another_port" {
  command = plan
  variables {
    ingress_sources = {
      hackathon_sg_jenkins  = { "22" = ["admins", "hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "8080" = ["admins"] }
      hackathon_sg_backend  = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_frontend = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_ai       = { "22" = ["hackathon_sg_jenkins"], "3000" = ["hackathon_sg_backend"], "5000" = ["hackathon_sg_backend"], "8000" = ["internet"] }
      hackathon_sg_rds      = { "5432" = ["hackathon_sg_backend"] }
    }
  }
  expect_failures = [var.ingress_sources]
}

run "ingress_without_a_port" {
  command = plan
  variables {
    ingress_sources = {
      hackathon_sg_jenkins  = { "22" = ["admins", "hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "8080" = ["admins"] }
      hackathon_sg_backend  = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_frontend = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_ai       = { "3000" = ["hackathon_sg_backend"], "5000" = ["hackathon_sg_backend"] }
      hackathon_sg_rds      = { "5432" = ["hackathon_sg_backend"] }
    }
  }
  expect_failures = [var.ingress_sources]
}

run "ingress_without_a_group" {
  command = plan
  variables {
    ingress_sources = {
      hackathon_sg_jenkins  = { "22" = ["admins", "hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "8080" = ["admins"] }
      hackathon_sg_backend  = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_frontend = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_ai       = { "22" = ["hackathon_sg_jenkins"], "3000" = ["hackathon_sg_backend"], "5000" = ["hackathon_sg_backend"] }
    }
  }
  expect_failures = [var.ingress_sources]
}

run "ingress_from_an_unknown_source" {
  command = plan
  variables {
    ingress_sources = {
      hackathon_sg_jenkins  = { "22" = ["admins", "hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "8080" = ["admins"] }
      hackathon_sg_backend  = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_frontend = { "22" = ["hackathon_sg_jenkins"], "80" = ["internet"], "443" = ["internet"], "3000" = ["hackathon_sg_frontend"] }
      hackathon_sg_ai       = { "22" = ["hackathon_sg_jenkins"], "3000" = ["hackathon_sg_backend"], "5000" = ["hackathon_sg_backend"] }
      hackathon_sg_rds      = { "5432" = ["hackathon_sg_unknown"] }
    }
  }
  expect_failures = [var.ingress_sources]
}

run "instance_type_of_an_unknown_instance" {
  command = plan
  variables {
    instance_types = { hackathon_frontend = "t3.micro" }
  }
  expect_failures = [var.instance_types]
}

run "instance_type_not_a_type" {
  command = plan
  variables {
    instance_types = { hackathon_backend_ai = "large" }
  }
  expect_failures = [var.instance_types]
}

run "instance_type_of_arm" {
  command = plan
  variables {
    instance_types = { hackathon_backend_ai = "t4g.medium" }
  }
  expect_failures = [var.instance_types]
}

run "image_of_an_unknown_system" {
  command = plan
  variables {
    offline = false
    ami_ids = { "Amazon Linux 2" = "ami-0a100000000002023" }
  }
  expect_failures = [var.ami_ids]
}

run "image_id_not_an_id" {
  command = plan
  variables {
    offline = false
    ami_ids = { "Amazon Linux 2023" = "latest" }
  }
  expect_failures = [var.ami_ids]
}

run "offline_without_every_image" {
  command = plan
  variables {
    ami_ids = { "Amazon Linux 2023" = "ami-0a100000000002023" }
  }
  expect_failures = [var.ami_ids]
}

run "root_volume_too_small" {
  command = plan
  variables {
    root_volume_gib = 4
  }
  expect_failures = [var.root_volume_gib]
}

run "root_volume_not_whole" {
  command = plan
  variables {
    root_volume_gib = 20.5
  }
  expect_failures = [var.root_volume_gib]
}

run "bucket_name_in_capitals" {
  command = plan
  variables {
    bucket_name = "Hackathon-Mute"
  }
  expect_failures = [var.bucket_name]
}

run "bucket_ownership_unknown" {
  command = plan
  variables {
    bucket_object_ownership = "Nobody"
  }
  expect_failures = [var.bucket_object_ownership]
}

run "image_tags_unknown" {
  command = plan
  variables {
    ecr_image_tag_mutability = "SOMETIMES"
  }
  expect_failures = [var.ecr_image_tag_mutability]
}

run "rds_class_without_prefix" {
  command = plan
  variables {
    rds_instance_class = "t3.micro"
  }
  expect_failures = [var.rds_instance_class]
}

run "rds_username_reserved" {
  command = plan
  variables {
    rds_username = "rdsadmin"
  }
  expect_failures = [var.rds_username]
}

run "rds_username_with_capitals" {
  command = plan
  variables {
    rds_username = "Mute"
  }
  expect_failures = [var.rds_username]
}

run "rds_storage_too_small" {
  command = plan
  variables {
    rds_storage_gib = 5
  }
  expect_failures = [var.rds_storage_gib]
}

run "rds_backups_too_long" {
  command = plan
  variables {
    rds_backup_retention_days = 36
  }
  expect_failures = [var.rds_backup_retention_days]
}
