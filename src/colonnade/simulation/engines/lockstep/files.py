"""Where compiled kernels are."""

import sys

FOLDER = "kernels"  # beside the folder of the mechanisms
MANIFEST = "kernels.json"
LIBRARY = "lockstep.dylib" if sys.platform == "darwin" else "lockstep.so"
