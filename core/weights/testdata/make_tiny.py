"""Makes tiny.safetensors with the Python package, to test the Go reader against it.

Made with safetensors 0.8.0 and numpy 2.4.6:  python make_tiny.py
"""

import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "enc/conv1/kernel": (np.arange(18, dtype=np.float32) / 8 - 1).reshape(3, 3, 1, 2),
        "enc/conv1/bias": np.array([-0.0, 3.4028235e38], dtype=np.float32),
        "scalar": np.array(1e-45, dtype=np.float32),
        "empty": np.zeros((0, 3), dtype=np.float32),
        'name "quoted" \\ é 😀': np.array([[1, 2, 3]], dtype=np.float32),
    },
    "tiny.safetensors",
    metadata={"vaelab.config": '{"latent":2}', "control": "tab\tline\nbell\x07", "emoji 😀": "naïve"},
)
save_file({"half": np.ones(2, np.float16), "whole": np.ones(2, np.float32), "count": np.ones(1, np.int64)}, "mixed.safetensors")
