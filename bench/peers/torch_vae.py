"""The seed's VAE in PyTorch: images a second in training, forward and decoding, on the CPU.

    python torch_vae.py [--threads 2] [--rounds 5] [--seconds 1] [--check GOLDEN-DIR]

Prints JSON for `make bench`. The model is the seed's to the last pixel: Keras' 'same' padding, its transposed convolution, its BCE
and its RMSprop; --check proves it against the golden values of real Keras before anything is measured.
Any PyTorch from 1.13 on will do; needs nothing else but NumPy, and that for --check only.
"""
import argparse
import json
import math
import os
import re
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    """Channels first inside; images are [n, 1, 28, 28]."""

    def __init__(self, latent=2):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, stride=2)  # padded by hand: Keras pads 0 before and 1 after
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 64, 3, padding=1)
        self.dense = nn.Linear(12544, 32)
        self.z_mean = nn.Linear(32, latent)
        self.z_log_var = nn.Linear(32, latent)
        self.dec_dense = nn.Linear(latent, 12544)
        self.deconv = nn.ConvTranspose2d(64, 32, 3, stride=2)  # cut by hand: see decode
        self.conv = nn.Conv2d(32, 1, 3, padding=1)

    def encode(self, x):
        h = F.relu(self.conv1(x))
        h = F.relu(self.conv2(F.pad(h, (0, 1, 0, 1))))
        h = F.relu(self.conv3(h))
        h = F.relu(self.conv4(h))
        # Features stay channels first: the order in which a dense layer reads them is a permutation of its rows.
        h = F.relu(self.dense(h.flatten(1)))
        return self.z_mean(h), self.z_log_var(h)

    def decode(self, z):
        """Logits [n, 1, 28, 28]."""
        h = F.relu(self.dec_dense(z)).view(-1, 64, 14, 14)
        # Unpadded it is 29 wide, y[2j] = x[j]·w0 + x[j−1]·w2, of which Keras keeps the first 28. Padding 1 with
        # output padding 1 would keep the last 28: another model, shifted by a pixel.
        h = F.relu(self.deconv(h)[:, :, :28, :28])
        return self.conv(h)

    def forward(self, x, eps):
        mean, log_var = self.encode(x)
        return self.decode(mean + torch.exp(log_var) * eps), mean, log_var


def seed_loss(x, logits, mean, log_var):
    """The book's loss. From logits, so that PyTorch fuses it; clipped where Keras clips p to [1e-7, 1 − 1e-7]."""
    limit = math.log((1 - 1e-7) / 1e-7)
    reconstruction = F.binary_cross_entropy_with_logits(logits.clamp(-limit, limit), x)
    kl = -5e-4 * (1 + log_var - mean * mean - torch.exp(log_var)).mean()
    return reconstruction + kl


def keras_glorot(model):
    """Uniform within ±√(6/(fan_in + fan_out)), biases 0."""
    for layer in model.children():
        w = layer.weight
        fan = (w.shape[0] + w.shape[1]) * (9 if w.dim() == 4 else 1)
        nn.init.uniform_(w, -math.sqrt(6 / fan), math.sqrt(6 / fan))
        nn.init.zeros_(layer.bias)


def load_keras(model, arrays):
    """Takes kernel, bias, kernel, … in Keras' layouts and the model's order."""
    with torch.no_grad():
        for layer, kernel, bias in zip(model.children(), arrays[::2], arrays[1::2]):
            kernel, bias = torch.from_numpy(kernel), torch.from_numpy(bias)
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                kernel = kernel.permute(3, 2, 0, 1)  # HWIO → OIHW; HWOI → IOHW
            else:
                if layer is model.dense:  # rows from (h, w, c) to (c, h, w)
                    kernel = kernel.view(14, 14, 64, -1).permute(2, 0, 1, 3).reshape(12544, -1)
                if layer is model.dec_dense:
                    kernel = kernel.view(-1, 14, 14, 64).permute(0, 3, 1, 2).reshape(-1, 12544)
                    bias = bias.view(14, 14, 64).permute(2, 0, 1).reshape(-1)
                kernel = kernel.t()
            layer.weight.copy_(kernel)
            layer.bias.copy_(bias)


def check(folder):
    """The largest relative error against real Keras: output, loss and the gradients that are stored whole."""
    import numpy as np

    sys.path.insert(0, folder)
    import formula

    load = lambda name: formula.load(os.path.join(folder, name + ".safetensors.gz"))
    inputs, golden, worst = load("inputs"), load("keras3"), 0.0
    for latent in (2, 16):
        model = VAE(latent)
        load_keras(model, formula.weights(latent))
        for size in (1, 5, 16):
            case = "seed/latent%d/batch%d/" % (latent, size)
            x = torch.from_numpy(inputs["images"][:size].reshape(size, 1, 28, 28) / np.float32(255))
            logits, mean, log_var = model(x, torch.from_numpy(inputs["eps"][:size, :latent].copy()))
            loss = seed_loss(x, logits, mean, log_var)
            model.zero_grad()
            loss.backward()
            store = {}
            formula.put(store, case + "output/dec/conv", torch.sigmoid(logits).detach().numpy())
            formula.put(store, case + "output/enc/z_mean", mean.detach().numpy())
            store[case + "loss"] = np.array([loss.item()])
            store[case + "gradient/enc/conv1/kernel"] = model.conv1.weight.grad.permute(2, 3, 1, 0).numpy()
            store[case + "gradient/enc/conv2/bias"] = model.conv2.bias.grad.numpy()
            store[case + "gradient/dec/deconv/bias"] = model.deconv.bias.grad.numpy()
            store[case + "gradient/dec/conv/kernel"] = model.conv.weight.grad.permute(2, 3, 1, 0).numpy()
            for name, got in store.items():
                want = golden[name].reshape(-1)[: np.size(got)]
                scale = np.linalg.norm(want)
                if name.endswith("#signs"):
                    scale = golden[name[:-6] + "#norm"][0] * math.sqrt(len(want))
                worst = max(worst, float(np.linalg.norm(np.reshape(got, -1) - want) / scale))
    return worst


def blas():
    """Which libraries multiply matrices in this process, by what is mapped into it."""
    try:
        with open("/proc/self/maps") as f:
            names = set(re.findall(r"/(lib[^/\s]*(?:blas|mkl|lapack|blis|dnnl)[^/\s]*)", f.read()))
        names = {n for n in names if "cublas" not in n and "scipy_openblas" not in n}  # the GPU's and NumPy's own
    except OSError:
        names = set()
    if "mkl" in torch.__config__.show().split("BLAS_INFO=")[-1].split(",")[0]:
        names.add("mkl (built in)")
    if torch.backends.mkldnn.is_available():
        names.add("oneDNN (built in)")
    return sorted(names)


def measure(run, images, rounds, seconds):
    """Images a second: statistics over rounds of about that many seconds each, after a warm-up."""
    start = time.perf_counter()
    run()
    run()
    each = (time.perf_counter() - start) / 2
    calls = max(1, int(seconds / each))
    for _ in range(calls // 2):
        run()
    values = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            run()
        values.append(calls * images / (time.perf_counter() - start))
    return {
        "mean": statistics.mean(values),
        "sd": statistics.stdev(values) if rounds > 1 else 0.0,
        "min": min(values),
        "max": max(values),
        "runs": rounds,
        "values": values,
    }


def discs(n):
    """[n, 1, 28, 28]: soft discs of various places and sizes, as the Go benchmark draws them."""
    i = torch.arange(n).view(n, 1, 1)
    y, x = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    distance = torch.hypot(x - 8 - i % 13, y - 8 - i.div(13, rounding_mode="floor") % 13)
    return (1 / (1 + torch.exp(2 * (distance - 2 - i % 5)))).view(n, 1, 28, 28)


def training(model, batch):
    # PyTorch's RMSprop divides by √a + ε, like Keras up to 2.10.
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    x = discs(16 * batch).view(16, batch, 1, 28, 28)
    at = 0

    def step():
        nonlocal at
        at = (at + 1) % len(x)
        optimizer.zero_grad(set_to_none=True)
        logits, mean, log_var = model(x[at], torch.randn(batch, 2))
        seed_loss(x[at], logits, mean, log_var).backward()
        optimizer.step()

    return step


def forward(model, batch):
    x = discs(batch)

    def run():
        with torch.no_grad():
            logits, _, _ = model(x, torch.randn(batch, 2))
            torch.sigmoid(logits)

    return run


def decoding(model, batch):
    z = torch.randn(batch, 2)

    def run():
        with torch.no_grad():
            torch.sigmoid(model.decode(z))

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of a round")
    parser.add_argument("--check", metavar="DIR", help="core/testdata/keras: prove the model first")
    options = parser.parse_args()
    if options.threads < 1 or options.rounds < 1 or options.seconds <= 0:
        parser.error("--threads and --rounds must be at least 1, --seconds above 0")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    report = {"system": "PyTorch", "version": torch.__version__, "threads": options.threads}
    report["load_average"] = os.getloadavg()[0]  # above a fraction of a core the figures mean little: OpenMP's threads wait for each other
    if options.check:
        report["error_against_keras"] = check(options.check)
        if not report["error_against_keras"] < 1e-4:
            sys.exit("torch_vae.py: not the same model as in %s: off by %g" % (options.check, report["error_against_keras"]))
    results = []
    for name, make, batches in (("train", training, (1, 16, 128)), ("forward", forward, (16, 128)), ("decode", decoding, (1, 128))):
        for batch in batches:
            best = None
            for layout in (torch.contiguous_format, torch.channels_last):  # whichever is faster on this machine is PyTorch's figure
                model = VAE()
                keras_glorot(model)
                model.to(memory_format=layout)
                rate = measure(make(model, batch), batch, options.rounds, options.seconds)
                if best is None or rate["mean"] > best["images_per_s"]["mean"]:
                    short = "channels last" if layout == torch.channels_last else "channels first"
                    best = {"name": name, "batch": batch, "layout": short, "images_per_s": rate}
            results.append(best)
    report["blas"] = blas()
    report["cpu_capability"] = torch.backends.cpu.get_cpu_capability() if hasattr(torch.backends, "cpu") else "unknown"
    for key in ("train", "forward", "decode"):
        report[key + "_images_per_s"] = {str(r["batch"]): r["images_per_s"]["mean"] for r in results if r["name"] == key}
    report["results"] = results
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
