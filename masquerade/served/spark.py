"""Templates of very many images, made by the model that MLflow serves on the machines of a Spark cluster.

Example: python -m masquerade.served.spark images/ --out templates/ --model models:/faces-keyed@champion

Both folders hold Parquet files and must be seen by all machines. Each file of images, with the columns ``image`` (a
.png or .jpg file) and ``subject``, becomes a folder of the same name with ``subject``, ``number``, ``template`` and
``vector``: what a gallery stores. What is finished is not made again. Every machine needs this package, and the key
where MASQUERADE_KEY says.
"""

import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from masquerade.errors import InputError
from masquerade.json_file import read_json, write_json
from masquerade.keys import VARIABLE, read_key
from masquerade.recognition.model import model_files
from masquerade.tracking.store import storing, tracking_uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MANIFEST = "manifest.json"

MADE = "struct<number: long, template: string, vector: array<float>>"

ROWS = 256
"""Images that the model is given at once."""


def distort_all(
    spark: "SparkSession", images: Path, out: Path, model: str, system: str, cropped: bool = False
) -> Iterator[Path]:
    """Make the templates that are missing; yield each finished folder.

    A folder appears under its name when all of it is written. As many files are worked on at once as there are cores.

    Args:
        spark: a session.
        images: a folder of .parquet files.
        out: another folder, made if it is missing.
        model: what MLflow has saved, see :func:`masquerade.recognition.model.model_files`.
        system: its name, part of every key.
        cropped: the images show no more than F should see; otherwise faces are looked for.

    Raises:
        InputError: there are no files, ``out`` holds templates of another model, key or system, or an image is damaged.
            What was finished before is kept.
    """
    files = sorted(images.glob("*.parquet"))
    if not files:
        raise InputError(f"{images}: has no .parquet files")
    found = model_files(model)
    saved = found.usage.parents[1]  # beside artifacts/
    if not (saved / "MLmodel").exists():
        raise InputError(f"model {model}: is not one that MLflow has saved, as models:/NAME@champion")
    out.mkdir(parents=True, exist_ok=True)
    _check_manifest(out / MANIFEST, {"model": found.digest, "key": read_key().epoch, "system": system})
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(ROWS))
    with storing(tracking_uri()):
        from mlflow.pyfunc import spark_udf

        key = {VARIABLE: str(Path(os.environ[VARIABLE]).resolve())}
        asked = {"system": system, "base64": True, "cropped": cropped}
        paint = spark_udf(spark, str(saved), MADE, env_manager="local", params=asked, extra_env=key)

    def make(file: Path) -> Path:
        from pyspark.errors import PySparkException
        from pyspark.sql.functions import struct, unbase64

        folder, unfinished = out / file.stem, out / f".{file.stem}.unfinished"
        try:
            rows = spark.read.parquet(str(file))
            made = rows.select("subject", paint(struct("image", "subject")).alias("made")).select("subject", "made.*")
            made = made.withColumn("template", unbase64("template"))
            made.write.mode("overwrite").parquet(str(unfinished))
        except PySparkException as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise InputError(f"{file}: {_reason(error)}") from error
        unfinished.rename(folder)
        return folder

    missing = [file for file in files if not (out / file.stem).exists()]
    with ThreadPoolExecutor(spark.sparkContext.defaultParallelism) as pool:
        yield from pool.map(make, missing)


def _check_manifest(file: Path, ours: dict[str, str]) -> None:
    if not file.exists():
        write_json(file, ours)
        return
    for name, made in read_json(file).items():
        if made != ours.get(name):
            raise InputError(
                f"{file.parent}: holds templates of {name} {made[:16]}, and this is {name} {ours.get(name, '')[:16]}"
            )


def _reason(error: Exception) -> str:
    """The model's own sentence, if it has one, without the stacks of two languages."""
    text = str(error)
    sentence = re.search(r"InputError: (.+)", text)
    return sentence[1] if sentence else text.strip().partition("\n")[0]


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("images", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--model", required=True)
@click.option("--system", default="masquerade", show_default=True)
@click.option("--cropped", is_flag=True, help="The images show no more than the face.")
@click.option("--master", help="Of Spark, as local[2]; otherwise spark-submit's.")
def main(images: Path, out: Path, model: str, system: str, cropped: bool, master: str | None) -> None:
    """Make all templates that are missing."""
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise InputError("Spark is not installed: pip install masquerade[spark], and Java 17") from error
    builder = SparkSession.builder.appName("masquerade")
    spark = (builder.master(master) if master else builder).getOrCreate()
    try:
        for folder in distort_all(spark, images, out, model, system, cropped):
            click.echo(f"{folder}")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
