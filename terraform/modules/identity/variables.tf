variable "user_name" {
  description = "Name of the user."
  type        = string
}

variable "policy_names" {
  description = "Names of the AWS managed policies that the user has, and no other."
  type        = set(string)
}
