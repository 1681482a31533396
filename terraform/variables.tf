# General. The variables of the parts are in variables-network.tf,
# variables-compute.tf and variables-data.tf.

variable "region" {
  description = "AWS Region. The zones of the stack are its zones a, b and c."
  type        = string
  default     = "ap-northeast-2"

  validation {
    # Only the partition `aws`: ARNs are written out, so that a plan knows every policy.
    condition     = can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]$", var.region))
    error_message = "region must be a commercial AWS Region such as `ap-northeast-2`."
  }
}

variable "offline" {
  description = "Plan without any call to AWS: placeholder credentials, no checks of account or credentials. Needs `ami_ids` for every operating system."
  type        = bool
  default     = false
}

variable "s3_use_path_style" {
  description = "Address buckets as `endpoint/bucket`. Emulators need it; AWS does not."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for every resource, beside `Name`."
  type        = map(string)
  default     = {}

  validation {
    condition     = !contains(keys(var.tags), "Name")
    error_message = "tags must not hold `Name`: each resource has its own."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "tags must not start with `aws:`: AWS keeps that prefix for itself."
  }
}
