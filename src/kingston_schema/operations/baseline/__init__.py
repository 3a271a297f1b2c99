"""Performance baselines: the portal's queries measured on this database, kept, and compared with.

A comparison fails only beyond the tolerance *and* beyond the noise, which is measured by repeating the same query
against itself (design section 5); plan shape and buffers, which do not depend on the machine's mood, stand beside.
"""

from .comparing import compare
from .items import Baseline, home, listing
from .judging import SLOW
from .measuring import RUNS, measure
from .recording import record

__all__ = ["RUNS", "SLOW", "Baseline", "compare", "home", "listing", "measure", "record"]
