"""A state dict that real PyTorch has saved; run by hand.

    PyTorch 1.13.1, safetensors 0.8.0:  python make.py      writes torch.safetensors beside this script
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "..", "keras", "testdata")]

import numpy as np
import torch
from safetensors.torch import save_file

from vae_torch import VAE
from weights import DECODER, ENCODER, FLAT, HIDDEN, LATENT, weights

C = ENCODER[3]
w = weights()
vae = VAE(LATENT, HIDDEN, ENCODER, DECODER)


def put(module, name):
    kernel, bias = w[name + "/kernel"], w[name + "/bias"]
    if name == "enc/dense":  # its inputs by channel, row, column instead of row, column, channel
        kernel = kernel.reshape(14, 14, C, HIDDEN).transpose(2, 0, 1, 3).reshape(FLAT, HIDDEN)
    if name == "dec/dense":
        kernel = kernel.reshape(LATENT, 14, 14, C).transpose(0, 3, 1, 2).reshape(LATENT, FLAT)
        bias = bias.reshape(14, 14, C).transpose(2, 0, 1).ravel()
    kernel = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
    module.weight.data = torch.from_numpy(np.ascontiguousarray(kernel))
    module.bias.data = torch.from_numpy(np.ascontiguousarray(bias))


for name, module in {
    "enc/conv1": vae.conv1, "enc/conv2": vae.conv2, "enc/conv3": vae.conv3, "enc/conv4": vae.conv4, "enc/dense": vae.dense,
    "enc/z_mean": vae.z_mean, "enc/z_log_var": vae.z_log_var, "dec/dense": vae.dec_dense, "dec/deconv": vae.deconv, "dec/conv": vae.dec_conv,
}.items():
    put(module, name)
save_file(vae.state_dict(), os.path.join(HERE, "torch.safetensors"))
