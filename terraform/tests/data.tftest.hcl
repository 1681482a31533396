# Database, bucket, repositories and user.

mock_provider "aws" {}

variables {
  offline = true
  ami_ids = {
    "Amazon Linux 2023"  = "ami-0a100000000002023"
    "ubuntu-noble-24.04" = "ami-0b000000000002404"
  }
}

run "database" {
  assert {
    condition = [
      module.database.instance.identifier, module.database.instance.engine, module.database.instance.engine_version,
      module.database.instance.instance_class, module.database.instance.storage_type, module.database.instance.availability_zone,
      ] == [
      "hackathon-mute-rds", "postgres", "16.3", "db.t3.micro", "gp3", "ap-northeast-2b",
    ]
    error_message = "The database must be hackathon-mute-rds: PostgreSQL 16.3, db.t3.micro, gp3, ap-northeast-2b."
  }

  assert {
    condition     = module.database.instance.tags == tomap({ Name = "hackathon-mute-rds" })
    error_message = "The database must be tagged with its name."
  }

  assert {
    condition     = module.database.instance.publicly_accessible == false
    error_message = "The database must be private."
  }

  assert {
    condition     = module.database.instance.storage_encrypted == true
    error_message = "The database must be encrypted."
  }

  assert {
    condition     = module.database.instance.multi_az == false
    error_message = "The database must be Single-AZ."
  }

  assert {
    condition     = module.database.instance.manage_master_user_password == true
    error_message = "RDS must keep the credentials in Secrets Manager."
  }

  assert {
    condition     = module.database.instance.port == 5432
    error_message = "The database must listen on 5432, the port of hackathon_sg_rds."
  }

  assert {
    condition     = module.database.instance.auto_minor_version_upgrade == false
    error_message = "The version must stay the given one."
  }

  assert {
    condition     = module.database.instance.vpc_security_group_ids == toset([module.security.groups["hackathon_sg_rds"].id])
    error_message = "The database must have hackathon_sg_rds and no other group."
  }

  assert {
    condition = (
      module.database.instance.db_subnet_group_name == module.database.subnet_group.name &&
      module.database.subnet_group.subnet_ids == toset([
        module.network.subnets["hackathon_network_private1"].id,
        module.network.subnets["hackathon_network_private2"].id,
      ])
    )
    error_message = "The subnet group must cover hackathon_network_private1 and hackathon_network_private2."
  }

  assert {
    condition     = module.database.instance.deletion_protection && module.database.instance.backup_retention_period == 7
    error_message = "The database must be protected against deletion and backed up for seven days."
  }
}

run "bucket" {
  assert {
    condition     = module.storage.bucket.bucket == "hackathon-mute-backend"
    error_message = "The bucket must be hackathon-mute-backend."
  }

  assert {
    condition     = module.storage.ownership_controls.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "The bucket must enforce its owner's ownership."
  }

  assert {
    condition = {
      BlockPublicAcls       = module.storage.public_access_block.block_public_acls
      IgnorePublicAcls      = module.storage.public_access_block.ignore_public_acls
      BlockPublicPolicy     = module.storage.public_access_block.block_public_policy
      RestrictPublicBuckets = module.storage.public_access_block.restrict_public_buckets
      } == {
      BlockPublicAcls       = true
      IgnorePublicAcls      = true
      BlockPublicPolicy     = false
      RestrictPublicBuckets = false
    }
    error_message = "The switches for ACLs must be on, those for policies off."
  }

  assert {
    condition = jsondecode(module.storage.policy.policy) == jsondecode(<<-POLICY
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "PublicReadObjects",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::hackathon-mute-backend/*"
          },
          {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::hackathon-mute-backend", "arn:aws:s3:::hackathon-mute-backend/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}
          }
        ]
      }
    POLICY
    )
    error_message = "The policy must let anyone read objects, nothing else, and only over TLS."
  }

  assert {
    condition = alltrue([for part in [
      module.storage.policy, module.storage.public_access_block, module.storage.ownership_controls,
      module.storage.encryption, module.storage.versioning,
    ] : part.bucket == module.storage.bucket.id])
    error_message = "Policy, switches, ownership, encryption and versioning must be those of the bucket."
  }

  assert {
    condition = [
      one(one(module.storage.encryption.rule).apply_server_side_encryption_by_default).sse_algorithm,
      module.storage.versioning.versioning_configuration[0].status,
    ] == ["AES256", "Enabled"]
    error_message = "The bucket must be encrypted and keep old versions."
  }
}

run "repositories" {
  assert {
    condition = {
      for key, repository in module.registry.repositories : key => [
        repository.name, repository.image_scanning_configuration[0].scan_on_push, repository.image_tag_mutability,
      ]
      } == {
      mute-ai       = ["mute-ai", true, "IMMUTABLE"]
      mute-backend  = ["mute-backend", true, "IMMUTABLE"]
      mute-frontend = ["mute-frontend", true, "IMMUTABLE"]
    }
    error_message = "The three repositories must scan on push and keep tags as they are."
  }
}

run "user" {
  assert {
    condition     = module.identity.user.name == "hackathon_s3_ai"
    error_message = "The user must be hackathon_s3_ai."
  }

  assert {
    condition = [for attachment in module.identity.attachments : [attachment.user, attachment.policy_arn]] == [
      ["hackathon_s3_ai", "arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    ]
    error_message = "The user must have AmazonS3FullAccess and no other policy."
  }
}
