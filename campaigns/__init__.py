"""Who is asked what, when, and what came of it: audiences, campaigns, pushes, results.

`Campaigns` (in `campaigns.service`) is where pages and commands begin.
"""
