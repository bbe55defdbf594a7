"""A recognition system on templates with keys: enrol, verify, identify, revoke, renew.

model.py        F and G, from models/ or from MLflow
calibration.py  thresholds for a false match rate
photograph.py   the face in a photograph
system.py       what people ask of it
"""
