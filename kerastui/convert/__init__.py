"""From one era's model file to another's, without Keras and without running the model's code.

A file is read into its description; its configuration is translated into Keras 3's dialect by
rules in data, from there into tf_keras's if that is asked for; weights are copied in slices.
What has no counterpart is named.
"""

from .convert import Converted as Converted
from .convert import Form as Form
from .convert import WouldLose as WouldLose
from .convert import convert as convert
from .convert import form_for as form_for
