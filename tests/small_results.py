"""What the stages write of one modality, small enough to be read, and all that the report needs."""

import json
from pathlib import Path

from masquerade import attacks

RATES = "threshold,tp,fn,fp,tn,precision,recall,f1,f1_low,f1_high"

TABLES = {
    "class_counts.csv": "class,train,test\na,8,2\n",
    "table3.csv": (
        "class,generator,comparison,mse,euclidean,paper\n"
        "b,real,real-real,0.1,0.01,0.12\nb,unet,real-template,0.5,0.02,0.8\nb,unet,template-template,0.2,0.03,0.04\n"
        "b,unet,own-template,0.6,0.04,\nb,veiled,real-template,0.3,0.05,0.8\n"
        "a,real,real-real,0.15,0.011,\na,unet,real-template,0.55,0.021,\na,unet,template-template,0.25,0.031,\n"
        "a,unet,own-template,0.65,0.041,\na,veiled,real-template,0.35,0.051,\n"
    ),
    "folds.csv": (
        "subset,generator,comparison,accuracy,standard_error,folds,genuine,impostor\n"
        "unseen,real,real-real,,,0,5,0\nall,real,real-real,0.97,0.01,10,300,300\n"
        "all,unet,real-template,0.96,0.02,10,300,300\n"
    ),
    "table4.csv": (
        f"protocol,generator,comparison,{RATES}\n"
        "paper,real,real-real,1.1,9,1,1,9,0.9,0.9,0.9,0.88,0.92\n"
        "paper,unet,real-template,1.2,8,2,1,9,0.89,0.8,0.85,0.8,0.9\n"
        "paper,veiled,real-template,1.3,9,1,2,8,0.82,0.9,0.86,0.81,0.91\n"
        "paper,keyed,real-template,1.4,9,1,2,8,0.82,0.9,0.87,0.81,0.91\n"
    ),
    "table5.csv": (
        "run,mse,d_emb,spread,edge_correlation,gamma_r2\n"
        "unet,0.5,0.1,1,0.1,0.3\nveiled,0.4,0.02,1,0.0,0.01\nkeyed,0.3,0.03,1,0.0,0.02\nblank,0.6,0.3,0,0.0,0.2\n"
    ),
    "displacements.csv": "generator,class,ratio\nunet,a,0.1\nveiled,a,0.2\nkeyed,a,0.3\n",
    "methods.csv": (
        "generator,mse,d_emb,eer,rank_1,view,judge,judge_eer,correlation,ssim\n"
        "real,0,0,0.02,0.9,plain,cnn,0.03,1,1\nunet,0.6,0.1,0.025,0.8,negative,cnn,0.1,0.5,0.4\n"
        "veiled,0.1,0.02,0.022,0.12,edges,hog,0.4,0.1,0\nkeyed,0.2,0.03,0.024,0.11,plain,hog,0.5,0.1,0\n"
    ),
    "recognisability.csv": (
        "generator,view,judge,rank_1\n"
        "real,plain,cnn,0.99\nreal,plain,hog,0.8\nreal,edges,cnn,0.9\nveiled,plain,cnn,0.1\n"
    ),
    "flows.csv": (
        "flow,generator,compared,eer,bytes\ncancelable,veiled,F,0.02,900\ndirect,veiled,F,0.021,900\n"
        "direct,keyed,F,0.024,910\nencryption,real,F,0.02,300\n"
    ),
    **{f"attacks/{name}.csv": "generator,key,value\nunet,none,0.8\n" for name in attacks.NAMES},
    "attacks/linkability.csv": (
        "generator,key,score,d_sys,eer\nunet,none,F,0.8,0.1\nkeyed,secret,F,0.01,0.49\nkeyed,secret,cnn,0.01,0.515\n"
        "keyed,stolen,F,0.9,0.05\n"
    ),
    "attacks/inversion.csv": (
        "generator,key,pairs,verifier,fmr,type_1,type_2,floor\nreal,none,0,F,0.01,1.0,0.9,0.1\n"
        "real,none,0,cnn,0.01,0.25,0.2,0.1\nreal,none,0,cnn,0.001,0.0,0.0,0.01\nunet,none,8,cnn,0.01,0.2,0.1,0.1\n"
    ),
    "attacks/renewability.csv": "generator,renewals,eer\nunet,0,0.025\nkeyed,0,0.024\nkeyed,1,0.0285\nkeyed,2,0.04\n",
    "protections.csv": (
        "scheme,title,source,bits,eer_normal,eer_normal_low,eer_normal_high,eer_stolen,eer_stolen_low,eer_stolen_high,"
        "d_sys,floor_d_sys,floor_d_sys_high,d_sys_stolen,floor_d_sys_stolen,floor_d_sys_high_stolen\n"
        'real,"F(X), not protected",,320,,,,0.02,0.01,0.03,0.9,0.05,0.07,,,\n'
        "keyed,keyed (ours),,6272,,,,0.024,0.0145,0.0345,0.06,0.05,0.07,0.8,0.05,0.07\n"
        'biohash_64,"BioHash, 64 bits","Jin, Ling and Goh 2004",64,0.004,0.002,0.006,0.05,0.04,0.06,0.04,0.05,0.07,,,\n'
    ),
    "alpha_sweep.csv": "alpha,mse,eer,within_alpha\n0.0,0.4,0.02,0.0\n0.4,0.5,0.03,0.95\n",
    "adaptive.csv": (
        "n,generator,accuracy\n8,embedding,0.5\n8,real,0.4\n8,unet,0.3\n8,veiled,0.2\n8,keyed,0.11\n"
        "90,embedding,0.9\n90,real,0.8\n90,unet,0.7\n90,veiled,0.6\n90,keyed,0.12\n"
    ),
}
"""By the name of the file."""


def rates(eer: float, low: float, high: float) -> dict[str, object]:
    """One comparison of verification.json."""
    rest = {"auc": 0.99, "d_prime": 3.5, "fnmr_at_fmr_1e-2": 0.1, "fnmr_at_fmr_1e-3": 0.3}
    return {"eer": eer, "eer_ci": [low, high], **rest, "n_genuine": 90, "n_impostor": 810}


def finding(value: float) -> dict[str, float]:
    """What an attack found, with a claim that holds up to 0.1."""
    return {
        "value": value,
        "low": max(0.0, value - 0.1),
        "high": value + 0.1,
        "floor": 0.05 + value / 100,
        "limit": 0.1,
        "ceiling": 0.95,
    }


FOUND = {
    "unet": {"none": finding(0.8)},
    "veiled": {"none": finding(0.7)},
    "keyed": {"secret": finding(0.06), "stolen": finding(0.9)},
}
"""What every attack found."""

NUMBERS = {
    "embedder.json": {
        "embedder": "triplet",
        "eer": 0.02,
        "eer_ci": [0.01, 0.03],
        "mean_genuine_d_f": 0.4,
        "mean_impostor_d_f": 2.1,
        "parameters": 5000,
    },
    "distortion/unet.json": {"mse": 0.6, "hamming": 0.7, "d_emb": 0.1},
    "distortion/veiled.json": {"mse": 0.1, "hamming": 0.3, "d_emb": 0.02},
    "distortion/keyed.json": {"mse": 0.2, "hamming": 0.4, "d_emb": 0.03},
    "alpha.json": {"budget": 0.003, "recommended": 0.4},
    "training/unet.json": {"warnings": ["it is pale"], "multiplier": 25.0, "val_within_alpha": 0.953},
    "training/veiled.json": {
        "warnings": [],
        "embedding_d_emb": 0.07,
        "epsilon": 0.4,
        "residual_square": 0.44,
        "loss": 0.1,
    },
    "training/keyed.json": {"warnings": [], "components": 64, "variance": 0.987, "eer": 0.021},
    "cost/unet.json": {"parameters": 1000, "gflop_per_image": 0.5},
    "cost/veiled.json": {"parameters": 2000, "gflop_per_image": 0.7},
    "cost/keyed.json": {"parameters": 2000, "gflop_per_image": 0.2},
    "verification.json": {
        "real_real": {**rates(0.02, 0.01, 0.03), "resampled": "9 subjects, 20 times"},
        "unet": {
            "real_template": rates(0.025, 0.0149, 0.0351),
            "delta_eer": 0.005,
            "within_alpha": 0.95,
            "delta_eer_ci": [0.001, 0.009],
            "template_template": rates(0.04, 0.03, 0.05),
        },
        "veiled": {
            "real_template": rates(0.022, 0.0125, 0.0325),
            "delta_eer": 0.002,
            "within_alpha": 0.85,
            "delta_eer_ci": [-0.001, 0.003],
            "template_template": rates(0.023, 0.013, 0.033),
        },
        "keyed": {
            "real_template": rates(0.024, 0.0145, 0.0345),
            "delta_eer": 0.004,
            "within_alpha": 0.97,
            "delta_eer_ci": [0.0005, 0.006],
            "template_template": rates(0.026, 0.016, 0.036),
        },
    },
    "pca.json": {
        "unet": {"explained_1": 0.5, "explained_2": 0.2, "explained_3": 0.1},
        "veiled": {"explained_1": 0.4, "explained_2": 0.3, "explained_3": 0.1},
        "keyed": {"explained_1": 0.45, "explained_2": 0.2, "explained_3": 0.05},
    },
    **{f"attacks/{name}.json": FOUND for name in attacks.NAMES},
    "recognisability.json": {
        "chance": 0.1,
        "real": {"rank_1": 0.9, "view": "plain"},
        "unet": {"rank_1": 0.8, "view": "negative"},
        "veiled": {"rank_1": 0.12, "view": "edges"},
        "keyed": {"rank_1": 0.11, "view": "plain"},
    },
}
"""By the name of the file."""


def write_results(folder: Path) -> None:
    """Write them all into a folder reports/<modality>, and beside it the times of some stages."""
    timings = folder.parent / "timings" / folder.name
    for file, text in TABLES.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    of_this_machine = {
        "roc.json": {"seconds": 2.5},
        "train_judge.json": {"seconds": 60.0},
        "parts/flows.json": {"compare": 0.25, "decrypt": 0.5, "F": 7.0, "unet": 17.0, "veiled": 11.0, "keyed": 3.0},
        "training/unet.json": {"images_per_second": 9.5, "minutes": 2.5},
        "training/veiled.json": {"images_per_second": 8.5, "minutes": 1.5},
    }
    files = {folder / name: content for name, content in NUMBERS.items()}
    for path, content in (files | {timings / name: content for name, content in of_this_machine.items()}).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
