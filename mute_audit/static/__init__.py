"""Checks of the Terraform text, made by other programs."""
