"""The weights in every fixture of tools/internal: an integer formula that the Go tests know too."""
import numpy as np

LATENT, HIDDEN, ENCODER, DECODER = 3, 6, (4, 3, 5, 2), 7
FLAT = 14 * 14 * ENCODER[3]


def weights(latent=LATENT, hidden=HIDDEN, encoder=ENCODER, decoder=DECODER):
    """{name: array} in VAE Lab's names, layouts and order; value i of tensor k is ((1009·k + 31·i) mod 2003 − 1001) / 2048."""
    flat = 14 * 14 * encoder[3]
    layers = [
        ("enc/conv1", (3, 3, 1, encoder[0])),
        ("enc/conv2", (3, 3, encoder[0], encoder[1])),
        ("enc/conv3", (3, 3, encoder[1], encoder[2])),
        ("enc/conv4", (3, 3, encoder[2], encoder[3])),
        ("enc/dense", (flat, hidden)),
        ("enc/z_mean", (hidden, latent)),
        ("enc/z_log_var", (hidden, latent)),
        ("dec/dense", (latent, flat)),
        ("dec/deconv", (3, 3, decoder, encoder[3])),
        ("dec/conv", (3, 3, decoder, 1)),
    ]
    made = {}
    for name, shape in layers:
        bias = shape[2] if name == "dec/deconv" else shape[-1]
        for part, s in (("kernel", shape), ("bias", (bias,))):
            i = np.arange(np.prod(s), dtype=np.int64)
            made[name + "/" + part] = (((1009 * len(made) + 31 * i) % 2003 - 1001) / 2048).astype(np.float32).reshape(s)
    return made
