"""Training curves of real Keras, to lay beside ours: the same digits, the same initial weights, the same settings.

    python parity.py --data DIR --out curves.json [--init weights.safetensors] [--backend keras2|keras3]
                     [--objective seed|elbo] [--optimizer rmsprop|rmsprop-keras3|adam] [--latent 2] [--lr 1e-3]
                     [--train 10000] [--validation 10000] [--epochs 10] [--batch 16] [--seeds 1 2 3]

DIR holds MNIST's four IDX .gz files. --init takes a model that `tools` or core.SaveModel wrote, and every run starts from it;
without it each run starts from Keras' own Glorot-uniform draw. A seed decides the shuffles and ε, which is
drawn anew for every image and epoch, in validation too. Keras 2 has RMSprop with ε outside the root only, Keras 3 that with ε
inside and Adam: see README.md. Each run is in the file as soon as it is done.
"""
import argparse
import gzip
import json
import os
import struct
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

import formula


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", required=True, metavar="DIR")
    p.add_argument("--out", required=True, metavar="FILE")
    p.add_argument("--init", metavar="FILE")
    p.add_argument("--backend", choices=["keras2", "keras3"], default="keras3")
    p.add_argument("--objective", choices=["seed", "elbo"], default="seed")
    p.add_argument("--optimizer")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--latent", type=int, default=2)
    p.add_argument("--train", type=int, default=10000)
    p.add_argument("--validation", type=int, default=10000)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    return p.parse_args()


def images(folder, name, n):
    """The first n images of an IDX file, [n, 28, 28, 1] in [0, 1]."""
    path = os.path.join(folder, name)
    with gzip.open(path, "rb") as z:
        magic, count, height, width = struct.unpack(">4I", z.read(16))
        if (magic, height, width) != (2051, 28, 28) or n > count:
            sys.exit("parity.py: %s: want an IDX file of at least %d images of 28×28" % (path, n))
        raw = z.read(n * 784)
    return (np.frombuffer(raw, np.uint8).astype(np.float32) / np.float32(255)).reshape(n, 28, 28, 1)


def initial(path, latent):
    """The weights of a safetensors file, in the model's order."""
    stored, out = formula.load(path), []
    for name, shape in formula.names_and_shapes(latent):
        if name not in stored or stored[name].shape != shape:
            have = stored[name].shape if name in stored else "missing"
            sys.exit("parity.py: %s: tensor %s is %s, want %s" % (path, name, have, shape))
        out.append(stored[name])
    return out


def number(x):
    """JSON has no NaN: a diverged loss is null."""
    return float(x) if np.isfinite(x) else None


def run(backend, options, optimizer, train, validation, seed):
    """One training run: {seed, loss and val_loss by epoch, seconds}."""
    import keras

    np.random.seed(seed)
    if options.backend == "keras3":
        keras.utils.set_random_seed(seed)
    vae = backend.VAE(options.latent, options.objective)
    vae.compile(optimizer, options.lr)
    if options.init:
        vae.set_weights(initial(options.init, options.latent))
    noise = np.random.RandomState(seed)
    curve = {"seed": seed, "loss": [], "val_loss": []}
    start = time.time()

    def eps(n):
        return noise.standard_normal((n, options.latent)).astype(np.float32)

    for epoch in range(options.epochs):
        # fit shuffles images and ε together; a call an epoch keeps the optimiser's state and lets ε be new in each.
        history = vae.model.fit(
            [train, eps(len(train))], batch_size=options.batch, epochs=1, shuffle=True, verbose=0
        )
        value = vae.model.evaluate([validation, eps(len(validation))], batch_size=100, verbose=0)
        curve["loss"].append(number(history.history["loss"][0]))
        curve["val_loss"].append(number(value))
        print("seed %d epoch %d loss %s val_loss %s" % (seed, epoch + 1, curve["loss"][-1], curve["val_loss"][-1]), flush=True)
    curve["seconds"] = round(time.time() - start, 1)
    return curve


def write(path, report):
    with open(path + ".part", "w") as f:
        json.dump(report, f, indent=1)
        f.write("\n")
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".part", path)


def main():
    options = arguments()
    if options.backend == "keras2":
        import model_keras2 as backend
    else:
        import model_keras3 as backend
    import keras

    optimizer = options.optimizer or backend.OPTIMIZERS[0]
    if optimizer not in backend.OPTIMIZERS:
        sys.exit("parity.py: --optimizer %s: this Keras has %s" % (optimizer, ", ".join(backend.OPTIMIZERS)))
    train = images(options.data, "train-images-idx3-ubyte.gz", options.train)
    validation = images(options.data, "t10k-images-idx3-ubyte.gz", options.validation)
    report = {
        "keras": keras.__version__,
        "backend": backend.BACKEND,
        "optimizer": optimizer,
        "init": os.path.basename(options.init) if options.init else None,
    }
    report.update({k: getattr(options, k) for k in ("objective", "lr", "latent", "train", "validation", "epochs", "batch")})
    report["runs"] = []
    for seed in options.seeds:
        report["runs"].append(run(backend, options, optimizer, train, validation, seed))
        write(options.out, report)


if __name__ == "__main__":
    main()
