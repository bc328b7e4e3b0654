"""The model in Keras 2.3.1 on TensorFlow 2.2: the last Keras that was a library of its own.

Written like the book's listing (Deep Learning with Python, first edition, §8.4), with two differences: ε is an
input instead of K.random_normal, and the decoder's layers are chained rather than wrapped in a second Model,
so that every layer's output can be asked for. Neither changes a number.
"""
import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import layers
from keras.models import Model

# This RMSprop has ε outside the root: which_epsilon.py. Adam is left out: on TensorFlow 2 this Keras reads the
# step's number t while another operation increments it, so that lr_1 is now that of t = 1, now that of t = 2
# (measured: first steps of 9.1e-4 and of 6.8e-4 from the same state). RMSprop has no t, and repeats bit for bit.
OPTIMIZERS = ["rmsprop"]
# binary_crossentropy on TensorFlow 2 is log(clip(p) + 1e-7): the same within 1e-6 where 0.1 < p < 0.9, but twice the
# probability at the clip. Keras up to 2.2.5, the book's among them, and Keras 3 have log(clip(p)).
CLIPS = False
BACKEND = "tensorflow " + tf.__version__


class VariationalLayer(keras.layers.Layer):
    """The book's CustomVariationalLayer, and the same for nats."""

    def __init__(self, objective, **kwargs):
        super(VariationalLayer, self).__init__(**kwargs)
        self.objective = objective

    def terms(self, x, z_decoded, z_mean, z_log_var):
        if self.objective == "seed":
            xent = keras.metrics.binary_crossentropy(K.flatten(x), K.flatten(z_decoded))
            kl = -5e-4 * K.mean(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
            return xent, kl
        xent = K.sum(K.binary_crossentropy(K.batch_flatten(x), K.batch_flatten(z_decoded)), axis=-1)
        kl = 0.5 * K.sum(K.exp(z_log_var) + K.square(z_mean) - 1 - z_log_var, axis=-1)
        return xent, kl

    def call(self, inputs):
        xent, kl = self.terms(*inputs)
        self.add_loss(K.mean(xent + kl), inputs=inputs)
        return inputs[1]

    def compute_output_shape(self, shapes):
        return shapes[1]


class VAE:
    """One compiled model; see make_goldens.py for what is asked of it."""

    def __init__(self, latent, objective):
        K.clear_session()
        x = layers.Input((28, 28, 1))
        eps = layers.Input((latent,))
        scale = 1.0 if objective == "seed" else 0.5
        self.outputs = {}

        def named(name, tensor):
            self.outputs[name] = tensor
            return tensor

        h = named("enc/conv1", layers.Conv2D(32, 3, padding="same", activation="relu", name="conv1")(x))
        h = named("enc/conv2", layers.Conv2D(64, 3, padding="same", activation="relu", strides=(2, 2), name="conv2")(h))
        h = named("enc/conv3", layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3")(h))
        h = named("enc/conv4", layers.Conv2D(64, 3, padding="same", activation="relu", name="conv4")(h))
        shape = K.int_shape(h)
        h = named("enc/dense", layers.Dense(32, activation="relu", name="dense")(layers.Flatten()(h)))
        z_mean = named("enc/z_mean", layers.Dense(latent, name="z_mean")(h))
        z_log_var = named("enc/z_log_var", layers.Dense(latent, name="z_log_var")(h))
        z = layers.Lambda(lambda a: a[0] + K.exp(scale * a[1]) * a[2])([z_mean, z_log_var, eps])
        h = named("z", z)
        h = named("dec/dense", layers.Dense(int(np.prod(shape[1:])), activation="relu", name="dec_dense")(h))
        h = layers.Reshape(shape[1:])(h)
        h = layers.Conv2DTranspose(32, 3, padding="same", activation="relu", strides=(2, 2), name="deconv")(h)
        h = named("dec/deconv", h)
        p = named("dec/conv", layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="conv")(h))

        last = VariationalLayer(objective)
        self.model = Model([x, eps], last([x, p, z_mean, z_log_var]))
        self.inputs = [x, eps]
        self.terms = [K.mean(t) for t in last.terms(x, p, z_mean, z_log_var)]
        order = ["conv1", "conv2", "conv3", "conv4", "dense", "z_mean", "z_log_var", "dec_dense", "deconv", "conv"]
        self.parameters = [w for name in order for w in self.model.get_layer(name).weights]

    def set_weights(self, arrays):
        K.batch_set_value(list(zip(self.parameters, arrays)))

    def get_weights(self):
        return K.batch_get_value(self.parameters)

    def compile(self, optimizer, lr):
        assert optimizer == "rmsprop"
        self.model.compile(optimizer=keras.optimizers.RMSprop(lr=lr), loss=None)

    def step(self, x, eps):
        return float(self.model.train_on_batch([x, eps], None))

    def forward(self, x, eps):
        """{layer: output}, reconstruction term, KL term (means over the batch, as they stand in the loss)."""
        names = sorted(self.outputs)
        got = K.function(self.inputs, [self.outputs[n] for n in names] + self.terms)([x, eps])
        return dict(zip(names, got)), float(got[-2]), float(got[-1])

    def gradients(self, x, eps):
        grads = K.gradients(self.model.total_loss, self.parameters)
        return K.function(self.inputs, grads)([x, eps])
