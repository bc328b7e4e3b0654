"""What the golden values are computed from and how they are stored.

Both sides, Python and the Go test, compute the same weights, bit for bit, from the
integer formula below, so that 550,629 parameters need not be committed; and both
reduce a large tensor to the same sketch, so that 25,088 activations need not be either.
Runs on Python 3.8 with numpy 1.18 (Keras 2) and on Python 3.11 with numpy 2 (Keras 3).
"""
import gzip
import json
import os
import struct

import numpy as np

# Encoder, then decoder: (name, kernel shape). A bias as long as the layer is wide follows each kernel.
# Layouts are Keras': convolutions HWIO, the transposed one HWOI, dense [in, out].
LAYERS = [
    ("enc/conv1", (3, 3, 1, 32)),
    ("enc/conv2", (3, 3, 32, 64)),
    ("enc/conv3", (3, 3, 64, 64)),
    ("enc/conv4", (3, 3, 64, 64)),
    ("enc/dense", (12544, 32)),
    ("enc/z_mean", (32, None)),  # None is the latent size
    ("enc/z_log_var", (32, None)),
    ("dec/dense", (None, 12544)),
    ("dec/deconv", (3, 3, 32, 64)),
    ("dec/conv", (3, 3, 32, 1)),
]

WHOLE = 512  # a tensor of at most so many values is stored whole
SAMPLES = 32  # of a larger one: so many values, evenly strided from the first …
SIGNS = 8  # … and so many sums of all its values with pseudo-random signs


def names_and_shapes(latent):
    """[(tensor name, shape)] in the order of core.Model.Tensors()."""
    out = []
    for name, shape in LAYERS:
        shape = tuple(latent if d is None else d for d in shape)
        width = shape[2] if name == "dec/deconv" else shape[-1]
        out += [(name + "/kernel", shape), (name + "/bias", (width,))]
    return out


def mix(key, n):
    """n uint32 values: murmur3's finaliser over i·0x9E3779B1 + (key+1)·0x85EBCA77 (mod 2³²)."""
    with np.errstate(over="ignore"):
        h = np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32((key + 1) * 0x85EBCA77 & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return h


def limit(name, shape):
    """Half the width of the uniform range: Glorot's for kernels, .05 for biases (0 would hide a lost bias)."""
    if len(shape) == 1:
        return np.float32(0.05)
    taps = 9 if len(shape) == 4 else 1
    return np.float32(np.sqrt(np.float64(6) / (taps * (shape[-2] + shape[-1]))))


def weights(latent):
    """Tensor number k (from 0), element i: limit · (mix(k)[i]>>8 − 2²³)/2²³, one float32 multiplication."""
    out = []
    for k, (name, shape) in enumerate(names_and_shapes(latent)):
        n = int(np.prod(shape))
        u = ((mix(k, n) >> np.uint32(8)).astype(np.float32) - np.float32(1 << 23)) / np.float32(1 << 23)
        out.append((limit(name, shape) * u).astype(np.float32).reshape(shape))
    return out


def put(store, name, tensor):
    """Stores tensor under name: whole where it is small, else as name#samples and name#signs.

    Sign k of element i is bit k of mix(1000)[i]. The root mean square of the differences between two
    tensors' signed sums estimates the norm of their difference (Johnson–Lindenstrauss), so that the test sees
    every element of the tensor, and any two of them exchanged, through eight numbers.
    """
    flat = np.asarray(tensor, dtype=np.float32).reshape(-1)
    if flat.size <= WHOLE:
        store[name] = np.asarray(tensor, dtype=np.float32)
        return
    store[name + "#samples"] = flat[:: flat.size // SAMPLES][:SAMPLES]
    bits = mix(1000, flat.size)
    wide = flat.astype(np.float64)
    store[name + "#signs"] = np.array(
        [np.sum(np.where((bits >> np.uint32(k)) & np.uint32(1), -wide, wide)) for k in range(SIGNS)]
    )
    store[name + "#norm"] = np.array([np.sqrt(np.sum(wide * wide))])


def save(path, store, metadata):
    """Writes a gzipped safetensors file (F32, sorted by name; the same bytes for the same content)."""
    header, body = {"__metadata__": metadata}, b""
    for name in sorted(store):
        a = np.asarray(store[name])
        raw = np.ascontiguousarray(a, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    temporary = path + ".part"
    with open(temporary, "wb") as f:
        with gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
            z.write(struct.pack("<Q", len(text)) + text + body)
        f.flush()
        os.fsync(f.fileno())
    os.replace(temporary, path)


def load(path):
    """{name: array} of a safetensors file of float32 tensors, gzipped or not."""
    with open(path, "rb") as f:
        raw = f.read()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    (n,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + n])
    header.pop("__metadata__", None)
    body = raw[8 + n :]
    for name, v in header.items():
        if v["dtype"] != "F32":
            raise ValueError("%s: tensor %s is %s, want F32" % (path, name, v["dtype"]))
    return {k: np.frombuffer(body[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]) for k, v in header.items()}
