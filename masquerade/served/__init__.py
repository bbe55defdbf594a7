"""The model that MLflow keeps, serves over HTTP, and runs on Spark.

- model: its code: images in, templates out
- signature: its columns and parameters
- spark: Parquet files of images to Parquet files of templates
"""
