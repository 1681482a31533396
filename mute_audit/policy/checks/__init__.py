"""The checks, one file for each family of kinds; `policy.registry` lists them.

A check is a pure function of a policy and a context.
"""
