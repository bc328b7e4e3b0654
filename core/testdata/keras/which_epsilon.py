"""Which RMSprop does this Keras have: ε outside the root or inside it?

Trains one weight for one step with a gradient of exactly 0.1 and ε = 0.01, where the two differ by a factor of
2.5, and prints which formula the step obeyed and what ε the class has by default. Run it under any Keras from
2.2 to 3; README.md lists what it said under the versions that were tried.
"""
import math
import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

VERSION = keras.__version__
if keras.__version__.startswith("2.") and int(keras.__version__.split(".")[1]) >= 4:
    from tensorflow import keras  # from 2.4 on the package is TensorFlow's part, and 2.11 exports other classes there
import numpy as np

LR, RHO, EPSILON, GRADIENT = 1e-3, 0.9, 1e-2, 0.1


def loss(unused, y):
    return GRADIENT * y


def step(optimizer):
    model = keras.models.Sequential([keras.layers.Dense(1, use_bias=False, input_shape=(1,))])
    model.compile(optimizer=optimizer, loss=loss)
    before = float(model.get_weights()[0][0, 0])
    model.train_on_batch(np.ones((1, 1), "float32"), np.zeros((1, 1), "float32"))
    return before - float(model.get_weights()[0][0, 0])


def classes():
    yield "RMSprop", keras.optimizers.RMSprop
    legacy = getattr(keras.optimizers, "legacy", None)
    if hasattr(legacy, "RMSprop"):
        yield "legacy.RMSprop", legacy.RMSprop


def main():
    a = (1 - RHO) * GRADIENT**2
    want = {"outside": LR * GRADIENT / (math.sqrt(a) + EPSILON), "inside": LR * GRADIENT / math.sqrt(a + EPSILON)}
    for name, optimizer in classes():
        try:
            default = optimizer().epsilon
            got = step(optimizer(LR, rho=RHO, epsilon=EPSILON))
        except ImportError:  # Keras 3 keeps the name `legacy` and refuses to construct it
            continue
        place = [k for k, v in want.items() if abs(got - v) < 1e-3 * v]
        print("keras %-7s %-14s epsilon %s the root, default %g" % (VERSION, name, place[0] if place else "NEITHER", default))


main()
