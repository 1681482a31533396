# What is given: the stack as it is, one table after the other. What was left
# to decide (addresses, who may reach which port, …) is in the variables.
locals {
  vpc_name              = "hackathon_vpc_infra"
  internet_gateway_name = "hackathon_igw"
  nat_gateway_name      = "hackathon_nat"

  subnet_zones = {
    hackathon_jenkins_public   = "a"
    hackathon_jenkins_private  = "a"
    hackathon_network_public1  = "b"
    hackathon_network_private1 = "b"
    hackathon_network_public2  = "c"
    hackathon_network_private2 = "c"
  }

  route_table_gateways = {
    hackathon_rtb_public   = local.internet_gateway_name
    hackathon_rtb_private1 = local.nat_gateway_name
    hackathon_rtb_private2 = local.nat_gateway_name
    hackathon_rtb_private3 = local.nat_gateway_name
  }

  inbound_ports = {
    hackathon_sg_jenkins  = [22, 80, 443, 8080]
    hackathon_sg_backend  = [22, 80, 443, 3000]
    hackathon_sg_frontend = [22, 80, 443, 3000]
    hackathon_sg_ai       = [22, 5000, 3000]
    hackathon_sg_rds      = [5432]
  }

  amazon_linux = "Amazon Linux 2023"
  ubuntu       = "ubuntu-noble-24.04"

  instances = {
    hackathon_jenkins_master = {
      type           = "t3.medium"
      security_group = "hackathon_sg_jenkins"
      subnet         = "hackathon_jenkins_public"
      os             = local.ubuntu
    }
    hackathon_jenkins_agent = {
      type           = "t3.medium"
      security_group = "hackathon_sg_jenkins"
      subnet         = "hackathon_jenkins_private"
      os             = local.ubuntu
    }
    hackathon_frontend_nginx = {
      type           = "t2.micro"
      security_group = "hackathon_sg_frontend"
      subnet         = "hackathon_network_public1"
      os             = local.amazon_linux
    }
    hackathon_frontend_nextjs = {
      type           = "t3.small"
      security_group = "hackathon_sg_frontend"
      subnet         = "hackathon_network_public1"
      os             = local.amazon_linux
    }
    hackathon_backend_nginx = {
      type           = "t2.micro"
      security_group = "hackathon_sg_backend"
      subnet         = "hackathon_network_public2"
      os             = local.amazon_linux
    }
    hackathon_backend_nestjs = {
      type           = "t2.micro"
      security_group = "hackathon_sg_backend"
      subnet         = "hackathon_network_private1"
      os             = local.amazon_linux
    }
    hackathon_backend_ai = {
      type           = "t3.medium"
      security_group = "hackathon_sg_ai"
      subnet         = "hackathon_network_private1"
      os             = local.amazon_linux
    }
    hackathon_backend_ai_music = {
      type           = "t3.large"
      security_group = "hackathon_sg_ai"
      subnet         = "hackathon_network_private1"
      os             = local.ubuntu
    }
  }

  database = {
    name           = "hackathon-mute-rds"
    zone           = "b"
    security_group = "hackathon_sg_rds"
    subnets        = ["hackathon_network_private1", "hackathon_network_private2"]
    # 16.3-R2 in the console. The API knows the version; the release is AWS's own.
    engine_version = "16.3"
    storage_type   = "gp3"
  }

  repositories = ["mute-ai", "mute-backend", "mute-frontend"]

  object_store_user     = "hackathon_s3_ai"
  object_store_policies = ["AmazonS3FullAccess"]
}
