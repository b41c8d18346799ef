"""What Python code calls: one function for each command, and results that show themselves.

`import cnncost` imports only what `profile` needs; the other functions come from their files when
they are first used.
"""

from cnncost.api.profiles import Profile, profile
from cnncost.api.results import Shown

__all__ = ["Profile", "Shown", "profile"]
