"""Policies: what must hold, judged over the engines' answers.

`load_policies` reads them, `evaluate` judges them; `registry.KINDS` is the table of kinds.
Nothing is imported here: the models need pydantic, which is slow to load.
"""
