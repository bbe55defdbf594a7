"""A recognition system on templates with keys: enrol, verify, identify, revoke, renew.

- contract: what a system needs of a model
- model: F and G, from models/ or from MLflow
- calibration: thresholds for a false match rate
- system: what people ask of it
"""
