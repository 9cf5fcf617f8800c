"""What a model is: `Model`, `Layer`, `Weight`, `Compile`. Standard library only."""

from .compile import Compile, FunctionName, OutputCompile
from .layer import Kind, Layer, Shape, Weight
from .model import Box, FileIdentity, Format, Model, Parameters
from .source import ArraySource
from .text import safe_text

__all__ = [
    "ArraySource",
    "Box",
    "Compile",
    "FileIdentity",
    "Format",
    "FunctionName",
    "Kind",
    "Layer",
    "Model",
    "OutputCompile",
    "Parameters",
    "Shape",
    "Weight",
    "safe_text",
]
