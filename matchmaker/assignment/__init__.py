"""Who meets whom when everybody is matched at once: arrays in, chosen pairs out. The one room that knows OR-tools.

Rows are Korean members, columns Singapore members; nothing here knows a name or a profile.

::

    problem.Problem -> solving.solve(problem, method) -> problem.Assignment, or errors.NoAssignment
                       relaxing.relax(problem, soft)  -> relaxing.Relaxed: the fewest rules to give up
                       exposure.exposure(counts)      -> how introductions spread

The solvers behind the front door: `flow` (capacities), `exact` (rivals), `linear` (bounds and fairness),
`equilibrium` (congestion).
"""
