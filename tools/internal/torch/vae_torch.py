# Written by VAE Lab's "tools export --format torch"; the sizes come from the weights, so this file serves every model.
"""VAE Lab's variational autoencoder in PyTorch: images [N, 1, 28, 28] in [0, 1].

    vae = VAE.load("digits.safetensors")
    mean, log_var = vae.encode(images)
    images = vae.decode(vae.sample(mean, log_var, torch.randn_like(mean)))
"""
import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, latent=2, hidden=32, encoder=(32, 64, 64, 64), decoder=32, objective="elbo"):
        super().__init__()
        c = (1,) + tuple(encoder)
        self.objective, self.shape = objective, (c[4], 14, 14)
        self.conv1 = nn.Conv2d(c[0], c[1], 3, padding=1)
        self.conv2 = nn.Conv2d(c[1], c[2], 3, stride=2)
        self.conv3 = nn.Conv2d(c[2], c[3], 3, padding=1)
        self.conv4 = nn.Conv2d(c[3], c[4], 3, padding=1)
        self.dense = nn.Linear(c[4] * 14 * 14, hidden)
        self.z_mean = nn.Linear(hidden, latent)
        self.z_log_var = nn.Linear(hidden, latent)
        self.dec_dense = nn.Linear(latent, c[4] * 14 * 14)
        self.deconv = nn.ConvTranspose2d(c[4], decoder, 3, stride=2)
        self.dec_conv = nn.Conv2d(decoder, 1, 3, padding=1)

    @classmethod
    def load(cls, path):
        """A model in eval mode from the state dict that was exported together with this file."""
        with safe_open(path, "pt") as f:
            state, meta = {k: f.get_tensor(k) for k in f.keys()}, f.metadata() or {}
        model = cls(
            latent=state["z_mean.weight"].shape[0],
            hidden=state["dense.weight"].shape[0],
            encoder=[state["conv%d.weight" % i].shape[0] for i in (1, 2, 3, 4)],
            decoder=state["deconv.weight"].shape[1],
            objective=meta.get("objective", "elbo"),
        )
        model.load_state_dict(state)
        return model.eval()

    def encode(self, x):
        """The posterior's means and log-variances, [N, latent] each."""
        h = F.relu(self.conv1(x))
        h = F.relu(self.conv2(F.pad(h, (0, 1, 0, 1))))  # "same" pads after the last row and column only
        h = F.relu(self.conv4(F.relu(self.conv3(h))))
        h = F.relu(self.dense(h.flatten(1)))
        return self.z_mean(h), self.z_log_var(h)

    def sample(self, mean, log_var, eps):
        """z for standard normal eps, by the rule that the model was trained with: the book's ("seed") or the ELBO's."""
        return mean + torch.exp(log_var if self.objective == "seed" else 0.5 * log_var) * eps

    def decode(self, z):
        """Images for latent points [N, latent]."""
        h = F.relu(self.dec_dense(z)).unflatten(1, self.shape)
        h = F.relu(self.deconv(h)[:, :, :-1, :-1])  # not padding=1, output_padding=1: that is shifted by one pixel
        return torch.sigmoid(self.dec_conv(h))

    def forward(self, x, eps):
        mean, log_var = self.encode(x)
        return self.decode(self.sample(mean, log_var, eps)), mean, log_var
