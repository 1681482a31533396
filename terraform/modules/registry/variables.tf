variable "repositories" {
  description = "Names of the private repositories."
  type        = set(string)
}

variable "scan_on_push" {
  description = "Whether an image is scanned when it is pushed."
  type        = bool
}

variable "image_tag_mutability" {
  description = "MUTABLE or IMMUTABLE."
  type        = string
}
