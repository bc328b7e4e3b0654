"""Holds what "tools export" and "tools encode" wrote against what this program computes; run by TestExportsInPython:

    VAELAB_PYTHON=PYTHON[:PYTHON…] go test ./tools -run TestExportsInPython -v

Each Python checks what it has packages for. Known good: onnx 1.23.2, onnxruntime 1.32.0, keras 3.15.1 (jax 0.10.2), h5py 3.16.0,
safetensors 0.8.0, numpy 2.4.6, pandas 3.1.1, pyarrow 26.0.1, duckdb 2.0.1, torch 1.13.1.

The folder holds reference.safetensors (x, eps, mean, log_var, and z and images for both objectives, as core computes
them), model.safetensors, and OBJECTIVE/ with the exports.
"""
import importlib
import os
import sys

os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND", "jax")
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np
from safetensors.numpy import load_file

FOLDER = sys.argv[1]
REF = load_file(os.path.join(FOLDER, "reference.safetensors"))
MODEL = load_file(os.path.join(FOLDER, "model.safetensors"))
TOLERANCE = 1e-5  # of the largest value: both sides round to float32 in other orders


def close(what, got, want):
    got = np.asarray(got).reshape(want.shape)
    scale = max(1, np.abs(want).max())
    error = np.abs(got - want).max() / scale
    print("  %-32s %.2g" % (what, error))
    assert error < TOLERANCE, "%s is %.3g away" % (what, error)


def same(what, got, want):
    assert got.dtype == want.dtype and got.shape == want.shape and got.tobytes() == want.tobytes(), what + " has other bits"


def check_onnx(folder, objective):
    import onnx
    import onnxruntime

    x, eps = REF["x"].reshape(-1, 1, 28, 28), REF["eps"]
    sessions = {}
    for part in ("digits.onnx", "digits.encoder.onnx", "digits.decoder.onnx"):
        path = os.path.join(folder, part)
        onnx.checker.check_model(path, full_check=True)
        model = onnx.load(path)
        assert [o.version for o in model.opset_import if o.domain == ""] == [13], "opset"
        sessions[part] = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        if part == "digits.onnx":
            onnx.save(model, os.path.join(folder, "resaved." + part))  # TestExportsInPython imports it again
    images, mean, log_var, z = sessions["digits.onnx"].run(["images", "z_mean", "z_log_var", "z"], {"x": x, "eps": eps})
    close("onnx vae images", images, REF["images_" + objective])
    close("onnx vae z_mean", mean, REF["mean"])
    close("onnx vae z_log_var", log_var, REF["log_var"])
    close("onnx vae z", z, REF["z_" + objective])
    mean, log_var = sessions["digits.encoder.onnx"].run(["z_mean", "z_log_var"], {"x": x})
    close("onnx encoder z_mean", mean, REF["mean"])
    close("onnx encoder z_log_var", log_var, REF["log_var"])
    close("onnx decoder images", sessions["digits.decoder.onnx"].run(None, {"z": REF["z_" + objective]})[0], REF["images_" + objective])
    one = sessions["digits.decoder.onnx"].run(None, {"z": REF["z_" + objective][:1]})[0]
    close("onnx decoder, one image", one, REF["images_" + objective][:1])


def check_torch(folder, objective):
    import torch

    sys.path.insert(0, folder)
    module = importlib.import_module("vae_torch")
    importlib.reload(module)
    sys.path.pop(0)
    vae = module.VAE.load(os.path.join(folder, "digits.safetensors"))
    assert vae.objective == objective, vae.objective
    with torch.no_grad():
        x, eps = torch.from_numpy(REF["x"].reshape(-1, 1, 28, 28)), torch.from_numpy(REF["eps"])
        images, mean, log_var = vae(x, eps)
        close("torch images", images.numpy(), REF["images_" + objective])
        close("torch mean", mean.numpy(), REF["mean"])
        close("torch log_var", log_var.numpy(), REF["log_var"])
        close("torch decode", vae.decode(torch.from_numpy(REF["z_" + objective])).numpy(), REF["images_" + objective])


def check_keras(folder, objective):
    import keras

    assert keras.__version__.startswith("3"), keras.__version__
    sys.path.insert(0, folder)
    module = importlib.import_module("vae_keras")
    sys.path.pop(0)
    encoder, decoder = module.load(os.path.join(folder, "digits.weights.h5"))
    mean, log_var = encoder(REF["x"].reshape(-1, 28, 28, 1))
    close("keras mean", mean, REF["mean"])
    close("keras log_var", log_var, REF["log_var"])
    close("keras images", decoder(REF["z_" + objective]), REF["images_" + objective])
    check_ways_to_build(module, os.path.join(folder, "digits.weights.h5"))


def check_ways_to_build(module, path):
    """load_weights takes the one file for the model in one piece and as a class with two parts, too."""
    import keras
    from keras import layers

    sizes = dict(latent=MODEL["enc/z_mean/bias"].size, hidden=MODEL["enc/dense/bias"].size, decoder=MODEL["dec/deconv/bias"].size)
    sizes["encoder"] = [MODEL["enc/conv%d/bias" % i].size for i in (1, 2, 3, 4)]
    order = ["enc/conv1", "enc/conv2", "enc/conv3", "enc/conv4", "enc/dense", "enc/z_mean", "enc/z_log_var", "dec/dense", "dec/deconv", "dec/conv"]
    want = [MODEL[layer + "/" + part] for layer in order for part in ("kernel", "bias")]

    class Parts(keras.Model):
        def __init__(self, encoder, decoder):
            super().__init__()
            self.encoder, self.decoder = encoder, decoder

        def call(self, x):
            return self.decoder(self.encoder(x)[0])

    _, encoder, decoder = module.build(**sizes)
    parts = Parts(encoder, decoder)
    parts(np.zeros((1, 28, 28, 1), "float32"))
    parts.load_weights(path)
    for got, w in zip(encoder.get_weights() + decoder.get_weights(), want):
        same("weights of a class with parts", got, w)

    x = h = layers.Input((28, 28, 1))
    for channels, strides in zip(sizes["encoder"], (1, 2, 1, 1)):
        h = layers.Conv2D(channels, 3, strides, padding="same", activation="relu")(h)
    h = layers.Dense(sizes["hidden"], activation="relu")(layers.Flatten()(h))
    mean, log_var = layers.Dense(sizes["latent"])(h), layers.Dense(sizes["latent"])(h)
    h = layers.Dense(14 * 14 * sizes["encoder"][3], activation="relu")(layers.Add()([mean, log_var]))
    h = layers.Conv2DTranspose(sizes["decoder"], 3, 2, padding="same", activation="relu")(layers.Reshape((14, 14, sizes["encoder"][3]))(h))
    flat = keras.Model(x, layers.Conv2D(1, 3, padding="same", activation="sigmoid")(h))
    flat.load_weights(path)
    for got, w in zip(flat.get_weights(), want):
        same("weights of a model in one piece", got, w)
    flat.save_weights(os.path.join(os.path.dirname(path), "resaved.digits.weights.h5"))  # imported again, too
    print("  keras load_weights: three ways to build, same bits")


def check_numpy(folder, objective):
    arrays = np.load(os.path.join(folder, "digits.npz"), allow_pickle=False)
    assert sorted(arrays.files) == sorted(MODEL), arrays.files
    for name, want in MODEL.items():
        same(name + " in .npz", arrays[name], want)
    for name, got in load_file(os.path.join(folder, "plain.safetensors")).items():
        same(name + " in safetensors", got, MODEL[name])
    print("  numpy .npz, safetensors: same bits")


def check_tables(folder, objective):
    import pandas

    def check(table, what):
        latent = REF["mean"].shape[1]
        want = ["set", "index", "label"] + ["mean_%d" % i for i in range(latent)] + ["log_var_%d" % i for i in range(latent)]
        assert list(table.columns) == want, list(table.columns)
        close(what + " mean", table[want[3 : 3 + latent]].to_numpy(np.float32)[: len(REF["mean"])], REF["mean"])
        close(what + " log_var", table[want[3 + latent :]].to_numpy(np.float32)[: len(REF["mean"])], REF["log_var"])

    check(pandas.read_csv(os.path.join(folder, "latents.csv")), "pandas csv")
    check(pandas.read_parquet(os.path.join(folder, "latents.parquet")), "pandas parquet")
    import duckdb

    for name in ("latents.csv", "latents.parquet"):
        check(duckdb.sql("select * from '%s' order by index" % os.path.join(folder, name)).df(), "duckdb " + name)


CHECKS = {"numpy": check_numpy, "onnxruntime": check_onnx, "torch": check_torch, "keras": check_keras, "pandas": check_tables}

done = []
for package, check in CHECKS.items():
    try:
        importlib.import_module(package)
    except ImportError:
        continue
    done.append(package)
    for objective in ("seed", "elbo"):
        print(package, objective)
        check(os.path.join(FOLDER, objective), objective)
print("checked with " + ", ".join(done))
