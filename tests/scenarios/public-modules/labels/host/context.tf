module "this" {
  source     = "../label"
  context    = var.context
  enabled    = var.enabled
  name       = var.name
  attributes = var.attributes
}
variable "context" { type = any }
variable "enabled" {
  type    = bool
  default = null
}
variable "name" {
  type    = string
  default = null
}
variable "attributes" {
  type    = list(string)
  default = []
}
