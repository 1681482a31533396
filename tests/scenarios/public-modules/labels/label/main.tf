variable "context" {
  type    = any
  default = { enabled = true, namespace = null, stage = null, name = null, delimiter = null, attributes = [], tags = {} }
}
variable "enabled" {
  type    = bool
  default = null
}
variable "namespace" {
  type    = string
  default = null
}
variable "stage" {
  type    = string
  default = null
}
variable "name" {
  type    = string
  default = null
}
variable "delimiter" {
  type    = string
  default = null
}
variable "attributes" {
  type    = list(string)
  default = []
}

locals {
  defaults = { order = ["namespace", "stage", "name", "attributes"], delimiter = "-" }
  input = {
    enabled    = var.enabled == null ? var.context.enabled : var.enabled
    namespace  = var.namespace == null ? var.context.namespace : var.namespace
    stage      = var.stage == null ? var.context.stage : var.stage
    name       = var.name == null ? var.context.name : var.name
    delimiter  = var.delimiter == null ? var.context.delimiter : var.delimiter
    attributes = compact(distinct(concat(coalesce(var.context.attributes, []), var.attributes)))
    tags       = var.context.tags
  }
  enabled   = local.input.enabled
  delimiter = local.input.delimiter == null ? local.defaults.delimiter : local.input.delimiter
  formatted = { for k in ["namespace", "stage", "name"] : k => local.input[k] == null ? "" : lower(replace(local.input[k], "/[^a-zA-Z0-9-]/", "")) }
  values    = merge(local.formatted, { attributes = join(local.delimiter, local.input.attributes) })
  labels    = [for l in local.defaults.order : local.values[l] if length(local.values[l]) > 0]
  id        = join(local.delimiter, local.labels)
}

output "enabled" { value = local.enabled }
output "id" { value = local.enabled ? local.id : "" }
output "delimiter" { value = local.enabled ? local.delimiter : "" }
output "tags" { value = local.enabled ? { Name = local.id } : {} }
output "context" { value = local.input }
