"""Oracles: what do the answers of a verifier give away of the template that it holds?

Example: python stages/oracles.py --modality digits
"""

import pandas as pd

from masquerade.attacks.finding import Finding, Key, numbers, write_findings
from masquerade.attacks.oracles import FMR, Attacker
from masquerade.attacks.people import attacked, others
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import load_all
from masquerade.figures.oracles import draw_oracles
from masquerade.generators import kind
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("oracles")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    real = next(iter(stored.values())).real_embeddings
    threshold = compare(real, real, test.labels, test.subjects).rates.threshold_at(FMR)
    victims = attacked(test.labels, test.subjects)
    known = others(test.subjects)
    attacker = Attacker.with_images(real[known], test.labels[known], params.seed)
    evaluation = params.evaluation
    findings: dict[str, dict[Key, Finding]] = {}
    tables = {}
    for name, vectors in {REAL: real, **{name: its.template_embeddings for name, its in stored.items()}}.items():
        tables[name], finding = attacker.attack(
            vectors[victims],
            test.labels[victims],
            test.subjects[victims],
            threshold,
            evaluation.bootstrap,
            evaluation.confidence,
            params.seed,
        )
        findings[name] = {"none" if name == REAL or kind(name).source is None else "secret": finding}
    ceiling = findings.pop(REAL)["none"].value
    findings = {
        name: {key: its._replace(ceiling=ceiling) for key, its in keys.items()} for name, keys in findings.items()
    }
    folder = paths.attacks
    write_csv(folder / "oracles.csv", pd.concat(tables, names=["generator"]))
    write_findings(folder / "oracles.json", findings)
    draw_oracles(folder / "oracles.png", tables, f"{modality}: oracles")
    run.log_metrics({f"oracles.{name}": value for name, value in numbers(findings).items()})
    run.log_files(*(folder / f"oracles.{suffix}" for suffix in ("csv", "json", "png")))


if __name__ == "__main__":
    main()
