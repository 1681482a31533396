output "vpc_id" {
  description = "Id of the VPC hackathon_vpc_infra."
  value       = module.network.vpc.id
}

output "subnet_ids" {
  description = "Subnet ids by name."
  value       = module.network.subnet_ids
}

output "route_table_ids" {
  description = "Route table ids by name."
  value       = module.network.route_table_ids
}

output "internet_gateway_id" {
  description = "Id of the internet gateway hackathon_igw."
  value       = module.network.internet_gateway.id
}

output "nat_gateway_id" {
  description = "Id of the NAT gateway hackathon_nat."
  value       = module.network.nat_gateway.id
}

output "nat_public_ip" {
  description = "Address from which the private instances are seen on the internet."
  value       = module.network.nat_address.public_ip
}

output "security_group_ids" {
  description = "Security group ids by name."
  value       = module.security.group_ids
}

output "instance_ids" {
  description = "Instance ids by name."
  value       = { for name, instance in module.compute.instances : name => instance.id }
}

output "instance_private_ips" {
  description = "Private addresses of the instances by name."
  value       = { for name, instance in module.compute.instances : name => instance.private_ip }
}

output "instance_public_ips" {
  description = "Public addresses of the instances by name; empty for the private ones."
  value       = { for name, instance in module.compute.instances : name => instance.public_ip }
}

output "ami_ids" {
  description = "Image chosen for each operating system. Instances keep the image that they were made from."
  value       = module.compute.ami_ids
}

output "bucket_name" {
  description = "Name of the bucket."
  value       = module.storage.bucket.id
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = module.storage.bucket.arn
}

output "rds_id" {
  description = "Identifier of the database."
  value       = module.database.instance.identifier
}

output "rds_endpoint" {
  description = "Address and port of the database."
  value       = module.database.instance.endpoint
}

output "rds_secret_arn" {
  description = "ARN of the secret in which RDS keeps the master password."
  value       = module.database.secret_arn
}

output "ecr_repository_urls" {
  description = "Repository URLs by name, to tag and push images with."
  value       = { for name, repository in module.registry.repositories : name => repository.repository_url }
}

output "iam_user_arn" {
  description = "ARN of the user hackathon_s3_ai."
  value       = module.identity.user.arn
}
