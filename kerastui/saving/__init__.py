"""Edits applied to a copy of a model file, verified, and put in its place in one step."""

from .foresee import plan_save
from .plan import SavePlan
from .save import Saved, save
from .slots import SlotReport

__all__ = ["SavePlan", "Saved", "SlotReport", "plan_save", "save"]
