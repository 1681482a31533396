"""Terraform as a source: plans, states, and folders of `.tf` files.

Everything here ends in a `RawSnapshot` of AWS-shaped documents, which the one parser reads
like what a live account prints. A resource that does not exist yet has its Terraform address
for an id.
"""
