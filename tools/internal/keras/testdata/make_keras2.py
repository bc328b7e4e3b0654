"""Fixtures by real Keras 2, written as the book's listing is; run by hand.

    pip install -r ../../../../core/testdata/keras/requirements-keras2.txt     (Python 3.8)
    python make_keras2.py          writes keras2.weights.h5 (save_weights) and keras2.h5 (save)
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras import backend as K
from keras import layers
from keras.models import Model

from weights import DECODER, ENCODER, HIDDEN, LATENT, weights

HERE = os.path.dirname(os.path.abspath(__file__))


def sampling(heads):
    mean, log_var = heads
    return mean + K.exp(log_var) * K.random_normal(K.shape(mean))


def main():
    x = keras.Input(shape=(28, 28, 1))
    h = x
    for channels, strides in zip(ENCODER, (1, 2, 1, 1)):
        h = layers.Conv2D(channels, 3, padding="same", activation="relu", strides=(strides, strides))(h)
    h = layers.Dense(HIDDEN, activation="relu")(layers.Flatten()(h))
    z_mean, z_log_var = layers.Dense(LATENT)(h), layers.Dense(LATENT)(h)
    z = layers.Lambda(sampling)([z_mean, z_log_var])
    decoder_input = layers.Input(K.int_shape(z)[1:])
    h = layers.Dense(14 * 14 * ENCODER[3], activation="relu")(decoder_input)
    h = layers.Reshape((14, 14, ENCODER[3]))(h)
    h = layers.Conv2DTranspose(DECODER, 3, padding="same", activation="relu", strides=(2, 2))(h)
    h = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(h)
    decoder = Model(decoder_input, h)
    vae = Model(x, decoder(z))
    vae.compile("rmsprop", "mse")
    vae.fit(np.zeros((2, 28, 28, 1)), np.zeros((2, 28, 28, 1)), verbose=0)
    vae.set_weights(list(weights().values()))
    vae.save_weights(os.path.join(HERE, "keras2.weights.h5"))
    vae.save(os.path.join(HERE, "keras2.h5"))


main()
