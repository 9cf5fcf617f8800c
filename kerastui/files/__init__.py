"""Reading a model file into a description."""

from .configs import read_configs
from .detect import identify
from .first_glance import Glance, glance
from .guards import open_hdf5, open_inner_hdf5
from .open import open_model

__all__ = [
    "Glance",
    "glance",
    "identify",
    "open_hdf5",
    "open_inner_hdf5",
    "open_model",
    "read_configs",
]
