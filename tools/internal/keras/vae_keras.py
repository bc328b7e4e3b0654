# Written by VAE Lab's "tools export --format keras"; the sizes come from the weights, so this file serves every model.
"""VAE Lab's variational autoencoder in Keras 3: images [N, 28, 28, 1] in [0, 1].

    encoder, decoder = load("digits.weights.h5")
    mean, log_var = encoder(images)
    images = decoder(mean)
"""
import h5py
import keras
from keras import layers


def build(latent=2, hidden=32, encoder=(32, 64, 64, 64), decoder=32):
    """The VAE as one model, images → images, mean, log_var (z is the mean), and its two parts, which share its weights."""
    x = h = layers.Input((28, 28, 1))
    for channels, strides in zip(encoder, (1, 2, 1, 1)):
        h = layers.Conv2D(channels, 3, strides, padding="same", activation="relu")(h)
    h = layers.Dense(hidden, activation="relu")(layers.Flatten()(h))
    mean, log_var = layers.Dense(latent, name="z_mean")(h), layers.Dense(latent, name="z_log_var")(h)
    z = layers.Input((latent,))
    h = layers.Dense(14 * 14 * encoder[3], activation="relu")(z)
    h = layers.Reshape((14, 14, encoder[3]))(h)
    h = layers.Conv2DTranspose(decoder, 3, 2, padding="same", activation="relu")(h)
    part = keras.Model(z, layers.Conv2D(1, 3, padding="same", activation="sigmoid")(h), name="decoder")
    return keras.Model(x, [part(mean), mean, log_var]), keras.Model(x, [mean, log_var], name="encoder"), part


def load(path):
    """Encoder and decoder with the weights of a .weights.h5 file."""
    with h5py.File(path) as f:
        shape = lambda layer: f["layers/" + layer + "/vars/0"].shape
        convs = [shape(n)[-1] for n in ("conv2d", "conv2d_1", "conv2d_2", "conv2d_3")]
        sizes = dict(latent=shape("dense_1")[1], hidden=shape("dense")[1], encoder=convs, decoder=shape("conv2d_transpose")[2])
    vae, encoder, decoder = build(**sizes)
    vae.load_weights(path)
    return encoder, decoder
