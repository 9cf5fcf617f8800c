"""What a model is: `Model`, `Layer`, `Weight`, `Compile`. Standard library only."""

from .compile import Compile, FunctionName, OutputCompile
from .destination import Consent, Destination, Goal, consent_of
from .layer import Call, Kind, Layer, Reference, Shape, Weight
from .model import Box, FileIdentity, Format, Model, Parameters
from .source import ArraySource, Difference, Drawn
from .structure import NewDense, Structure
from .text import safe_text

__all__ = [
    "ArraySource",
    "Box",
    "Call",
    "Compile",
    "Consent",
    "Destination",
    "Difference",
    "Drawn",
    "FileIdentity",
    "Format",
    "FunctionName",
    "Goal",
    "Kind",
    "Layer",
    "Model",
    "NewDense",
    "OutputCompile",
    "Parameters",
    "Reference",
    "Shape",
    "Structure",
    "Weight",
    "consent_of",
    "safe_text",
]
