"""Fixtures by real Keras 3 and h5py; run by hand.

    pip install keras==3.15.1 jax==0.10.2 h5py==3.16.0 numpy==2.4.6
    python make_keras3.py

writes book.weights.h5, parts.weights.h5, flat.keras, legacy.h5 (good files) and bad.zip, beside this script.
"""
import io
import os
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "jax"

import h5py
import keras
import numpy as np
from keras import layers, ops

from weights import DECODER, ENCODER, HIDDEN, LATENT, weights

HERE = os.path.dirname(os.path.abspath(__file__))


@keras.saving.register_keras_serializable()
class Sampling(layers.Layer):
    def call(self, heads):
        mean, log_var = heads
        return mean + ops.exp(log_var)  # ε = 1: this model is only saved


def encoder(x, swap=False, stride=2, log_var_name="z_log_var"):
    h = x
    for channels, strides in zip(ENCODER, (1, stride, 1, 1) if stride == 2 else (2, 1, 1, 1)):
        h = layers.Conv2D(channels, 3, padding="same", activation="relu", strides=strides)(h)
    h = layers.Dense(HIDDEN, activation="relu")(layers.Flatten()(h))
    if swap:  # the heads the other way round, known by their names alone
        log_var = layers.Dense(LATENT, name=log_var_name)(h)
        return layers.Dense(LATENT, name="z_mean")(h), log_var
    return layers.Dense(LATENT, name="z_mean")(h), layers.Dense(LATENT, name=log_var_name)(h)


def decoder(z, extra=None):
    h = layers.Dense(14 * 14 * ENCODER[3], activation="relu")(z)
    h = layers.Reshape((14, 14, ENCODER[3]))(h)
    h = layers.Conv2DTranspose(DECODER, 3, padding="same", activation="relu", strides=2)(h)
    if extra:
        h = extra(h)
    return layers.Conv2D(1, 3, padding="same", activation="sigmoid")(h)


def fill(parts):
    """Assigns the formula's weights to the layers of the models in parts, encoder first."""
    values = weights()
    order = ["enc/conv1", "enc/conv2", "enc/conv3", "enc/conv4", "enc/dense", "enc/z_mean", "enc/z_log_var", "dec/dense", "dec/deconv", "dec/conv"]
    found = [l for part in parts for l in part.layers if l.weights and not hasattr(l, "layers")]
    heads = {l.name: l for l in found}
    convs = [l for l in found if type(l) is layers.Conv2D]
    denses = [l for l in found if type(l) is layers.Dense and l.name not in ("z_mean", "z_log_var")]
    deconv = [l for l in found if type(l) is layers.Conv2DTranspose]
    ours = convs[:4] + [denses[0], heads["z_mean"], heads["z_log_var"], denses[1], deconv[0], convs[-1]]
    for name, layer in zip(order, ours):
        layer.set_weights([values[name + "/kernel"], values[name + "/bias"]])


def flat(**kw):
    keras.backend.clear_session()
    x = layers.Input((28, 28, 1))
    extra = kw.pop("extra", None)
    model = keras.Model(x, decoder(Sampling()(list(encoder(x, **kw))), extra))
    fill([model])
    return model


def book():
    keras.backend.clear_session()
    x, z = layers.Input((28, 28, 1)), layers.Input((LATENT,))
    heads = encoder(x)
    part = keras.Model(z, decoder(z), name="decoder")
    model = keras.Model(x, part(Sampling()(list(heads))))
    model.compile("adam", "mse")
    model.fit(np.zeros((2, 28, 28, 1)), np.zeros((2, 28, 28, 1)), verbose=0)  # so that there is an optimiser's state
    fill([model, part])
    return model


class Parts(keras.Model):
    """As in the Keras site's example: encoder and decoder as attributes, and a metric."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.seed_generator = keras.random.SeedGenerator(1)

    def call(self, x):
        return self.decoder(self.encoder(x)[0])


def parts():
    keras.backend.clear_session()
    x, z = layers.Input((28, 28, 1)), layers.Input((LATENT,))
    enc, dec = keras.Model(x, list(encoder(x)), name="encoder"), keras.Model(z, decoder(z), name="decoder")
    model = Parts(enc, dec)
    model(np.zeros((1, 28, 28, 1)))
    fill([enc, dec])
    return model


def weights_file(model):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "m.weights.h5")
        model.save_weights(path)
        with open(path, "rb") as f:
            return f.read()


def edited(content, edit, **kw):
    """The file rewritten by h5py, dataset for dataset; edit(out, path, array) writes one."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "m.h5")
        with h5py.File(io.BytesIO(content)) as src, h5py.File(path, "w", **kw) as out:
            found = []
            src.visititems(lambda p, o: found.append((p, o[...])) if isinstance(o, h5py.Dataset) else None)
            for p, array in found:
                edit(out, p, array)
        with open(path, "rb") as f:
            return f.read()


def bad():
    good = weights_file(flat())
    one = "layers/conv2d_2/vars/0"

    def only(path, write):
        return lambda out, p, a: write(out, p, a) if p == path else out.create_dataset(p, data=a)

    files = {
        "half.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a.astype("<f2")))),
        "double.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a.astype("<f8")))),
        "bigendian.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a.astype(">f4")))),
        "gzip.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a, compression="gzip"))),
        "chunked.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a, chunks=(1, 1, 1, 1)))),
        "latest.h5": edited(good, lambda o, p, a: o.create_dataset(p, data=a), libver="latest"),
        "userblock.h5": edited(good, lambda o, p, a: o.create_dataset(p, data=a), userblock_size=512),
        "missing.h5": edited(good, only("layers/dense_2/vars/1", lambda o, p, a: None)),
        "transposed.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a.transpose(3, 2, 0, 1)))),
        "nan.h5": edited(good, only(one, lambda o, p, a: o.create_dataset(p, data=a * np.float32("nan")))),
        "normalised.h5": weights_file(flat(extra=layers.BatchNormalization())),
        "deeper.h5": weights_file(flat(extra=layers.Conv2D(DECODER, 3, padding="same", activation="relu"))),
        "encoder.h5": weights_file(parts().encoder),
        "foreign.h5": edited(good, lambda o, p, a: o.create_dataset("measurements/" + p.replace("/", "_"), data=a)),
        "swapped.h5": weights_file(flat(swap=True)),  # a good one: z_log_var comes first and says so
        "unnamed.h5": edited(good, lambda o, p, a: o.create_dataset(p, data=a)),  # a good one: without names
        "compact.h5": edited(good, lambda o, p, a: compact(o, p, a)),  # a good one: values in the headers
    }
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "m.keras")
        flat(stride=1).save(path)  # the same shapes, but the first convolution strides
        with open(path, "rb") as f:
            files["stride.keras"] = f.read()
    return files


def compact(out, path, a):
    if a.nbytes > 2000:
        return out.create_dataset(path, data=a)
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    group = out.require_group(os.path.dirname(path))
    space = h5py.h5s.create_simple(a.shape)
    dataset = h5py.h5d.create(group.id, os.path.basename(path).encode(), h5py.h5t.IEEE_F32LE, space, plist)
    h5py.Dataset(dataset)[...] = a


def main():
    with open(os.path.join(HERE, "book.weights.h5"), "wb") as f:
        f.write(weights_file(book()))
    with open(os.path.join(HERE, "parts.weights.h5"), "wb") as f:
        f.write(weights_file(parts()))
    flat().save(os.path.join(HERE, "flat.keras"))
    book().save(os.path.join(HERE, "legacy.h5"))
    with zipfile.ZipFile(os.path.join(HERE, "bad.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, content in bad().items():
            z.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


main()
