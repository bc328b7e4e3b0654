"""Writes the fixtures of this folder: python3 make.py (NumPy 2.4.6)."""

import numpy as np

a = np.arange(6, dtype="<f4").reshape(2, 3) / 4 - 0.5
np.save("matrix.npy", a)
np.save("vector.npy", a[0])
np.savez("stored.npz", **{"enc/conv1/kernel": a, "enc/conv1/bias": a[1]})
np.savez_compressed("compressed.npz", **{"enc/conv1/kernel": a, "enc/conv1/bias": a[1]})
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, a, version=(2, 0))

np.save("fortran.npy", np.asfortranarray(a))
np.save("float64.npy", a.astype("<f8"))
np.save("big-endian.npy", a.astype(">f4"))
np.save("int32.npy", a.astype("<i4"))
np.save("scalar.npy", a[0, 0])
np.save("empty.npy", a[:0])
np.save("record.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<f4")]))
np.save("pickle.npy", np.array([None, 1], dtype=object), allow_pickle=True)
