"""What differs between the baseline and what is there.

normalize  one function for each way in which one thing is written differently
diff       compares field by field: `compare(baseline, inventory)`
"""
