"""Who may do what: policy documents, a set evaluator, a simulator, and exposure.

`statements` reads documents. `evaluate` answers for whole classes of requests, `request` for
one request; they share the parsed statements and nothing else, and each witness of the first
is replayed by the second. `exposure` puts the other layers around a resource of the estate.
"""
