"""Figures of the reports. They only draw: all numbers are arguments."""

import matplotlib as mpl

mpl.use("Agg")
mpl.rcParams.update(
    {
        "figure.dpi": 110,
        "savefig.bbox": "tight",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "text.parse_math": False,  # a class may be called $\frac$
    }
)

REAL, TEMPLATE, SPREAD = "#1f77b4", "#d62728", "#7f7f7f"
"""Blue for real images, red for distorted ones, as in the paper's Fig. 13."""
