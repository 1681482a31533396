"""The network: who can reach what. Two engines over the same inventory.

`reach` answers for all packets at once, `trace` follows one packet; they share the names of
places and nothing else.
"""
