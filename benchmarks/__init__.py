"""What the service costs, measured beside what it is compared with: `python -m benchmarks`.

Every result is a ratio of two things measured in turns, in one run, on one machine. README.md
says what each family measures and RESULTS.md what came out.
"""
