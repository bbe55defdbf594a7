"""Can templates still be recognised? Judges that never saw G or F try every view of them and of trivial distortions.

Example: python stages/recognisability.py --modality faces
"""

import numpy as np
import pandas as pd
from tqdm import tqdm

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.pairs import compare, paired_distances
from masquerade.evaluation.templates import load_all
from masquerade.figures.heat import draw_heat
from masquerade.figures.sheet import draw_sheet
from masquerade.images import to_float, to_uint8
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognisability.detector import face_detector
from masquerade.recognisability.judges import load_judges
from masquerade.recognisability.reading import headline, read
from masquerade.recognisability.trivial import TRIVIAL
from masquerade.recognisability.views import views
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import predict, seed_everything


@stage("recognisability")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    judge, setting = params.modality(modality).judge, params.recognisability
    seed_everything(params.seed)
    test, embedder = ImageSet.load(paths.test), load_model(paths.embedder)
    tried = np.isin(test.labels, test.most_frequent(params.evaluation.classes))
    test = test.take(tried)
    judges, looks = load_judges(judge, paths.judge, test.images.shape[1:]), views(test.images.shape[-1])
    detect = face_detector() if judge.detector else None
    rng = np.random.default_rng(params.seed)
    chosen = np.sort(rng.permutation(len(test))[: setting.images])
    gallery, pixels = test.take(chosen), to_float(test.images)

    generators = load_all(paths, params.generators)
    methods = {"real": test.images} | {kind: templates.images[tried] for kind, templates in generators.items()}
    methods |= {name: to_uint8(distort(pixels, rng)) for name, distort in TRIVIAL.items()}
    real = next(iter(generators.values())).real_embeddings[tried]
    known = {"real": real} | {kind: templates.template_embeddings[tried] for kind, templates in generators.items()}
    readings, summary = {}, {}
    for name, images in tqdm(methods.items(), desc="judging", unit="method"):
        embeddings = known[name] if name in known else predict(embedder, images)
        seen = to_float(images[chosen])
        readings[name] = read(seen, gallery, judges, detect, setting.detections)
        numbers = {
            "mse": float(np.mean((to_float(images) - pixels) ** 2)),
            "d_emb": float(np.mean(paired_distances(embeddings, real))),
            "eer": compare(real, embeddings, test.labels, test.subjects).rates.eer,
        }
        summary[name] = numbers | headline(readings[name], seen, gallery)

    reading = pd.concat(readings, names=["generator"])
    write_csv(paths.reports / "recognisability.csv", reading)
    write_csv(paths.reports / "methods.csv", pd.DataFrame(summary).T.rename_axis("generator"))
    write_json(paths.reports / "recognisability.json", {"chance": 1 / len(np.unique(gallery.labels)), **summary})
    best = reading.pivot_table("rank_1", "generator", "view", aggfunc="max", sort=False)
    draw_heat(paths.reports / "recognisability.png", best, f"{modality}: rank-1 identification, %, best judge")
    shown = test.first_of(np.unique(test.labels)[:10])
    draw_sheet(
        paths.reports / "methods.png",
        [images[shown] for images in methods.values()],
        title=f"{modality}: the generators beside trivial distortions",
        row_names=list(methods),
    )
    three = chosen[:: max(1, len(chosen) // 3)][:3]
    compared = [to_float(methods[name]) for name in ("real", *generators)]
    draw_sheet(
        paths.reports / "views.png",
        [
            [to_uint8(seen[image]) for image in range(len(three)) for seen in each]
            for each in ([look(images[three], images.mean(axis=0)) for images in compared] for look in looks.values())
        ],
        title=f"{modality}: real, {', '.join(generators)} in every view",
        row_names=list(looks),
        column_names=["real", *generators] * 3,
    )
    for kind in generators:
        numbers = {name: summary[kind][name] for name in ("rank_1", "judge_eer", "eer", "mse")}
        run.log_metrics({f"recognisability.{kind}.{name}": value for name, value in numbers.items()})
    run.log_files(*(paths.reports / f"recognisability.{kind}" for kind in ("csv", "json", "png")))
    run.log_files(*(paths.reports / name for name in ("methods.csv", "methods.png", "views.png")))


if __name__ == "__main__":
    main()
