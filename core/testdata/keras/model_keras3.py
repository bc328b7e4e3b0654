"""The same model in Keras 3 on JAX; see model_keras2.py for how it differs from the book's listing."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from keras import layers, ops

OPTIMIZERS = ["rmsprop-keras3", "adam"]  # this RMSprop has ε inside the root: which_epsilon.py
CLIPS = True  # binary_crossentropy is log(clip(p, 1e-7, 1 − 1e-7))
BACKEND = "jax " + jax.__version__


class Sampling(layers.Layer):
    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, z_mean, z_log_var, eps):
        return z_mean + ops.exp(self.scale * z_log_var) * eps


class VariationalLayer(layers.Layer):
    def __init__(self, objective, **kwargs):
        super().__init__(**kwargs)
        self.objective = objective

    def terms(self, x, z_decoded, z_mean, z_log_var):
        """Reconstruction and KL as they stand in the loss, [batch] each."""
        flat = (-1, 28 * 28)
        xent = keras.losses.binary_crossentropy(ops.reshape(x, flat), ops.reshape(z_decoded, flat))
        if self.objective == "seed":
            return xent, -5e-4 * ops.mean(1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var), axis=-1)
        return 784 * xent, 0.5 * ops.sum(ops.exp(z_log_var) + ops.square(z_mean) - 1 - z_log_var, axis=-1)

    def call(self, x, z_decoded, z_mean, z_log_var):
        xent, kl = self.terms(x, z_decoded, z_mean, z_log_var)
        self.add_loss(ops.mean(xent + kl))
        return z_decoded


class VAE:
    """One compiled model; see make_goldens.py for what is asked of it."""

    def __init__(self, latent, objective):
        keras.backend.clear_session()
        x = layers.Input((28, 28, 1))
        eps = layers.Input((latent,))
        self.outputs = {}

        def named(name, tensor):
            self.outputs[name] = tensor
            return tensor

        h = named("enc/conv1", layers.Conv2D(32, 3, padding="same", activation="relu", name="conv1")(x))
        h = named("enc/conv2", layers.Conv2D(64, 3, padding="same", activation="relu", strides=2, name="conv2")(h))
        h = named("enc/conv3", layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3")(h))
        h = named("enc/conv4", layers.Conv2D(64, 3, padding="same", activation="relu", name="conv4")(h))
        shape = h.shape[1:]
        h = named("enc/dense", layers.Dense(32, activation="relu", name="dense")(layers.Flatten()(h)))
        z_mean = named("enc/z_mean", layers.Dense(latent, name="z_mean")(h))
        z_log_var = named("enc/z_log_var", layers.Dense(latent, name="z_log_var")(h))
        h = named("z", Sampling(1.0 if objective == "seed" else 0.5)(z_mean, z_log_var, eps))
        h = named("dec/dense", layers.Dense(int(np.prod(shape)), activation="relu", name="dec_dense")(h))
        h = layers.Reshape(shape)(h)
        h = layers.Conv2DTranspose(32, 3, padding="same", activation="relu", strides=2, name="deconv")(h)
        h = named("dec/deconv", h)
        p = named("dec/conv", layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="conv")(h))

        self.last = VariationalLayer(objective)
        self.model = keras.Model([x, eps], self.last(x, p, z_mean, z_log_var))
        self.names = sorted(self.outputs)
        self.spy = keras.Model([x, eps], [self.outputs[n] for n in self.names])
        order = ["conv1", "conv2", "conv3", "conv4", "dense", "z_mean", "z_log_var", "dec_dense", "deconv", "conv"]
        self.parameters = [w for name in order for w in self.model.get_layer(name).weights]

    def set_weights(self, arrays):
        for variable, a in zip(self.parameters, arrays):
            variable.assign(a)

    def get_weights(self):
        return [np.asarray(variable) for variable in self.parameters]

    def compile(self, optimizer, lr):
        made = {"rmsprop-keras3": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam}[optimizer](lr)
        self.model.compile(optimizer=made)

    def step(self, x, eps):
        return float(self.model.train_on_batch([x, eps]))

    def forward(self, x, eps):
        """{layer: output}, reconstruction term, KL term (means over the batch, as they stand in the loss)."""
        got = dict(zip(self.names, self.spy([x, eps])))
        xent, kl = self.last.terms(x, got["dec/conv"], got["enc/z_mean"], got["enc/z_log_var"])
        return {n: np.asarray(a) for n, a in got.items()}, float(ops.mean(xent)), float(ops.mean(kl))

    def gradients(self, x, eps):
        order = [id(v) for v in self.model.trainable_variables]
        fixed = [v.value for v in self.model.non_trainable_variables]

        def loss(trainable):
            _, _, losses = self.model.stateless_call(trainable, fixed, [x, eps], return_losses=True)
            return sum(losses)

        grads = jax.grad(loss)([v.value for v in self.model.trainable_variables])
        return [np.asarray(grads[order.index(id(v))]) for v in self.parameters]
