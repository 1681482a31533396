mock_provider "aws" {
  # What the look-ups find, apart from what ami_ids gives.
  mock_data "aws_ssm_parameter" {
    defaults = { insecure_value = "ami-0ccccccccccc02023" }
  }
  mock_data "aws_ami" {
    defaults = { id = "ami-0ddddddddddd02404" }
  }
}

run "instances" {
  variables {
    offline = true
    ami_ids = {
      "Amazon Linux 2023"  = "ami-0a100000000002023"
      "ubuntu-noble-24.04" = "ami-0b000000000002404"
    }
  }

  assert {
    condition = {
      for key, instance in module.compute.instances : key => join(" ", [
        instance.tags.Name,
        instance.instance_type,
        join(",", [for group in module.security.groups : group.name if contains(instance.vpc_security_group_ids, group.id)]),
        one([for subnet in module.network.subnets : subnet.tags.Name if subnet.id == instance.subnet_id]),
        { "ami-0a100000000002023" = "amazon", "ami-0b000000000002404" = "ubuntu" }[instance.ami],
      ])
      } == {
      hackathon_jenkins_master   = "hackathon_jenkins_master t3.medium hackathon_sg_jenkins hackathon_jenkins_public ubuntu"
      hackathon_jenkins_agent    = "hackathon_jenkins_agent t3.medium hackathon_sg_jenkins hackathon_jenkins_private ubuntu"
      hackathon_frontend_nginx   = "hackathon_frontend_nginx t2.micro hackathon_sg_frontend hackathon_network_public1 amazon"
      hackathon_frontend_nextjs  = "hackathon_frontend_nextjs t3.small hackathon_sg_frontend hackathon_network_public1 amazon"
      hackathon_backend_nginx    = "hackathon_backend_nginx t2.micro hackathon_sg_backend hackathon_network_public2 amazon"
      hackathon_backend_nestjs   = "hackathon_backend_nestjs t2.micro hackathon_sg_backend hackathon_network_private1 amazon"
      hackathon_backend_ai       = "hackathon_backend_ai t3.medium hackathon_sg_ai hackathon_network_private1 amazon"
      hackathon_backend_ai_music = "hackathon_backend_ai_music t3.large hackathon_sg_ai hackathon_network_private1 ubuntu"
    }
    error_message = "The eight instances must have the given type, group, subnet and operating system."
  }

  assert {
    condition     = alltrue([for instance in module.compute.instances : length(instance.vpc_security_group_ids) == 1])
    error_message = "Each instance must have exactly one security group."
  }

  assert {
    condition = alltrue([for instance in module.compute.instances :
      instance.metadata_options[0].http_tokens == "required" && instance.metadata_options[0].http_put_response_hop_limit == 1
    ])
    error_message = "IMDSv2 must be required on every instance, one hop away at most."
  }

  assert {
    condition = alltrue([for instance in module.compute.instances :
      length(instance.root_block_device) == 1 && instance.root_block_device[0].encrypted
    ])
    error_message = "Every root volume must be encrypted."
  }

  assert {
    condition     = alltrue([for instance in module.compute.instances : instance.source_dest_check])
    error_message = "No instance may forward packets."
  }

  assert {
    condition     = output.instance_ids == { for name, instance in module.compute.instances : name => instance.id }
    error_message = "The output must give the instance ids by name."
  }
}

run "another_type_for_one_instance" {
  variables {
    offline = true
    ami_ids = {
      "Amazon Linux 2023"  = "ami-0a100000000002023"
      "ubuntu-noble-24.04" = "ami-0b000000000002404"
    }
    instance_types = { hackathon_frontend_nginx = "t3.micro" }
  }

  assert {
    condition = { for name, instance in module.compute.instances : name => instance.instance_type } == {
      hackathon_jenkins_master   = "t3.medium"
      hackathon_jenkins_agent    = "t3.medium"
      hackathon_frontend_nginx   = "t3.micro"
      hackathon_frontend_nextjs  = "t3.small"
      hackathon_backend_nginx    = "t2.micro"
      hackathon_backend_nestjs   = "t2.micro"
      hackathon_backend_ai       = "t3.medium"
      hackathon_backend_ai_music = "t3.large"
    }
    error_message = "instance_types must change the named instance alone."
  }
}

# On the module: a test of the root cannot see which data sources there are.
run "images_are_looked_up" {
  command = plan

  module {
    source = "./modules/compute"
  }

  variables {
    ami_ids              = {}
    ssh_key_name         = null
    root_volume_gib      = 20
    encrypt_root_volumes = true
    require_imdsv2       = true
    instances = {
      amazon = { type = "t3.micro", security_group_id = "sg-1", subnet_id = "subnet-1", os = "Amazon Linux 2023" }
      ubuntu = { type = "t3.micro", security_group_id = "sg-1", subnet_id = "subnet-1", os = "ubuntu-noble-24.04" }
    }
  }

  assert {
    condition = { for name, instance in aws_instance.this : name => instance.ami } == {
      amazon = "ami-0ccccccccccc02023"
      ubuntu = "ami-0ddddddddddd02404"
    }
    error_message = "Each instance must get the image that was found for its operating system."
  }

  assert {
    condition     = data.aws_ssm_parameter.amazon_linux[0].name == "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    error_message = "Amazon Linux 2023 must come from its public parameter."
  }

  assert {
    condition = (
      data.aws_ami.ubuntu[0].owners == tolist(["099720109477"]) && data.aws_ami.ubuntu[0].most_recent &&
      anytrue([for filter in data.aws_ami.ubuntu[0].filter :
        filter.name == "name" && filter.values == toset(["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"])
      ])
    )
    error_message = "Ubuntu must be the newest noble 24.04 image of Canonical."
  }
}

run "given_images_need_no_look_up" {
  command = plan

  module {
    source = "./modules/compute"
  }

  variables {
    ami_ids = {
      "Amazon Linux 2023"  = "ami-0a100000000002023"
      "ubuntu-noble-24.04" = "ami-0b000000000002404"
    }
    ssh_key_name         = null
    root_volume_gib      = 20
    encrypt_root_volumes = true
    require_imdsv2       = true
    instances            = {}
  }

  assert {
    condition     = length(data.aws_ssm_parameter.amazon_linux) == 0 && length(data.aws_ami.ubuntu) == 0
    error_message = "With images given, nothing may be looked up: an offline plan would fail."
  }
}
