"""Golden values of the seed's VAE from real Keras: layer outputs, losses, gradients, trained weights.

    python make_goldens.py inputs DIR-OF-MNIST-IDX-GZ   writes inputs.safetensors.gz  (either environment)
    python make_goldens.py keras2                       writes keras2.safetensors.gz  (requirements-keras2.txt)
    python make_goldens.py keras3                       writes keras3.safetensors.gz  (requirements-keras3.txt)
    python make_goldens.py keras3 float64 FILE          the same in double precision, to FILE (likewise keras2)
    python make_goldens.py compare FILE FILE            prints how far two such files are from each other

README.md says how to make the environments and what each file holds. Everything runs on one thread.
"""
import gzip
import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[variable] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

import formula

HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = 160  # ten steps of batch 16
# (learning rate, steps). Ten steps take a tenth of the seed's rate: at 1e-3 the first steps from these random weights throw
# the loss as far as 1e12, and a rectifier that rounding switches on moves its weights by a full step, so that
# Keras's own float32 is then up to 9e-3 away from its float64.
RUNS = [(1e-3, 1), (1e-4, 10)]
CLIP_BIAS = -16  # case "clip": a last bias that puts the logits around ln(1e-7) = −16.118, where BCE clips


def path(name):
    return os.path.join(HERE, name + ".safetensors.gz")


def make_inputs(folder):
    """The first digits of MNIST's test set as bytes 0 … 255 in F32, and standard normal ε for 16 latent dimensions."""
    with gzip.open(os.path.join(folder, "t10k-images-idx3-ubyte.gz"), "rb") as z:
        raw = z.read(16 + DIGITS * 784)[16:]
    images = np.frombuffer(raw, np.uint8).astype(np.float32).reshape(DIGITS, 784)
    eps = np.random.RandomState(11).standard_normal((DIGITS, 16)).astype(np.float32)
    formula.save(path("inputs"), {"images": images, "eps": eps}, {"about": make_inputs.__doc__})


def batch(inputs, latent, size, step):
    """Images [size, 28, 28, 1] in [0, 1] and ε [size, latent] of a step, counted from 0."""
    rows = slice(step * size, (step + 1) * size)
    x = inputs["images"][rows].reshape(size, 28, 28, 1) / np.float32(255)
    return x, np.ascontiguousarray(inputs["eps"][rows, :latent])


def at_start(store, case, vae, x, eps, latent):
    """Layer outputs, losses and gradients at the given weights."""
    layers, reconstruction, kl = vae.forward(x, eps)
    for name, a in layers.items():
        formula.put(store, case + "/output/" + name, a)
    store[case + "/loss"] = np.array([reconstruction + kl, reconstruction, kl])
    for (name, _), g in zip(formula.names_and_shapes(latent), vae.gradients(x, eps)):
        formula.put(store, case + "/gradient/" + name, g)


def make(which, floatx, target):
    os.environ["JAX_ENABLE_X64"] = str(int(floatx == "float64"))
    if which == "keras2":
        import model_keras2 as backend
    else:
        import model_keras3 as backend
    import keras

    keras.backend.set_floatx(floatx)
    inputs, store = formula.load(path("inputs")), {}
    for latent in (2, 16):
        for objective in ("seed", "elbo"):
            vae = backend.VAE(latent, objective)
            given = formula.weights(latent)
            for size in (1, 5, 16):
                case = "%s/latent%d/batch%d" % (objective, latent, size)
                for optimizer in backend.OPTIMIZERS:
                    for lr, steps in RUNS:
                        vae.compile(optimizer, lr)
                        vae.set_weights(given)
                        if case + "/loss" not in store:
                            at_start(store, case, vae, *batch(inputs, latent, size, 0), latent)
                        run = "%s/%s/step%d/" % (case, optimizer, steps)
                        losses = [vae.step(*batch(inputs, latent, size, k)) for k in range(steps)]
                        store[run + "losses"] = np.array(losses)
                        for (name, _), w in zip(formula.names_and_shapes(latent), vae.get_weights()):
                            formula.put(store, run + name, w)
                print(case, losses[0], losses[-1], flush=True)
            if latent == 2 and backend.CLIPS:
                given[-1] = np.array([CLIP_BIAS], np.float32)
                vae.compile(backend.OPTIMIZERS[0], 1e-3)
                vae.set_weights(given)
                at_start(store, "%s/latent2/clip" % objective, vae, *batch(inputs, latent, 5, 0), latent)
    versions = {"keras": keras.__version__, "backend": backend.BACKEND, "numpy": np.__version__}
    formula.save(target, store, versions)


def compare(one, other):
    """The largest relative difference of each kind of value, norm against norm."""
    two, three = formula.load(one), formula.load(other)
    worst = {}
    for name in sorted(set(two) & set(three)):
        if name.endswith("#norm"):
            continue
        a, b = two[name].astype(float), three[name].astype(float)
        norm = np.linalg.norm(a)
        if name.endswith("#signs"):
            norm = two[name[:-6] + "#norm"][0] * np.sqrt(formula.SIGNS)
        relative = np.linalg.norm(a - b) / max(norm, 1e-30)
        objective, latent, size, rest = name.split("/", 3)
        kind = size.rstrip("0123456789") + " " + "/".join(rest.split("/")[: 2 if "/step" in rest else 1])
        worst[kind] = max(worst.get(kind, (0, "")), (relative, name))
    for kind, (relative, name) in sorted(worst.items()):
        print("%-22s %.1e  %s" % (kind, relative, name))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["inputs"] and len(arguments) == 2:
        make_inputs(arguments[1])
    elif arguments[:1] == ["compare"] and len(arguments) == 3:
        compare(*arguments[1:])
    elif arguments[:1] in (["keras2"], ["keras3"]) and arguments[1:2] == ["float64"] and len(arguments) == 3:
        make(*arguments)
    elif arguments in (["keras2"], ["keras3"]):
        make(arguments[0], "float32", path(arguments[0]))
    else:
        sys.exit(__doc__)
