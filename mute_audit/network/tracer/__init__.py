"""The inside of `network.trace`: one concrete packet, followed hop by hop.

header     the packet               atlas      look-ups of its own over the inventory
spots      where a packet can be    walk       one way of one packet: hops, blockers, gaps
groups acls routes                  what a filter or table says to one packet
hosts gateways internet transit balancers      one step each
drive      from step to step        attempt    there and back
stands     where places stand       samples    representatives of a range
codes      names of what blocks
"""
